/** Who a side is, and whether the other believes it. */

import { bitLength } from "../../bigint.ts";
import type { HashName } from "../../crypto/hash.ts";
import type { RsaPrivateKey, RsaPublicKey } from "../../crypto/rsa/mod.ts";
import type { Certificate } from "../../x509/certificate/certificate.ts";
import { exportPublicKey, type PublicKey, samePublicKey } from "../../x509/keys/public_key.ts";
import type { CertificateType } from "../handshake/extensions.ts";

/** A peer that showed a certificate chain. */
export interface PeerCertificates {
  /** Tells the two kinds of credentials apart. */
  readonly type: "x509";
  /** The chain as the peer sent it, its own certificate first. Nothing is verified yet when `verifyPeer` is called. */
  readonly chain: readonly Certificate[];
  /** The name the client asked for, where there was one. */
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

/** What a peer showed of itself. */
export type PeerCredentials = PeerCertificates | PeerRawKey;

/**
 * Decides whether a peer is trusted: throws (or rejects with) a {@link CertificateError} or {@link ChannelError} to
 * refuse it, and returns to accept it. It runs before any secret is sent, and the handshake waits for it, so that a
 * person may be asked.
 */
export type VerifyPeer = (peer: PeerCredentials) => void | Promise<void>;

/** An RSA private key that lives elsewhere, such as in an HSM. */
export interface RsaKeyOperations {
  /** The public half. */
  readonly publicKey: RsaPublicKey;
  /** RSAES-PKCS1-v1_5 decryption (RFC 8017 section 7.2.2); rejects where the padding is wrong. */
  decrypt(ciphertext: Uint8Array): Promise<Uint8Array>;
  /** RSASSA-PKCS1-v1_5, or RSASSA-PSS with a salt as long as the hash value. */
  sign(padding: "PKCS1" | "PSS", hash: HashName, message: Uint8Array): Promise<Uint8Array>;
}

/** Who this side is: a private key, with a certificate chain or as a raw public key. */
export interface Credentials {
  /** The RSA private key, or the operations of one that lives elsewhere. */
  readonly key: RsaPrivateKey | RsaKeyOperations;
  /** The certificate of the key and those that lead towards a root, in this order; the root itself may be left out. */
  readonly certificates?: readonly Certificate[] | undefined;
  /** An OCSP response about the first certificate, DER, which a server staples where the client asks for it. */
  readonly ocspResponse?: Uint8Array | undefined;
  /** Whether the key is shown without a certificate to peers that ask for that; the default where there is none. */
  readonly rawKey?: boolean | undefined;
}

/** The forms in which credentials can be shown. */
export function certificateTypesOf(credentials: Credentials): CertificateType[] {
  const chain = credentials.certificates !== undefined && credentials.certificates.length > 0;
  const types: CertificateType[] = chain ? ["x509"] : [];
  if (credentials.rawKey ?? !chain) types.push("raw");
  return types;
}

/** The public half of these credentials. */
export function publicKeyOf({ key }: Credentials): RsaPublicKey {
  return "publicKey" in key ? key.publicKey : key;
}

/** The SubjectPublicKeyInfo of these credentials. */
export function spkiOf(credentials: Credentials): Uint8Array {
  const { n, e } = publicKeyOf(credentials);
  return exportPublicKey({ type: "rsa", n, e });
}

/** Refuses credentials of this side whose key is too short, or is not the one in its certificate. */
export function checkCredentials(credentials: Credentials, minimumBits: number): void {
  const { n, e } = publicKeyOf(credentials);
  const certified = credentials.certificates?.[0]?.publicKey;
  if (certified !== undefined && !samePublicKey(certified, { type: "rsa", n, e })) {
    throw new TypeError("the certificate is not for this key");
  }
  const bits = bitLength(n);
  if (bits < minimumBits) {
    throw new RangeError(`an RSA key of ${bits} bits needs minimumKeyBits: ${bits} to be used`);
  }
}
