/** Checks whether the peer accepts the signature schemes in a certificate chain (RFC 8446 section 4.2.3). */

import type { AlgorithmIdentifier } from "../../x509/keys/algorithm.ts";
import type { Certificate } from "../../x509/certificate/certificate.ts";
import { type SignatureScheme, signatureScheme } from "../../x509/keys/signature_scheme.ts";
import { decodeSignatureSchemes, type Extensions, ExtensionType } from "../handshake/extensions.ts";
import type { Credentials } from "./credentials.ts";
import { SIGNATURE_SCHEMES } from "./signature_schemes.ts";

/** Schemes that sign only certificates. This library recognizes but never offers them. */
const LEGACY_SCHEMES: readonly { readonly id: number; readonly scheme: SignatureScheme }[] = [
  { id: 0x0201, scheme: { type: "rsa-pkcs1", hash: "SHA-1" } },
  { id: 0x0203, scheme: { type: "ecdsa", hash: "SHA-1" } },
];

/**
 * Returns the numbers of the schemes that the peer accepts in certificates: those in signature_algorithms_cert or, without
 * it, in signature_algorithms. Returns undefined if the ClientHello or CertificateRequest has neither.
 */
export function certificateSchemes(extensions: Extensions): readonly number[] | undefined {
  const data = extensions.get(ExtensionType.signatureAlgorithmsCert) ??
    extensions.get(ExtensionType.signatureAlgorithms);
  return data && decodeSignatureSchemes(data);
}

/**
 * Returns whether every certificate of the chain is signed with an accepted scheme. Self-signed certificates may have any
 * scheme, since their signatures are not verified.
 */
export function areCertificatesAccepted(
  { certificates = [] }: Credentials,
  accepted: readonly number[],
): boolean {
  return certificates.every((certificate) =>
    certificate.isSelfIssued || schemesOf(certificate).some((id) => accepted.includes(id))
  );
}

/**
 * Returns the numbers of all schemes that a certificate's signature may have. The exact scheme also depends on the issuer's
 * key, which is unknown here. Returns an empty list if the signature algorithm is unknown.
 */
function schemesOf({ signatureAlgorithm }: Certificate): readonly number[] {
  const signed = knownScheme(signatureAlgorithm);
  return [...SIGNATURE_SCHEMES, ...LEGACY_SCHEMES]
    .filter(({ scheme }) => scheme.type === signed?.type && scheme.hash === signed.hash)
    .map(({ id }) => id);
}

function knownScheme(algorithm: AlgorithmIdentifier): SignatureScheme | undefined {
  try {
    return signatureScheme(algorithm);
  } catch {
    return undefined;
  }
}
