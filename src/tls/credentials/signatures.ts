/** Signatures in handshake messages (RFC 8446 section 4.4.3, RFC 5246 sections 7.4.3 and 7.4.8). */

import type { SignaturePrimitives } from "../../crypto/operations.ts";
import type { PublicKey } from "../../x509/keys/public_key.ts";
import { sign, signatureCheck } from "../../x509/keys/signature.ts";
import { fatalAlert } from "../alerts.ts";
import { allowsUsage, type Credentials, publicKeyOf } from "./credentials.ts";
import { schemeFits, SIGNATURE_SCHEMES, type TlsSignatureScheme } from "./signature_schemes.ts";

/** Returns the most preferred scheme that the peer accepts and with which these credentials can sign. */
export function signatureSchemeFor(
  credentials: Credentials,
  accepted: readonly number[],
  version: number,
): TlsSignatureScheme | undefined {
  if (!allowsUsage(credentials, "digitalSignature")) return undefined;
  const key = publicKeyOf(credentials);
  return SIGNATURE_SCHEMES.find((scheme) => accepted.includes(scheme.id) && schemeFits(scheme, key, version));
}

/** Signs the content of a handshake message. */
export async function signContent(
  { key }: Credentials,
  { scheme }: TlsSignatureScheme,
  content: Uint8Array,
  primitives: SignaturePrimitives,
): Promise<Uint8Array> {
  return "publicKey" in key ? await key.sign(scheme, content) : sign(key, scheme, content, primitives);
}

/**
 * Checks the signature in a handshake message, and returns its scheme.
 *
 * @throws {ChannelError} With the alert `illegal_parameter` if the scheme is unknown or does not fit the key, and
 * `decrypt_error` if the signature is wrong.
 */
export function verifyContent(
  key: PublicKey,
  { scheme: id, signature }: { readonly scheme: number; readonly signature: Uint8Array },
  content: Uint8Array,
  version: number,
  primitives: SignaturePrimitives,
): TlsSignatureScheme {
  const found = SIGNATURE_SCHEMES.find((scheme) => scheme.id === id);
  if (found === undefined || !schemeFits(found, key, version)) {
    throw fatalAlert(
      "illegal_parameter",
      "the peer signed with a scheme that was not offered or does not fit its key",
    );
  }
  if (!signatureCheck(primitives)(key, found.scheme, content, signature)) {
    throw fatalAlert("decrypt_error", "the signature in the handshake is wrong");
  }
  return found;
}
