/** Signature schemes (RFC 8446 section 4.2.3), and the keys that they fit. */

import type { CurveName } from "../../crypto/ec/weierstrass.ts";
import { hashByName } from "../../crypto/hash.ts";
import { bitLength } from "../../bigint.ts";
import type { PublicKey } from "../../x509/keys/public_key.ts";
import type { SignatureScheme } from "../../x509/keys/signature_scheme.ts";
import { TLS_1_3 } from "../handshake/versions.ts";

/** The registered name of a signature scheme that this library knows. */
export type SignatureSchemeName =
  | "ecdsa_secp256r1_sha256"
  | "ecdsa_secp384r1_sha384"
  | "ecdsa_secp521r1_sha512"
  | "ed25519"
  | "rsa_pss_rsae_sha256"
  | "rsa_pss_rsae_sha384"
  | "rsa_pss_rsae_sha512"
  | "rsa_pss_pss_sha256"
  | "rsa_pss_pss_sha384"
  | "rsa_pss_pss_sha512"
  | "rsa_pkcs1_sha256"
  | "rsa_pkcs1_sha384"
  | "rsa_pkcs1_sha512";

/** A signature scheme: its number, its name, its algorithm, and the type of key that it fits. */
export interface TlsSignatureScheme {
  readonly id: number;
  readonly name: SignatureSchemeName;
  readonly scheme: SignatureScheme;
  readonly keyType: PublicKey["type"];
  /** The curve of an ECDSA scheme in TLS 1.3. In TLS 1.2 the scheme fits every curve (RFC 8422 section 5.1.1). */
  readonly curve?: CurveName;
}

/** The schemes, the most preferred first. */
export const SIGNATURE_SCHEMES: readonly TlsSignatureScheme[] = [
  ecdsa(0x0403, "ecdsa_secp256r1_sha256", "P-256", "SHA-256"),
  { id: 0x0807, name: "ed25519", keyType: "ed25519", scheme: { type: "ed25519", hash: undefined } },
  ecdsa(0x0503, "ecdsa_secp384r1_sha384", "P-384", "SHA-384"),
  ecdsa(0x0603, "ecdsa_secp521r1_sha512", "P-521", "SHA-512"),
  pss(0x0804, "rsa_pss_rsae_sha256", "rsa", "SHA-256"),
  pss(0x0805, "rsa_pss_rsae_sha384", "rsa", "SHA-384"),
  pss(0x0806, "rsa_pss_rsae_sha512", "rsa", "SHA-512"),
  pss(0x0809, "rsa_pss_pss_sha256", "rsa-pss", "SHA-256"),
  pss(0x080a, "rsa_pss_pss_sha384", "rsa-pss", "SHA-384"),
  pss(0x080b, "rsa_pss_pss_sha512", "rsa-pss", "SHA-512"),
  pkcs1(0x0401, "rsa_pkcs1_sha256", "SHA-256"),
  pkcs1(0x0501, "rsa_pkcs1_sha384", "SHA-384"),
  pkcs1(0x0601, "rsa_pkcs1_sha512", "SHA-512"),
];

type SignatureHash = "SHA-256" | "SHA-384" | "SHA-512";

function ecdsa(
  id: number,
  name: SignatureSchemeName,
  curve: CurveName,
  hash: SignatureHash,
): TlsSignatureScheme {
  return { id, name, keyType: "ec", curve, scheme: { type: "ecdsa", hash } };
}

/** Returns an RSASSA-PSS scheme, whose salt is as long as the hash value. */
function pss(
  id: number,
  name: SignatureSchemeName,
  keyType: "rsa" | "rsa-pss",
  hash: SignatureHash,
): TlsSignatureScheme {
  return { id, name, keyType, scheme: { type: "rsa-pss", hash, saltLength: hashByName(hash).outputLen } };
}

function pkcs1(id: number, name: SignatureSchemeName, hash: SignatureHash): TlsSignatureScheme {
  return { id, name, keyType: "rsa", scheme: { type: "rsa-pkcs1", hash } };
}

/** Returns whether a key can sign a handshake of this version with this scheme. */
export function schemeFits(
  { scheme, keyType, curve }: TlsSignatureScheme,
  key: PublicKey,
  version: number,
): boolean {
  if (key.type !== keyType) return false;
  switch (scheme.type) {
    case "rsa-pkcs1":
      return version !== TLS_1_3; // RFC 8446 section 4.2.3: for certificates alone
    case "rsa-pss":
      return (key.type === "rsa" || key.type === "rsa-pss") && pssFits(key, scheme.saltLength) &&
        (key.type === "rsa" || key.parameters === undefined || key.parameters.hash === scheme.hash);
    case "ecdsa":
      return version !== TLS_1_3 || (key.type === "ec" && key.curve === curve);
    case "ed25519":
      return true;
  }
}

/**
 * Returns whether the modulus has room for the hash value, a salt of the same length, and two bytes (RFC 8017 section
 * 9.1.1).
 */
function pssFits({ n }: { readonly n: bigint }, hashLength: number): boolean {
  return Math.ceil((bitLength(n) - 1) / 8) >= 2 * hashLength + 2;
}

/** The numbers of the schemes that this library verifies, both in handshakes and in certificates. */
export const CERTIFICATE_SCHEMES: readonly number[] = SIGNATURE_SCHEMES.map(({ id }) => id);
