/** What was negotiated in a session. It contains no secrets. */

import type { HandshakeCost } from "../session.ts";
import type { CipherSuiteName } from "./cipher_suites.ts";
import type { PeerCredentials } from "./credentials/credentials.ts";
import type { SignatureSchemeName } from "./credentials/signature_schemes.ts";
import type { NamedGroupName } from "./key_exchange/named_group.ts";

/** What a TLS handshake negotiated. */
export interface TlsInfo {
  /** The protocol version. */
  readonly protocol: "TLS 1.2" | "TLS 1.3";
  /** The cipher suite's IANA name. */
  readonly suite: CipherSuiteName;
  /** The size of the symmetric key in bits. */
  readonly keyBits: number;
  /** The named group of the key exchange; undefined for RSA key exchange. */
  readonly group: NamedGroupName | undefined;
  /** The signature scheme with which the server signed the handshake; undefined for RSA key exchange. */
  readonly signatureScheme: SignatureSchemeName | undefined;
  /** The negotiated application protocol (RFC 7301), if any. */
  readonly alpnProtocol: string | undefined;
  /** The host name that the client sent in server_name, if any. */
  readonly serverName: string | undefined;
  /** Whether the master secret is bound to the handshake (RFC 7627). */
  readonly extendedMasterSecret: boolean;
  /** Whether the MAC covers the ciphertext (RFC 7366). Always false for AEAD suites, which do not need it. */
  readonly encryptThenMac: boolean;
  /** The peer's verified credentials; undefined for a client that was not asked for credentials or had none. */
  readonly peer: PeerCredentials | undefined;
  /** The time and bytes that the handshake took. */
  readonly handshake: HandshakeCost;
}
