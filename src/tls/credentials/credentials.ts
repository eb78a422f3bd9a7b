/** Credentials (certificates or a raw public key) of this side and of a peer, and the callback that verifies a peer. */

import { bitLength } from "../../bigint.ts";
import type { Certificate } from "../../x509/certificate/certificate.ts";
import { type PrivateKey, publicKeyOf as publicHalf } from "../../x509/keys/private_key.ts";
import { exportPublicKey, type PublicKey, samePublicKey } from "../../x509/keys/public_key.ts";
import type { SignatureScheme } from "../../x509/keys/signature_scheme.ts";
import type { CertificateType } from "../handshake/extensions.ts";

/** The credentials of a peer that showed a certificate chain. */
export interface PeerCertificates {
  /** Tells the two kinds of credentials apart. */
  readonly type: "x509";
  /**
   * The chain as the peer sent it, with the peer's own certificate first. When `verifyPeer` is called, nothing has been
   * verified yet.
   */
  readonly chain: readonly Certificate[];
  /** The server name that the client sent, if any. */
  readonly serverName: string | undefined;
  /** The OCSP response for its certificate that a server stapled (RFC 6066 section 8), if any. It has not been verified. */
  readonly ocspResponse: Uint8Array | undefined;
}

/** The credentials of a peer that showed a raw public key (RFC 7250). */
export interface PeerRawKey {
  /** Tells the two kinds of credentials apart. */
  readonly type: "raw";
  /** The DER of the SubjectPublicKeyInfo, from which pins are computed. */
  readonly spki: Uint8Array;
  /** The same key, parsed. */
  readonly publicKey: PublicKey;
}

/** The credentials that a peer showed. */
export type PeerCredentials = PeerCertificates | PeerRawKey;

/**
 * Verifies a peer. To accept the peer, the function returns. To refuse it, the function throws or rejects with a {@link
 * CertificateError} or {@link ChannelError}. It runs before any secret is sent. The handshake waits for its promise, so it
 * may ask the user.
 */
export type VerifyPeer = (peer: PeerCredentials) => void | Promise<void>;

/** The operations of a private key that is stored elsewhere, such as in an HSM. */
export interface KeyOperations {
  /** The public key. */
  readonly publicKey: PublicKey;
  /**
   * Decrypts with RSAES-PKCS1-v1_5 (RFC 8017 section 7.2.2), and rejects if the padding is wrong. Required only for RSA key
   * exchange.
   */
  decrypt?(ciphertext: Uint8Array): Promise<Uint8Array>;
  /** Signs with a scheme that fits the key. An ECDSA signature must be the DER `SEQUENCE { r, s }`. */
  sign(scheme: SignatureScheme, message: Uint8Array): Promise<Uint8Array>;
}

/** This side's credentials: a private key, and the certificate chain or raw public key to show. */
export interface Credentials {
  /** The private key, or the operations of a private key that is stored elsewhere. */
  readonly key: PrivateKey | KeyOperations;
  /**
   * The certificate of the key, followed by the intermediate certificates in the order of the path. The root may be left
   * out.
   */
  readonly certificates?: readonly Certificate[] | undefined;
  /** An OCSP response for the first certificate in DER. A server staples it if the client asks for one. */
  readonly ocspResponse?: Uint8Array | undefined;
  /**
   * Whether the key is shown as a raw public key to peers that ask for one; true by default if there is no certificate.
   */
  readonly rawKey?: boolean | undefined;
}

/** Returns the types in which credentials can be shown. */
export function certificateTypesOf(credentials: Credentials): CertificateType[] {
  const chain = credentials.certificates !== undefined && credentials.certificates.length > 0;
  const types: CertificateType[] = chain ? ["x509"] : [];
  if (credentials.rawKey ?? !chain) types.push("raw");
  return types;
}

/**
 * Returns whether the certificate of these credentials, if they have one, allows this use of the key (RFC 5280 section
 * 4.2.1.3).
 */
export function allowsUsage(
  { certificates }: Credentials,
  usage: "digitalSignature" | "keyEncipherment",
): boolean {
  const allowed = certificates?.[0]?.extensions.keyUsage;
  return allowed === undefined || allowed.has(usage);
}

/** Returns the public key of these credentials. */
export function publicKeyOf({ key }: Credentials): PublicKey {
  return "publicKey" in key ? key.publicKey : publicHalf(key);
}

/** Returns the SubjectPublicKeyInfo of these credentials. */
export function spkiOf(credentials: Credentials): Uint8Array {
  return exportPublicKey(publicKeyOf(credentials));
}

/** The error for an RSA key of this side that is shorter than the options allow. */
export class WeakKeyError extends RangeError {
  readonly bits: number;

  constructor(bits: number) {
    super(`an RSA key of ${bits} bits needs minimumKeyBits: ${bits} to be used`);
    this.bits = bits;
  }
}

/** Refuses credentials of this side whose key is too short or does not match the certificate. */
export function checkCredentials(credentials: Credentials, minimumBits: number): void {
  const key = publicKeyOf(credentials);
  const certified = credentials.certificates?.[0]?.publicKey;
  if (certified !== undefined && !samePublicKey(certified, key)) {
    const own = credentials.certificates!.findIndex(({ publicKey }) => samePublicKey(publicKey, key));
    const order = own < 0 ? "" : `; the one for it is number ${own + 1} of the chain, and must come first`;
    throw new TypeError(`the certificate is not for this key${order}`);
  }
  const bits = rsaBits(key);
  if (bits < minimumBits) {
    throw new WeakKeyError(bits);
  }
}

/** Returns the size of an RSA key in bits, and Infinity for other keys, which are never too short. */
export function rsaBits(key: PublicKey): number {
  return key.type === "rsa" || key.type === "rsa-pss" ? bitLength(key.n) : Infinity;
}
