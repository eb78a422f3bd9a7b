/** The signature in CertificateVerify (RFC 5246 section 7.4.8). */

import { type RsaPublicKey, signPkcs1, signPss, verifyPkcs1, verifyPss } from "../../crypto/rsa/mod.ts";
import { hashByName } from "../../crypto/hash.ts";
import { fatalAlert } from "../alerts.ts";
import type { Credentials } from "./credentials.ts";
import { RSA_SCHEMES } from "./signature_schemes.ts";

/** Signs the transcript in the first of our schemes that the server takes. */
export async function signTranscript(
  { key }: Credentials,
  accepted: readonly number[],
  transcript: Uint8Array,
): Promise<{ scheme: number; signature: Uint8Array }> {
  const found = [...RSA_SCHEMES].find(([scheme]) => accepted.includes(scheme));
  if (found === undefined) {
    throw fatalAlert("handshake_failure", "the server takes no signature of this client's kind");
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
    throw fatalAlert("illegal_parameter", "CertificateVerify is signed in a way that was not offered");
  }
  const { padding, hash } = rsaScheme;
  const valid = padding === "PSS"
    ? verifyPss(publicKey, transcript, signature, { hash, saltLength: hashByName(hash).outputLen })
    : verifyPkcs1(publicKey, hash, transcript, signature);
  if (!valid) throw fatalAlert("decrypt_error", "the signature of CertificateVerify is wrong");
}
