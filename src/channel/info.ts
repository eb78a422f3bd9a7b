/** The information about a channel: what was negotiated, the peer's identity, and counters. */

import type { Compression } from "../message/codec.ts";
import type { Peer } from "../peer.ts";
import type { HandshakeCost } from "../session.ts";
import type { SignatureSchemeName } from "../tls/credentials/signature_schemes.ts";
import type { NamedGroupName } from "../tls/key_exchange/named_group.ts";
import type { Certificate } from "../x509/certificate/certificate.ts";

export type { Compression } from "../message/codec.ts";
export type { HandshakeCost } from "../session.ts";

/** FESA's security settings. README describes the purpose of each. */
export type Setting = "certificate" | "key" | "native" | "off";

/** What was negotiated in the handshake. It contains no secrets. */
export interface ChannelInfo {
  /** The security setting. */
  readonly setting: Setting;
  /** `"TLS 1.3"` or `"TLS 1.2"`, the Noise protocol's full name, or `"none"`. */
  readonly protocol: string;
  /** The cipher suite's IANA name, the Noise cipher, or `"none"`. */
  readonly cipherSuite: string;
  /** The size of the session key in bits: 256, 192 for 3DES, 0 with `off`. */
  readonly keyBits: number;
  /** The named group of the key exchange, such as `x25519`, in `certificate` and `key`; undefined with RSA key exchange. */
  readonly group?: NamedGroupName | undefined;
  /**
   * The signature scheme of the server's handshake signature, such as `ecdsa_secp256r1_sha256`; undefined with RSA key
   * exchange.
   */
  readonly signatureScheme?: SignatureSchemeName | undefined;
  /** The application protocol (ALPN) in `certificate` and `key`, such as `http/1.1`; undefined if the peer offers none. */
  readonly alpnProtocol?: string | undefined;
  /** The framing of messages: `fesa/1`, or `none` with an ordinary TLS peer, which sends a stream of bytes. */
  readonly framing: "fesa/1" | "none";
  /** The compression of messages. */
  readonly compression: Compression;
  /** Whether the peer proved an identity that was checked: a certificate, a pinned key, or the shared secret. */
  readonly authenticated: boolean;
  /** The peer's identity, if it showed one. */
  readonly peer: PeerInfo;
  /** The peer's address and port, if the transport knows them; with the PROXY protocol, those of the client and not of the proxy. */
  readonly remote?: Peer | undefined;
  /** The time and the bytes that the handshake took. */
  readonly handshake: HandshakeCost;
}

/** The peer's identity. */
export interface PeerInfo {
  /** The peer's certificate chain, with its own certificate first. */
  readonly certificates?: readonly Certificate[];
  /** The pin of the peer's key: `sha256:` and the base64 of the SHA-256 of its SubjectPublicKeyInfo. */
  readonly pin?: string;
  /** The peer's static X25519 key, 32 bytes, in the setting `native` with keys. */
  readonly staticKey?: Uint8Array;
}

/** The counters of a channel so far. Bytes on the wire include the handshake. */
export interface ChannelStats {
  /** The number of messages passed to `send`. */
  readonly messagesSent: number;
  /** The number of complete messages received. */
  readonly messagesReceived: number;
  /** The bytes of the messages passed to `send`. */
  readonly payloadSent: number;
  /** The bytes of the messages received. */
  readonly payloadReceived: number;
  /** The number of key exchanges: 1 after the handshake, more if keys have been changed since, 0 with `off`. */
  readonly keyExchanges: number;
  /** The bytes written to the transport. */
  readonly wireSent: number;
  /** The bytes read from the transport. */
  readonly wireReceived: number;
}
