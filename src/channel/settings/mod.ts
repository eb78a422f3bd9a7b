/** The security settings as each side names them. */

import type { RsaPrivateKey } from "../../crypto/rsa/mod.ts";
import type { Compression } from "../../message/codec.ts";
import type { NativeClientIdentity } from "../../noise/client.ts";
import type { NativeServerIdentity } from "../../noise/server.ts";
import type { RekeyOptions } from "../../tls/record/limits.ts";
import type { Certificate } from "../../x509/certificate/certificate.ts";
import type { RevocationList } from "../../x509/revocation/list.ts";
import type { KeyTrust } from "./key/trust.ts";

export type { NativeClientIdentity } from "../../noise/client.ts";
export type { StaticKeyCheck } from "../../noise/profile.ts";
export type { ClientKeys, NativeServerIdentity } from "../../noise/server.ts";
export type { RekeyOptions } from "../../tls/record/limits.ts";

/** The encryption of the open-standard settings: AES-256, or 3DES with three keys, 192 bits. */
export type Algorithm = "AES" | "3DES";

/** An RSA key of this side's own, and the certificates that vouch for it. */
export interface OwnKey {
  /** The private key: an object, or unencrypted PEM text. */
  readonly key: RsaPrivateKey | string;
  /** Its certificate first, then the issuers' up to but not including the root: objects, or PEM text. */
  readonly certificates?: readonly Certificate[] | string;
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

/** Which certificates are trusted. */
export interface ChainTrust {
  /** The roots that are trusted: objects, or PEM text. */
  readonly roots: readonly Certificate[] | string;
  /** Revocation lists of the CAs: objects, or PEM text. A server's stapled OCSP response counts beside them. */
  readonly crls?: readonly RevocationList[] | string;
  /**
   * `"soft"`, the default, refuses what a list or OCSP response shows to be revoked; `"hard"` also refuses a certificate
   * about which there is none that is current; `"off"` looks at neither, but for certificates that ask for a stapled
   * response.
   */
  readonly revocation?: "off" | "soft" | "hard";
}

/** A client that asks for a certificate: the server's chain must lead to a root, and its name must fit. */
export interface CertificateClient extends OpenStandardClient, ChainTrust {
  /** Names the setting. */
  readonly setting: "certificate";
  /** The server's DNS name or IP address. */
  readonly serverName: string;
}

/** A client that trusts keys, not certificates. */
export interface KeyClient extends OpenStandardClient {
  /** Names the setting. */
  readonly setting: "key";
  /** Which keys: {@link pin}, {@link firstUse}, a check of one's own, or `"anyone"`. */
  readonly trust: KeyTrust;
  /** A name to tell the server, for one that has several keys; none by default. */
  readonly serverName?: string;
}

/** What both sides of `native` and `off` may choose about compression. */
export interface CompressionOptions {
  /** With `native` `"message"` by default, with `off` `"off"`; of the two sides' modes the weaker one is used. */
  readonly compression?: Compression;
  /** 1 to 32,768 bytes that both sides have and that compression starts from; for many small, similar messages. */
  readonly dictionary?: Uint8Array;
}

/** A client of the native setting: a shared secret, a pinned server key, keys of both, or `trust: "anyone"`. */
export type NativeClient = CompressionOptions & NativeClientIdentity & { readonly setting: "native" };

/** No protection at all; both sides have to name it. */
export interface OffSetting extends CompressionOptions {
  /** Names the setting. */
  readonly setting: "off";
}

/** What a client asks for: exactly one setting. */
export type ConnectSecurity = CertificateClient | KeyClient | NativeClient | OffSetting;

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

/** A server that proves itself by a certificate. */
export interface CertificateServer extends OpenStandardServer {
  /** Names the setting. */
  readonly setting: "certificate";
  /** Its own certificate first, then its issuers; objects or PEM text. */
  readonly certificates: readonly Certificate[] | string;
  /** An OCSP response about its own certificate, DER, which is stapled for clients that ask. */
  readonly ocspResponse?: Uint8Array;
}

/** A server that has a key and no certificate. Peers without RFC 7250 get a self-signed one around the same key. */
export interface KeyServer extends OpenStandardServer {
  /** Names the setting. */
  readonly setting: "key";
  /** None: that would be the setting `certificate`. */
  readonly certificates?: never;
}

/** A server of the native setting. */
export type NativeServer = CompressionOptions & NativeServerIdentity & { readonly setting: "native" };

/** One of the settings that a server offers. */
export type AcceptSecurity = CertificateServer | KeyServer | NativeServer | OffSetting;
