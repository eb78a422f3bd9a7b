/** What the unfinished messages of a server's channels take together, and which of them gives way. */

import { ChannelError } from "../errors.ts";

/** A channel that may hold an unfinished message. */
export interface Holder {
  /** The peer's address, if it is known. */
  readonly address: string | undefined;
  /** Ends the channel, and with it what it holds. */
  giveWay(error: ChannelError): void;
}

/** Counts bytes, and has channels give way when there are too many. */
export class UnfinishedMessages {
  readonly #most: number;
  /** In the order in which the messages began. */
  readonly #held: Map<Holder, number> = new Map();
  #total = 0;

  /** Lets all of them take up to `most` bytes. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Notes how many bytes the unfinished message of a channel takes by now; 0 when it is whole, or gone. */
  note(holder: Holder, bytes: number): void {
    this.#total += bytes - (this.#held.get(holder) ?? 0);
    if (bytes === 0) this.#held.delete(holder);
    else this.#held.set(holder, bytes);
    while (this.#total > this.#most) this.#makeRoom();
  }

  #makeRoom(): void {
    const holder = this.#oldestOfLargest();
    this.note(holder, 0);
    const error = new ChannelError(
      "limit",
      `an unfinished message gave way, since those of all channels take more than ${this.#most} bytes`,
    );
    holder.giveWay(error);
  }

  /** The message that began first among those from the address that holds most, so that nobody displaces others. */
  #oldestOfLargest(): Holder {
    const sums = new Map<string | undefined, number>();
    for (const [{ address }, bytes] of this.#held) sums.set(address, (sums.get(address) ?? 0) + bytes);
    let largest = 0;
    for (const sum of sums.values()) largest = Math.max(largest, sum);
    for (const holder of this.#held.keys()) if (sums.get(holder.address) === largest) return holder;
    throw new RangeError("nothing is held");
  }
}
