/**
 * Flow control between two ends that use this library. A platform's WebSocket cannot be paused, so a slow reader would
 * otherwise have to buffer everything that a fast peer sends.
 *
 * Each empty message grants its receiver 256 KiB to send, counted from the opening; every other message costs its length plus
 * 128. Grants count once both ends have sent one. An end that cannot be paused sends its first grant at the opening; any other
 * end sends its first in answer. An end without credit waits before it writes, and continues to read, so that grants reach it.
 */

import { ChannelError } from "../../errors.ts";

/** The bytes that one empty message grants. */
export const STEP = 262_144;

/**
 * The cost of a message in addition to its bytes: the memory that it takes while it waits, since a peer may send many small
 * messages.
 */
export const MESSAGE_COST = 128;

/** The maximum number of unused grants: 16 MiB. */
const MAX_UNUSED = 64;

/** Counts the credits of both directions of one WebSocket. */
export class Credits {
  /** The number of grants that the peer may have in advance of what this end has read. */
  readonly #window: number;
  readonly #speaksFirst: boolean;
  #grantsSent = 0;
  #grantsReceived = 0;
  /** The cost of the messages sent and received. */
  #sent = 0;
  #received = 0;

  /**
   * The peer may fill a quarter of `maxQueued`, so that there is room for what it sends before it learns of credits. If that
   * quarter is smaller than one grant, credits are disabled. An end that `speaksFirst` does not wait for the peer's first
   * grant.
   */
  constructor(maxQueued: number, speaksFirst: boolean) {
    this.#window = Math.min(Math.floor(maxQueued / 4 / STEP), MAX_UNUSED);
    this.#speaksFirst = speaksFirst;
  }

  /** Whether this end must wait for a grant before it sends a message. */
  get exhausted(): boolean {
    return this.#window > 0 && this.#grantsReceived > 0 && this.#sent >= this.#grantsReceived * STEP;
  }

  /** Counts a message that this end sends. */
  send(length: number): void {
    this.#sent += length + MESSAGE_COST;
  }

  /**
   * Counts a received message. An empty message is a grant.
   *
   * @throws {ChannelError} `limit` if the peer has too many unused grants.
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

  /**
   * Returns the number of grants to send now, and counts them as sent. `unread` is the cost of the messages that wait to be
   * read.
   */
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
