/** Keeps a channel alive while nothing is said, and notices a peer that is gone without a word. */

import { ChannelError } from "../errors.ts";
import { inBackground, type Timer } from "../timers.ts";
import type { Wire } from "../wire.ts";
import type { Receiving } from "./receiving.ts";

/** How long silence may last, in milliseconds; 0 or `Infinity` means for ever. */
export interface LivenessLimits {
  /** Until this side asks the peer whether it is there. */
  readonly keepAlive: number;
  /** Until the channel ends, since nothing came. */
  readonly idleTimeout: number;
  /** Until the channel ends, since nothing came of a message that had begun. */
  readonly stallTimeout: number;
}

/** One timer for each channel that has such limits. */
export class Liveness {
  readonly #limits: LivenessLimits;
  readonly #wire: Wire;
  readonly #receiving: Receiving;
  readonly #ask: () => void;
  readonly #fail: (error: ChannelError) => void;
  #timer: Timer | undefined;
  /** When the peer was last asked. */
  #askedAt = 0;

  /**
   * @param ask Sends a frame that the peer answers.
   * @param fail Ends the channel.
   */
  constructor(
    limits: LivenessLimits,
    wire: Wire,
    receiving: Receiving,
    ask: () => void,
    fail: (error: ChannelError) => void,
  ) {
    this.#limits = limits;
    this.#wire = wire;
    this.#receiving = receiving;
    this.#ask = ask;
    this.#fail = fail;
    this.#watch();
  }

  /** Watches no more. */
  stop(): void {
    clearTimeout(this.#timer);
  }

  #watch(): void {
    const now = performance.now();
    const silent = now - this.#silentSince(now);
    const limit = this.#silenceLimit();
    if (silent >= limit) {
      return this.#fail(new ChannelError("timeout", `nothing came from the peer for ${limit} ms`));
    }
    const keepAlive = this.#limits.keepAlive || Infinity;
    const quiet = now - Math.max(this.#wire.sentAt, this.#askedAt);
    if (quiet >= keepAlive) {
      this.#askedAt = now;
      this.#ask();
    }
    const next = Math.min(
      limit - silent,
      quiet >= keepAlive ? keepAlive : keepAlive - quiet,
      this.#limits.stallTimeout || Infinity, // a message may begin meanwhile
    );
    if (next === Infinity) return;
    this.#timer = inBackground(Math.max(next, 1), () => this.#watch());
  }

  /** While messages wait for a slow reader nothing is read, and nobody knows whether the peer is silent. */
  #silentSince(now: number): number {
    const { waitingSince } = this.#receiving;
    return waitingSince === undefined ? now : Math.max(waitingSince, this.#wire.receivedAt);
  }

  #silenceLimit(): number {
    const { idleTimeout, stallTimeout } = this.#limits;
    return Math.min(idleTimeout || Infinity, this.#receiving.inside && stallTimeout || Infinity);
  }
}
