/** The numbers of signature schemes (RFC 8446 section 4.2.3): what is announced. */

import type { HashName } from "../../crypto/hash.ts";

/** How an RSA key signs. */
export interface RsaScheme {
  readonly padding: "PKCS1" | "PSS";
  readonly hash: HashName;
}

/** The schemes in which CertificateVerify is signed and verified (RFC 8446 section 4.2.3), the best first. */
export const RSA_SCHEMES: ReadonlyMap<number, RsaScheme> = new Map<number, RsaScheme>([
  [0x0804, { padding: "PSS", hash: "SHA-256" }],
  [0x0805, { padding: "PSS", hash: "SHA-384" }],
  [0x0806, { padding: "PSS", hash: "SHA-512" }],
  [0x0401, { padding: "PKCS1", hash: "SHA-256" }],
  [0x0501, { padding: "PKCS1", hash: "SHA-384" }],
  [0x0601, { padding: "PKCS1", hash: "SHA-512" }],
]);

/** What CertificateVerify may be signed with. */
export const VERIFY_SCHEMES: readonly number[] = [...RSA_SCHEMES.keys()];

/** What certificates may be signed with: the same, rsa_pss_pss, ECDSA and Ed25519. */
export const CERTIFICATE_SCHEMES: readonly number[] = [
  ...VERIFY_SCHEMES,
  ...[0x0809, 0x080a, 0x080b],
  ...[0x0403, 0x0503, 0x0603],
  0x0807,
];
