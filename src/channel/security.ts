/** The security settings as the two sides name them. */

import type { RsaPrivateKey } from "../crypto/rsa/mod.ts";
import type { Certificate } from "../x509/certificate.ts";
import type { Compression } from "./info.ts";
import type { KeyTrust } from "./trust.ts";

/** The encryption of the open-standard settings: AES-256, or 3DES with a 192-bit key (168 of them effective). */
export type Algorithm = "AES" | "3DES";

/** What the two open-standard settings have in common on both sides. */
export interface OpenStandard {
  /** `"message"` offers compression of each message on its own; it is used where both sides ask. Off by default. */
  readonly compression?: "off" | "message";
  /** The fewest bits of RSA key accepted from the peer: 2048 by default, 1024 only by naming it here. */
  readonly minimumKeyBits?: number;
  /** Receives lines in the NSS key log format, with which Wireshark decrypts a capture. They are secrets. */
  readonly keyLog?: (line: string) => void;
}

/** This side's own RSA key, as an object or as PEM text (unencrypted), and its certificates, its own first. */
export interface OwnIdentity {
  readonly key: RsaPrivateKey | string;
  /** Its own certificate first, then its issuers; objects or PEM text. */
  readonly certificates?: readonly Certificate[] | string;
}
