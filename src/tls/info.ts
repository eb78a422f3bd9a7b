/** What a session can say about itself; never a secret. */

import type { HandshakeCost } from "../session.ts";
import type { CipherSuiteName } from "./cipher_suites.ts";
import type { PeerCredentials } from "./credentials/credentials.ts";
import type { SignatureSchemeName } from "./credentials/signature_schemes.ts";
import type { NamedGroupName } from "./key_exchange/named_group.ts";

/** What a TLS handshake settled. */
export interface TlsInfo {
  /** The protocol version. */
  readonly protocol: "TLS 1.2" | "TLS 1.3";
  /** The cipher suite's IANA name. */
  readonly suite: CipherSuiteName;
  /** The size of the symmetric key in bits. */
  readonly keyBits: number;
  /** The named group of the key exchange; undefined for RSA exchange, which has none. */
  readonly group: NamedGroupName | undefined;
  /** How the server signed the handshake; undefined for RSA exchange, in which it does not. */
  readonly signatureScheme: SignatureSchemeName | undefined;
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
