/** The credentials of this side and of a peer, certificates or a raw public key, and the callback that verifies a peer. */

import { bitLength } from "../../bigint.ts";
import type { Certificate } from "../../x509/certificate/certificate.ts";
import { type PrivateKey, publicKeyOf as publicHalf } from "../../x509/keys/private_key.ts";
import { exportPublicKey, type PublicKey, samePublicKey } from "../../x509/keys/public_key.ts";
import type { SignatureScheme } from "../../x509/keys/signature_scheme.ts";
import type { CertificateType } from "../handshake/extensions.ts";

/** A peer that showed a certificate chain. */
export interface PeerCertificates {
  /** Tells the two kinds of credentials apart. */
  readonly type: "x509";
  /** The chain as the peer sent it, its own certificate first. Nothing is verified yet when `verifyPeer` is called. */
  readonly chain: readonly Certificate[];
  /** The name that the client asked for, if any. */
  readonly serverName: string | undefined;
  /** The OCSP response about its own certificate that a server stapled (RFC 6066 section 8), not verified. */
  readonly ocspResponse: Uint8Array | undefined;
}

/** A peer that showed a raw public key (RFC 7250). */
export interface PeerRawKey {
  /** Tells the two kinds of credentials apart. */
  readonly type: "raw";
  /** The DER of its SubjectPublicKeyInfo, which is what pins are made of. */
  readonly spki: Uint8Array;
  /** The same key, parsed. */
  readonly publicKey: PublicKey;
}

/** The credentials that a peer showed. */
export type PeerCredentials = PeerCertificates | PeerRawKey;

/**
 * Verifies a peer: returns to accept it, and throws (or rejects with) a {@link CertificateError} or {@link ChannelError} to
 * refuse it. It runs before any secret is sent. The handshake waits for it, so it may ask the user.
 */
export type VerifyPeer = (peer: PeerCredentials) => void | Promise<void>;

/** A private key that lives elsewhere, such as in an HSM. */
export interface KeyOperations {
  /** The public half. */
  readonly publicKey: PublicKey;
  /**
   * RSAES-PKCS1-v1_5 decryption (RFC 8017 section 7.2.2); rejects if the padding is wrong. Needed only for RSA key exchange.
   */
  decrypt?(ciphertext: Uint8Array): Promise<Uint8Array>;
  /** Signs with a scheme that fits the key; an ECDSA signature is the DER `SEQUENCE { r, s }`. */
  sign(scheme: SignatureScheme, message: Uint8Array): Promise<Uint8Array>;
}

/** This side's credentials: a private key, with a certificate chain or as a raw public key. */
export interface Credentials {
  /** The private key, or the operations of one that lives elsewhere. */
  readonly key: PrivateKey | KeyOperations;
  /** The certificate of the key and those that lead towards a root, in this order; the root itself may be left out. */
  readonly certificates?: readonly Certificate[] | undefined;
  /** An OCSP response about the first certificate, DER, which a server staples if the client asks for it. */
  readonly ocspResponse?: Uint8Array | undefined;
  /** Whether the key is shown as a raw public key to peers that ask for one; true by default if there is no certificate. */
  readonly rawKey?: boolean | undefined;
}

/** Returns the types in which credentials can be shown. */
export function certificateTypesOf(credentials: Credentials): CertificateType[] {
  const chain = credentials.certificates !== undefined && credentials.certificates.length > 0;
  const types: CertificateType[] = chain ? ["x509"] : [];
  if (credentials.rawKey ?? !chain) types.push("raw");
  return types;
}

/** Whether the certificate of these credentials, if there is one, allows its key this use (RFC 5280 section 4.2.1.3). */
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
    throw new RangeError(`an RSA key of ${bits} bits needs minimumKeyBits: ${bits} to be used`);
  }
}

/** Returns the size of an RSA key in bits, and Infinity for other keys, which are never too short. */
export function rsaBits(key: PublicKey): number {
  return key.type === "rsa" || key.type === "rsa-pss" ? bitLength(key.n) : Infinity;
}
