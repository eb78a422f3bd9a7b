/** Makes a session of a completed handshake, for both sides. */

import type { CompressionOffer } from "../preface.ts";
import { handshakeCost } from "../session.ts";
import type { Wire } from "../wire.ts";
import type { HandshakeState } from "./handshake_state.ts";
import type { NativeProtocol } from "./profile.ts";
import { RecordCipher } from "./record_cipher.ts";
import { NoiseSession } from "./session.ts";

/** The inputs of a session in addition to the state of the handshake. */
export interface Agreed {
  readonly protocol: NativeProtocol;
  readonly compression: CompressionOffer;
  /** When the handshake began, by `performance.now()`. */
  readonly startedAt: number;
}

/** Returns the session of a completed handshake. */
export function establishedSession(
  wire: Wire,
  role: "client" | "server",
  handshake: HandshakeState,
  { protocol, compression, startedAt }: Agreed,
): NoiseSession {
  const info = {
    protocol: protocol.name,
    cipher: protocol.cipherName,
    peerKey: handshake.rs,
    compression,
    handshake: handshakeCost(wire, startedAt),
  };
  const [client, server] = handshake.splitKeys().map((key) => new RecordCipher(protocol.cipher, key));
  return role === "client"
    ? new NoiseSession(wire, info, client, server)
    : new NoiseSession(wire, info, server, client);
}
