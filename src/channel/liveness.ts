/** Keeps an idle channel alive, and detects a peer that has disappeared or has nothing to say. */

import { ChannelError } from "../errors.ts";
import { inBackground, type Timer } from "../timers.ts";
import { nextTurn } from "../turns.ts";
import type { Wire } from "../wire.ts";
import type { Receiving } from "./receiving.ts";

/** Limits on silence, in milliseconds; 0 or `Infinity` means no limit. */
export interface LivenessLimits {
  /** How long this side may send nothing before it sends a keepalive frame. */
  readonly keepAlive: number;
  /** How long this side may receive nothing before the channel ends. */
  readonly idleTimeout: number;
  /** How long this side may receive nothing in the middle of a message before the channel ends. */
  readonly stallTimeout: number;
}

/** The time in milliseconds after a limit for reading what has already arrived. */
const SECOND_LOOK = 100;

/** Watches one channel with one timer. */
export class Liveness {
  readonly #limits: LivenessLimits;
  readonly #wire: Wire;
  readonly #receiving: Receiving;
  readonly #ask: (() => void) | undefined;
  readonly #fail: (error: ChannelError) => void;
  #timer: Timer | undefined;
  #stopped = false;
  /** The time at which a keepalive frame was last sent. */
  #askedAt = 0;

  /**
   * @param ask Sends a frame that the peer answers; undefined for an ordinary TLS peer, which has no such frames.
   * @param fail Ends the channel.
   */
  constructor(
    limits: LivenessLimits,
    wire: Wire,
    receiving: Receiving,
    ask: (() => void) | undefined,
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
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #watch(): void {
    const now = performance.now();
    const { left } = this.#nearestLimit(now);
    if (left <= 0) {
      this.#timer = inBackground(SECOND_LOOK, () => this.#expire());
      return;
    }
    const keepAlive = this.#ask && this.#limits.keepAlive || Infinity;
    const quiet = now - Math.max(this.#wire.sentAt, this.#askedAt);
    if (quiet >= keepAlive) {
      this.#askedAt = now;
      this.#ask?.();
    }
    const next = Math.min(
      left,
      quiet >= keepAlive ? keepAlive : keepAlive - quiet,
      this.#limits.stallTimeout || Infinity, // a message may have begun by then
    );
    if (next === Infinity) return;
    this.#timer = inBackground(Math.max(next, 1), () => this.#watch());
  }

  /**
   * Ends the channel if the limit is still exceeded after everything that has arrived was read. After a suspension the timer
   * fires before the bytes are read, and in a busy process they wait for their turn.
   */
  async #expire(): Promise<void> {
    await nextTurn(this.#wire.origin); // what was already read is handled first
    if (this.#stopped) return;
    const { limit, left } = this.#nearestLimit(performance.now());
    if (left > 0) return this.#watch();
    const where = this.#receiving.inside ? ", in the middle of a message" : "";
    this.#fail(new ChannelError("timeout", `nothing came from the peer for ${limit} ms${where}`));
  }

  /**
   * Returns the limit that would end the channel first, and the time left until then. While messages wait for a slow reader,
   * nothing is read, so the peer's silence cannot be measured. An incomplete record does not count as received: if its
   * length was damaged in transit, everything that follows, including keepalive frames, seems to be its contents. An ordinary
   * TLS peer cannot show that it is alive while it only receives, so what it accepts counts, too.
   */
  #nearestLimit(now: number): { readonly limit: number; readonly left: number } {
    const { waitingSince = now, inside } = this.#receiving;
    const idle = this.#limits.idleTimeout || Infinity;
    const stall = inside && this.#limits.stallTimeout || Infinity;
    const activeAt = this.#ask ? waitingSince : Math.max(waitingSince, this.#wire.sentAt);
    const idleLeft = activeAt + idle - now;
    const stallLeft = Math.max(waitingSince, this.#wire.receivedAt) + stall - now;
    return idleLeft < stallLeft ? { limit: idle, left: idleLeft } : { limit: stall, left: stallLeft };
  }
}
