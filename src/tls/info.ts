/** What a session can say about itself; never a secret. */

import { type HandshakeCost, handshakeCost } from "../session.ts";
import type { CipherSuiteName } from "./cipher_suites.ts";
import type { HandshakeLayer } from "./handshake/layer.ts";
import type { PeerCredentials } from "./credentials/credentials.ts";
import type { SecurityParameters } from "./tls12/parameters.ts";

/** What a TLS handshake settled. */
export interface TlsInfo {
  /** The protocol version. */
  readonly protocol: "TLS 1.2";
  /** The cipher suite's IANA name. */
  readonly suite: CipherSuiteName;
  /** The size of the symmetric key in bits. */
  readonly keyBits: number;
  /** The application protocol agreed on (RFC 7301), where there is one. */
  readonly alpnProtocol: string | undefined;
  /** The host name the client asked for, where it did. */
  readonly serverName: string | undefined;
  /** Whether the master secret is bound to the handshake (RFC 7627). */
  readonly extendedMasterSecret: boolean;
  /** Whether the MAC is over the ciphertext (RFC 7366); AEAD suites do not need it. */
  readonly encryptThenMac: boolean;
  /** What the peer showed of itself and was trusted for; undefined for a client that was not asked or had nothing. */
  readonly peer: PeerCredentials | undefined;
  /** What the handshake cost. */
  readonly handshake: HandshakeCost;
}

/** Sums up a handshake that has just ended. */
export function tlsInfo(
  parameters: SecurityParameters,
  peer: PeerCredentials | undefined,
  { records: { wire }, startedAt }: HandshakeLayer,
): TlsInfo {
  const { suite, alpnProtocol, serverName, extendedMasterSecret, encryptThenMac } = parameters;
  return {
    protocol: "TLS 1.2",
    suite: suite.name,
    keyBits: suite.keyBits,
    alpnProtocol,
    serverName,
    extendedMasterSecret,
    encryptThenMac,
    peer,
    handshake: handshakeCost(wire, startedAt),
  };
}
