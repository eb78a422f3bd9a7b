/** The interface of sessions, which TLS, Noise and unprotected sessions implement for the message layer. */

import type { ChannelError } from "./errors.ts";
import type { Wire } from "./wire.ts";

/** A stream of protected bytes in both directions over a {@link Wire}. */
export interface Session {
  /**
   * The number of key exchanges so far: 1 after the handshake, more if keys have been changed since, 0 without protection.
   */
  readonly keyExchanges: number;
  /**
   * Joins the parts, protects them in as few records as possible, and sends them in one write. Resolves when the transport
   * has accepted them, which gives backpressure. One call at a time.
   */
  write(parts: readonly Uint8Array[]): Promise<void>;
  /**
   * Returns the next received bytes, as many as arrived together, or null after the peer's orderly end. One call at a time.
   */
  read(): Promise<Uint8Array | null>;
  /** Ends this side's direction in order (close_notify or its equivalent). Reading continues until the peer's end. */
  close(): Promise<void>;
  /** Ends both directions at once with `error`, and notifies the peer if the protocol can. Never rejects. */
  abort(error: ChannelError): Promise<void>;
}

/** The time and bytes that a handshake took. */
export interface HandshakeCost {
  /** The time from the first byte to the last, in milliseconds. */
  readonly milliseconds: number;
  /** The number of bytes sent. */
  readonly sent: number;
  /** The number of bytes received that belong to the handshake. */
  readonly received: number;
}

/** Returns the cost of a handshake that has just been completed. It must be the first use of its wire. */
export function handshakeCost(wire: Wire, startedAt: number): HandshakeCost {
  return {
    milliseconds: performance.now() - startedAt,
    sent: wire.sent,
    received: wire.consumed,
  };
}
