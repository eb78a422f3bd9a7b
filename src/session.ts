/** The interface below the message layer, which TLS, Noise and unprotected sessions implement. */

import type { ChannelError } from "./errors.ts";
import type { Wire } from "./wire.ts";

/** A two-way stream of protected bytes over a {@link Wire}. */
export interface Session {
  /** Key exchanges so far: 1 after the handshake, more if keys were changed since, 0 without protection. */
  readonly keyExchanges: number;
  /** Protects the parts, joined, in as few records as possible, and sends them in one
   * write; resolves when the transport has accepted them (backpressure). One call at a time. */
  write(parts: readonly Uint8Array[]): Promise<void>;
  /** Returns the next bytes that arrived, as many as came at once; null after the peer's orderly end. One call at a time. */
  read(): Promise<Uint8Array | null>;
  /** Ends this side's direction in order (close_notify or its equivalent). Reading goes on until the peer's end. */
  close(): Promise<void>;
  /** Ends both directions at once because of `error`, and tells the peer if the protocol can. Never rejects. */
  abort(error: ChannelError): Promise<void>;
}

/** The time and bytes that a handshake took. */
export interface HandshakeCost {
  /** From the first byte to the last, in milliseconds. */
  readonly milliseconds: number;
  /** Bytes this side sent. */
  readonly sent: number;
  /** Bytes of the peer that were used. */
  readonly received: number;
}

/** Returns the cost of a handshake that has just ended and was the first thing on its wire. */
export function handshakeCost(wire: Wire, startedAt: number): HandshakeCost {
  return {
    milliseconds: performance.now() - startedAt,
    sent: wire.sent,
    received: wire.consumed,
  };
}
