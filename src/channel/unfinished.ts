/** Limits the memory that unfinished messages of a server's channels take together. */

import { ChannelError } from "../errors.ts";

/** A channel that may hold an unfinished message. */
export interface Holder {
  /** The peer's address as limits count it, if it is known. */
  readonly network: string | undefined;
  /** Ends the channel and frees its memory. */
  giveWay(error: ChannelError): void;
}

/** Counts bytes, and ends channels when there are too many. */
export class UnfinishedMessages {
  readonly #most: number;
  /** In the order in which the messages began. */
  readonly #held: Map<Holder, number> = new Map();
  #total = 0;

  /** Lets all unfinished messages together take up to `most` bytes. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Notes how many bytes the unfinished message of a channel takes now; 0 when it is whole or given up. */
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
      `the channel was ended to free memory: unfinished messages of all channels take more than ${this.#most} bytes`,
    );
    holder.giveWay(error);
  }

  /** Returns the oldest message of the address that holds the most, so that one client cannot displace others' messages. */
  #oldestOfLargest(): Holder {
    const sums = new Map<string | undefined, number>();
    for (const [{ network }, bytes] of this.#held) sums.set(network, (sums.get(network) ?? 0) + bytes);
    let largest = 0;
    for (const sum of sums.values()) largest = Math.max(largest, sum);
    for (const holder of this.#held.keys()) if (sums.get(holder.network) === largest) return holder;
    throw new RangeError("nothing is held");
  }
}
