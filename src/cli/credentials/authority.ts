/** The CA of `--ca` and `--ca-key`, and whether it issued a certificate or list. */

import { attempt } from "../../errors.ts";
import { verifySignature } from "../../x509/keys/signature.ts";
import { signatureScheme } from "../../x509/keys/signature_scheme.ts";
import type { Certificate, CertificateAuthority, RevocationList } from "../../x509/mod.ts";
import type { Arguments, Io } from "../command.ts";
import { readCertificates, readKey } from "./read.ts";

/** Reads the CA of `--ca` and `--ca-key`, and its chain, its own certificate first. */
export async function readAuthority(
  args: Arguments,
  io: Io,
): Promise<CertificateAuthority & { readonly chain: readonly Certificate[] }> {
  const certificates = await readCertificates(args.text("ca") ?? "ca/ca.pem", args, io);
  const key = await readKey(args.text("ca-key") ?? "ca/ca-key.pem", args, io);
  return { certificate: certificates[0], key, chain: certificates.filter((one) => !isSelfSigned(one)) };
}

/** Whether a certificate or list names this certificate as its issuer and was signed by its key. */
export function isIssuedBy(
  { issuer, tbs, signature, signatureAlgorithm }: Certificate | RevocationList,
  { subject, publicKey }: Certificate,
): boolean {
  return issuer.matches(subject) &&
    verifySignature(publicKey, signatureScheme(signatureAlgorithm), tbs, signature);
}

/** Refuses a certificate that this CA did not issue. */
export function checkIssued(certificate: Certificate, authority: CertificateAuthority, file: string): void {
  if (!isIssuedBy(certificate, authority.certificate)) {
    throw new Error(`${file}: this CA did not issue the certificate`);
  }
}

/** Whether a certificate is self-signed, so useless in a chain. Equal names only make it self-issued (RFC 5280 section 3.2). */
function isSelfSigned(certificate: Certificate): boolean {
  return attempt(() => isIssuedBy(certificate, certificate)) ?? false; // an unsupported algorithm is no reason to leave it out
}
