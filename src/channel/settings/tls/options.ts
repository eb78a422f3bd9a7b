/** The common options of the settings `certificate` and `key` for clients and servers. */

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
 * The key exchange. `"ECDHE"` gives forward secrecy: TLS 1.3 (RFC 8446), or TLS 1.2 with ECDHE (RFC 8422) if the peer has no
 * TLS 1.3. `"RSA"` is FESA's own key exchange, TLS 1.2 with `TLS_RSA_*` (RFC 5246 section 7.4.7.1). It has no forward
 * secrecy: anyone who later obtains the server's private key can decrypt recorded sessions. `"either"` offers both and
 * prefers ECDHE.
 */
export type KeyExchangeChoice = "ECDHE" | "RSA" | "either";

/** This side's own private key, and its certificates. */
export interface OwnKey {
  /**
   * The private key (RSA, ECDSA or Ed25519) as an object, or as unencrypted PEM or DER. RSA key exchange needs an RSA key.
   */
  readonly key: PrivateKey | string | Uint8Array;
  /** The certificate for the key, followed by those of the issuers, without the root. */
  readonly certificates?: CertificateSource;
}

/** The common options of both sides in the settings `certificate` and `key`. */
export interface TlsSettingOptions {
  /** The key exchange; `"ECDHE"` by default. `"RSA"` and `"either"` must be set explicitly. */
  readonly keyExchange?: KeyExchangeChoice;
  /** `"message"` compresses each message on its own if both sides set it; `"off"` by default. */
  readonly compression?: "off" | "message";
  /**
   * The minimum size of RSA keys of both sides, in bits; 2048 by default. Smaller values, down to 1024, must be set
   * explicitly.
   */
  readonly minimumKeyBits?: number;
  /**
   * Accepts ordinary TLS peers, which do not use this library's messages (ALPN `fesa/1`). Each chunk of their bytes arrives
   * as a message, and messages to them are sent without framing. Each direction ends with a close_notify, but such a peer
   * confirms nothing: `closed` resolves after both ends, whether or not the peer has read everything. Ordinary peers are
   * refused by default. `true` accepts peers without ALPN (RFC 7301). A list such as `["http/1.1"]` also accepts peers that
   * negotiate one of these protocols, the most preferred first. List only those protocols that your program implements.
   * Peers with any other protocol are refused, so that their traffic cannot be misdirected to this program.
   */
  readonly ordinaryPeers?: boolean | readonly string[];
  /**
   * When the session's keys are changed: after a number of bytes under one key, or at an age in milliseconds. TLS 1.3 uses
   * KeyUpdate, with any peer. With RSA key exchange, two sides with this library repeat the key exchange (by default after 8
   * MiB for 3DES), and the lower limit of bytes of the two sides applies.
   */
  readonly rekey?: RekeyOptions;
  /** Called with each line of an NSS key log, with which Wireshark can decrypt a capture. The lines are secret. */
  readonly keyLog?: (line: string) => void;
}

/** The options of a client in the settings `certificate` and `key`. */
export interface TlsSettingClient extends TlsSettingOptions {
  /**
   * The algorithm; `"AES"` by default. `"either"` offers AES, then ChaCha20, then 3DES if `keyExchange` allows RSA, and the
   * server chooses. `"3DES"` requires `keyExchange: "RSA"` or `"either"`.
   */
  readonly algorithm?: Algorithm | "either";
  /** This client's credentials, for servers that request them. */
  readonly credentials?: OwnKey;
}

/** The clients that a server accepts in the settings `certificate` and `key`. */
export type ClientTrust =
  | ChainTrust
  | { readonly trust: KeyTrust };

/** The options of a server in the settings `certificate` and `key`. */
export interface TlsSettingServer extends TlsSettingOptions, OwnKey {
  /** The algorithm, or a list of algorithms in order of preference; `"AES"` by default. `"3DES"` must be set explicitly. */
  readonly algorithm?: Algorithm | readonly Algorithm[];
  /** Accepts only clients that prove one of these identities; by default every client is accepted. */
  readonly clients?: ClientTrust;
}
