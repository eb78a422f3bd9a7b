/** What the message layer stands on: the one small interface that TLS, Noise and plain sessions share. */

import type { ChannelError } from "./errors.ts";
import type { Wire } from "./wire.ts";

/** A two-way stream of protected bytes over a {@link Wire}. */
export interface Session {
  /** Key exchanges so far: 1 after the handshake, more where keys were changed in place, 0 without protection. */
  readonly keyExchanges: number;
  /** Protects the parts, taken as one string of bytes, in as few records as they fit, and sends them in one
   * write; resolves when the transport has taken them (backpressure). One call at a time. */
  write(parts: readonly Uint8Array[]): Promise<void>;
  /** The next bytes that arrived, as many as came at once; null after the peer's orderly end. One call at a time. */
  read(): Promise<Uint8Array | null>;
  /** Ends this side's direction in order (close_notify or its like). Reading goes on until the peer's end. */
  close(): Promise<void>;
  /** Ends both directions at once because of `error`, telling the peer where the protocol can. Never rejects. */
  abort(error: ChannelError): Promise<void>;
}

/** What a handshake took. */
export interface HandshakeCost {
  /** From the first byte to the last, in milliseconds. */
  readonly milliseconds: number;
  /** Bytes this side sent. */
  readonly sent: number;
  /** Bytes of the peer's that were used. */
  readonly received: number;
}

/** What the handshake took that has just ended, and was the first thing on its wire. */
export function handshakeCost(wire: Wire, startedAt: number): HandshakeCost {
  return {
    milliseconds: performance.now() - startedAt,
    sent: wire.sent,
    received: wire.received - wire.buffered.length,
  };
}
