/** Keeps an idle channel alive, and notices a peer that has disappeared. */

import { ChannelError } from "../errors.ts";
import { inBackground, type Timer } from "../timers.ts";
import type { Wire } from "../wire.ts";
import type { Receiving } from "./receiving.ts";

/** How long silence may last, in milliseconds; 0 or `Infinity` means without limit. */
export interface LivenessLimits {
  /** Silence of this side until it sends a keepalive frame. */
  readonly keepAlive: number;
  /** Silence of the peer until the channel ends. */
  readonly idleTimeout: number;
  /** Silence of the peer in the middle of a message until the channel ends. */
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
  /** When a keepalive frame was last sent. */
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

  /** Stops watching. */
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

  /** While messages wait for a slow reader, nothing is read, so the peer's silence cannot be measured. */
  #silentSince(now: number): number {
    const { waitingSince } = this.#receiving;
    return waitingSince === undefined ? now : Math.max(waitingSince, this.#wire.receivedAt);
  }

  #silenceLimit(): number {
    const { idleTimeout, stallTimeout } = this.#limits;
    return Math.min(idleTimeout || Infinity, this.#receiving.inside && stallTimeout || Infinity);
  }
}
