/** Limits the memory of unfinished messages in all channels of a server. */

import { ChannelError } from "../errors.ts";

/** A channel that may hold an unfinished message. */
export interface Holder {
  /** The peer's address or network, to which limits apply, if it is known. */
  readonly network: string | undefined;
  /** Ends the channel and frees its memory. */
  giveWay(error: ChannelError): void;
}

/** Counts the bytes of unfinished messages, and ends channels when there are too many. */
export class UnfinishedMessages {
  readonly #most: number;
  /** The bytes of each unfinished message, in the order in which the messages began. */
  readonly #held: Map<Holder, number> = new Map();
  #total = 0;

  /** Limits all unfinished messages together to `most` bytes. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Records how many bytes the unfinished message of a channel takes now; 0 when it is complete or discarded. */
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

  /**
   * Returns the channel whose unfinished message is the oldest of the address with the most bytes, so that one client cannot
   * displace the messages of others.
   */
  #oldestOfLargest(): Holder {
    const sums = new Map<string | undefined, number>();
    for (const [{ network }, bytes] of this.#held) sums.set(network, (sums.get(network) ?? 0) + bytes);
    let largest = 0;
    for (const sum of sums.values()) largest = Math.max(largest, sum);
    for (const holder of this.#held.keys()) if (sums.get(holder.network) === largest) return holder;
    throw new RangeError("nothing is held");
  }
}
