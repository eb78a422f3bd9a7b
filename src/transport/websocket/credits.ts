/**
 * Flow control between two ends of this library, since a platform's WebSocket cannot be paused: a slow reader would otherwise
 * have to keep everything that a fast peer sends.
 *
 * Each empty message grants its receiver 256 KiB to send, counted from the opening; every other message costs its length plus
 * 128. Grants count once both ends have sent one. An end that cannot be paused sends its first grant at the opening; any other
 * end sends its first in answer. An end without credit waits before it writes, and continues to read, so that grants reach it.
 */

import { ChannelError } from "../../errors.ts";

/** The bytes that one empty message grants. */
export const STEP = 262_144;

/** What a message costs in addition to its bytes: the memory it takes while it waits, since a peer may send many small ones. */
export const MESSAGE_COST = 128;

/** The most grants that may be unused: 16 MiB. */
const MAX_UNUSED = 64;

/** Counts the credits of both directions of one WebSocket. */
export class Credits {
  /** How many grants the peer may have beyond what this end has read. */
  readonly #window: number;
  readonly #speaksFirst: boolean;
  #grantsSent = 0;
  #grantsReceived = 0;
  /** What was sent and received, by cost. */
  #sent = 0;
  #received = 0;

  /**
   * The peer may fill a quarter of `maxQueued`, so that there is room for what it sends before it has learned of credits. If
   * that quarter is smaller than one grant, credits are off. An end that `speaksFirst` does not wait for the peer's first
   * grant.
   */
  constructor(maxQueued: number, speaksFirst: boolean) {
    this.#window = Math.min(Math.floor(maxQueued / 4 / STEP), MAX_UNUSED);
    this.#speaksFirst = speaksFirst;
  }

  /** Whether this end has to wait for a grant before it sends a message. */
  get exhausted(): boolean {
    return this.#window > 0 && this.#grantsReceived > 0 && this.#sent >= this.#grantsReceived * STEP;
  }

  /** Counts a message that is sent. */
  send(length: number): void {
    this.#sent += length + MESSAGE_COST;
  }

  /**
   * Counts a message that arrived; an empty one is a grant.
   *
   * @throws {ChannelError} `limit` if the peer grants more than it could have room for.
   */
  receive(length: number): void {
    if (length > 0) this.#received += length + MESSAGE_COST;
    else if (++this.#grantsReceived * STEP > this.#sent + MAX_UNUSED * STEP) {
      throw new ChannelError(
        "limit",
        `the peer sent ${this.#grantsReceived} empty messages, which grant too much`,
      );
    }
  }

  /** Returns how many grants to send now, while messages that cost `unread` wait to be read; counts them as sent. */
  due(unread: number): number {
    const due = Math.max(0, this.#allowed(unread) - this.#grantsSent);
    this.#grantsSent += due;
    return due;
  }

  #allowed(unread: number): number {
    if (this.#window === 0) return 0;
    if (this.#grantsReceived === 0) return this.#speaksFirst ? 1 : 0;
    return Math.floor((this.#received - unread) / STEP) + this.#window;
  }
}
