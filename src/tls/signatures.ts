/** Signature schemes: what is announced, and CertificateVerify (RFC 5246 section 7.4.8). */

import { type RsaPublicKey, signPkcs1, signPss, verifyPkcs1, verifyPss } from "../crypto/rsa/mod.ts";
import { hashByName, type HashName } from "../crypto/hash.ts";
import { fatal } from "./alerts.ts";
import type { Identity } from "./identity.ts";

interface RsaScheme {
  readonly padding: "PKCS1" | "PSS";
  readonly hash: HashName;
}

/** The schemes in which CertificateVerify is signed and verified (RFC 8446 section 4.2.3), the best first. */
const RSA_SCHEMES: ReadonlyMap<number, RsaScheme> = new Map<number, RsaScheme>([
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

/** Signs the transcript in the first of our schemes that the server takes. */
export async function signTranscript(
  { key }: Identity,
  accepted: readonly number[],
  transcript: Uint8Array,
): Promise<{ scheme: number; signature: Uint8Array }> {
  const found = [...RSA_SCHEMES].find(([scheme]) => accepted.includes(scheme));
  if (found === undefined) {
    throw fatal("handshake_failure", "the server takes no signature of this client's kind");
  }
  const [scheme, { padding, hash }] = found;
  if ("sign" in key) return { scheme, signature: await key.sign(padding, hash, transcript) };
  const signature = padding === "PSS"
    ? signPss(key, transcript, { hash, saltLength: hashByName(hash).outputLen })
    : signPkcs1(key, hash, transcript);
  return { scheme, signature };
}

/** Checks the client's signature over the transcript; throws `decrypt_error` where it is wrong. */
export function verifyTranscript(
  publicKey: RsaPublicKey,
  scheme: number,
  signature: Uint8Array,
  transcript: Uint8Array,
): void {
  const rsaScheme = RSA_SCHEMES.get(scheme);
  if (rsaScheme === undefined) {
    throw fatal("illegal_parameter", "CertificateVerify is signed in a way that was not offered");
  }
  const { padding, hash } = rsaScheme;
  const valid = padding === "PSS"
    ? verifyPss(publicKey, transcript, signature, { hash, saltLength: hashByName(hash).outputLen })
    : verifyPkcs1(publicKey, hash, transcript, signature);
  if (!valid) throw fatal("decrypt_error", "the signature of CertificateVerify is wrong");
}
