/** What the settings `certificate` and `key` have in common, as each side names it. */

import type { RsaPrivateKey } from "../../../crypto/rsa/mod.ts";
import type { RekeyOptions } from "../../../tls/record/limits.ts";
import type { CertificateSource, ChainTrust } from "../certificate/options.ts";
import type { KeyTrust } from "../key/trust.ts";

/** The encryption of the open-standard settings: AES-256, or 3DES with three keys, 192 bits. */
export type Algorithm = "AES" | "3DES";

/** An RSA key of this side's own, and the certificates that vouch for it. */
export interface OwnKey {
  /** The private key: an object, or unencrypted PEM or DER. */
  readonly key: RsaPrivateKey | string | Uint8Array;
  /** Its certificate first, then the issuers' up to but not including the root. */
  readonly certificates?: CertificateSource;
}

/** What the two open-standard settings, `certificate` and `key`, have in common on both sides. */
export interface OpenStandardOptions {
  /** `"message"` compresses each message on its own, where both sides ask for it; `"off"` by default. */
  readonly compression?: "off" | "message";
  /** The fewest bits an RSA key may have, either side's: 2048 by default; 1024 only by naming it here. */
  readonly minimumKeyBits?: number;
  /**
   * Takes a TLS peer that does not know this library's messages (ALPN `fesa/1`): its bytes arrive as they come, one
   * chunk a message, and messages to it are bare bytes. Refused by default.
   */
  readonly ordinaryPeers?: boolean;
  /**
   * When the session's keys are changed in place by a fresh RSA exchange, between two sides of this library: at these
   * many bytes under one key (8 MiB for 3DES by default), or at this age in milliseconds. The lower of both sides' bytes counts.
   */
  readonly rekey?: RekeyOptions;
  /** Gets lines in the NSS key log format, with which Wireshark can decrypt a capture: they are secrets. */
  readonly keyLog?: (line: string) => void;
}

/** What a client of the open-standard settings may choose. */
export interface OpenStandardClient extends OpenStandardOptions {
  /** `"AES"` by default; `"3DES"` alone, or `"either"` as the server's configuration says, have to be named. */
  readonly algorithm?: Algorithm | "either";
  /** Who this client is, for a server that asks. */
  readonly credentials?: OwnKey;
}

/** Which clients an open-standard server lets in. */
export type ClientTrust =
  | ChainTrust
  | { readonly trust: KeyTrust };

/** What a server of the open-standard settings may choose. */
export interface OpenStandardServer extends OpenStandardOptions, OwnKey {
  /** `"AES"` by default; `"3DES"` where an administrator says so. */
  readonly algorithm?: Algorithm;
  /** Lets in only clients that prove an identity; everyone by default. */
  readonly clients?: ClientTrust;
}
