/** The facts and figures of a channel: what was agreed, who the peer is, and counts. */

import type { Compression } from "../message/codec.ts";
import type { Peer } from "../peer.ts";
import type { HandshakeCost } from "../session.ts";
import type { SignatureSchemeName } from "../tls/credentials/signature_schemes.ts";
import type { NamedGroupName } from "../tls/key_exchange/named_group.ts";
import type { Certificate } from "../x509/certificate/certificate.ts";

export type { Compression } from "../message/codec.ts";
export type { HandshakeCost } from "../session.ts";

/** FESA's security settings; see README for what each is for. */
export type Setting = "certificate" | "key" | "native" | "off";

/** What was agreed in the handshake. Contains no secret. */
export interface ChannelInfo {
  /** The security setting in force. */
  readonly setting: Setting;
  /** `"TLS 1.3"` or `"TLS 1.2"`, the Noise protocol's full name, or `"none"`. */
  readonly protocol: string;
  /** The cipher suite's registered name, the Noise cipher, or `"none"`. */
  readonly cipherSuite: string;
  /** Bits of the session key: 256, 192 for 3DES, 0 with `off`. */
  readonly keyBits: number;
  /** The named group of the key exchange, such as `x25519`, in `certificate` and `key`; undefined with RSA key exchange. */
  readonly group?: NamedGroupName | undefined;
  /** How the server signed the handshake, such as `ecdsa_secp256r1_sha256`; undefined with RSA key exchange. */
  readonly signatureScheme?: SignatureSchemeName | undefined;
  /** The application protocol (ALPN) in `certificate` and `key`, such as `http/1.1`; undefined if the peer offers none. */
  readonly alpnProtocol?: string | undefined;
  /** How messages are framed: `fesa/1`, or `none` with an ordinary TLS peer, whose bytes come as a stream. */
  readonly framing: "fesa/1" | "none";
  /** How messages are compressed. */
  readonly compression: Compression;
  /** Whether the peer proved an identity that was checked: a certificate, a pinned key, or the shared secret. */
  readonly authenticated: boolean;
  /** The peer's identity, if it showed one. */
  readonly peer: PeerInfo;
  /** The peer's address and port, if the transport knows them; with the PROXY protocol, those of the client and not of the proxy. */
  readonly remote?: Peer | undefined;
  /** The handshake: duration in milliseconds, bytes on the wire each way. */
  readonly handshake: HandshakeCost;
}

/** Who the peer is. */
export interface PeerInfo {
  /** The peer's certificates, its own first. */
  readonly certificates?: readonly Certificate[];
  /** The pin of the peer's key: `sha256:` and the base64 of the SHA-256 of its SubjectPublicKeyInfo. */
  readonly pin?: string;
  /** The peer's static X25519 key, 32 bytes (native with a pinned key). */
  readonly staticKey?: Uint8Array;
}

/** Counts of a channel up to now. Bytes on the wire include the handshake. */
export interface ChannelStats {
  /** Messages given to `send`. */
  readonly messagesSent: number;
  /** Messages received whole. */
  readonly messagesReceived: number;
  /** Bytes of the messages given to `send`. */
  readonly payloadSent: number;
  /** Bytes of the messages received. */
  readonly payloadReceived: number;
  /** Key exchanges: 1 after the handshake, more if keys were changed since, 0 with `off`. */
  readonly keyExchanges: number;
  /** Bytes written to the transport. */
  readonly wireSent: number;
  /** Bytes read from the transport. */
  readonly wireReceived: number;
}
