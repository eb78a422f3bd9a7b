/** The options that the settings `certificate` and `key` have in common, for each side. */

import type { RekeyOptions } from "../../../tls/record/limits.ts";
import type { PrivateKey } from "../../../x509/keys/private_key.ts";
import type { CertificateSource, ChainTrust } from "../certificate/options.ts";
import type { KeyTrust } from "../key/trust.ts";

/**
 * The encryption of the settings `certificate` and `key`: AES-256, ChaCha20-Poly1305, or 3DES with three keys (192 bits),
 * which requires RSA key exchange.
 */
export type Algorithm = "AES" | "ChaCha20" | "3DES";

/**
 * How the keys of a session are agreed on. `"ECDHE"` gives forward secrecy: TLS 1.3 (RFC 8446), or TLS 1.2 with ECDHE (RFC 8422)
 * if the peer has no TLS 1.3. `"RSA"` is FESA's own exchange, TLS 1.2 with `TLS_RSA_*` (RFC 5246 section 7.4.7.1): anyone who
 * later obtains the server's private key can decrypt recorded sessions. `"either"` offers both and prefers ECDHE.
 */
export type KeyExchangeChoice = "ECDHE" | "RSA" | "either";

/** This side's own private key, and its certificates. */
export interface OwnKey {
  /** The private key, RSA, ECDSA or Ed25519: an object, or unencrypted PEM or DER. RSA key exchange needs an RSA key. */
  readonly key: PrivateKey | string | Uint8Array;
  /** The key's certificate first, then the issuers' up to but not including the root. */
  readonly certificates?: CertificateSource;
}

/** What the settings `certificate` and `key` have in common on both sides. */
export interface TlsSettingOptions {
  /** How keys are agreed on; `"ECDHE"` by default. `"RSA"` and `"either"` must be set explicitly. */
  readonly keyExchange?: KeyExchangeChoice;
  /** `"message"` compresses each message on its own, if both sides ask for it; `"off"` by default. */
  readonly compression?: "off" | "message";
  /** The minimum size of either side's RSA key, in bits: 2048 by default; less, down to 1024, must be set explicitly. */
  readonly minimumKeyBits?: number;
  /**
   * Accepts a TLS peer that does not know this library's messages (ALPN `fesa/1`): each chunk of its bytes arrives as a
   * message, and messages to it are sent without framing. Each direction ends by its close_notify, but such a peer confirms
   * nothing: `closed` resolves after both ends, whether or not it has read everything. Such peers are refused by default. `true`
   * accepts peers without ALPN (RFC 7301); a list such as `["http/1.1"]` also accepts peers that negotiate one of these
   * protocols, the most preferred first. Name only protocols that your program speaks: a peer of any other protocol is
   * refused, so that its traffic cannot be misdirected here.
   */
  readonly ordinaryPeers?: boolean | readonly string[];
  /**
   * When the session's keys are changed: at this many bytes under one key, or at this age in milliseconds. TLS 1.3 uses
   * KeyUpdate, with any peer. With RSA key exchange, two sides of this library repeat the exchange (by default after 8 MiB
   * for 3DES), and the lower of both sides' limits in bytes applies.
   */
  readonly rekey?: RekeyOptions;
  /** Called with lines in the NSS key log format, with which Wireshark can decrypt a capture. They are secrets. */
  readonly keyLog?: (line: string) => void;
}

/** What a client of the settings `certificate` and `key` may choose. */
export interface TlsSettingClient extends TlsSettingOptions {
  /**
   * `"AES"` by default. `"either"` offers AES, then ChaCha20, then 3DES if `keyExchange` allows RSA, and the server decides.
   * `"3DES"` needs `keyExchange: "RSA"` or `"either"`.
   */
  readonly algorithm?: Algorithm | "either";
  /** This client's credentials, for a server that asks for them. */
  readonly credentials?: OwnKey;
}

/** Which clients a server of the settings `certificate` and `key` lets in. */
export type ClientTrust =
  | ChainTrust
  | { readonly trust: KeyTrust };

/** What a server of the settings `certificate` and `key` may choose. */
export interface TlsSettingServer extends TlsSettingOptions, OwnKey {
  /** `"AES"` by default; one algorithm, or a list in order of preference. `"3DES"` must be set explicitly. */
  readonly algorithm?: Algorithm | readonly Algorithm[];
  /** Accepts only clients that prove an identity; by default every client. */
  readonly clients?: ClientTrust;
}
