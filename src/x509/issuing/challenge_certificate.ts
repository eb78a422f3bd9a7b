/** Certificates that answer a CA's tls-alpn-01 challenge (RFC 8737 section 3). */

import { der } from "../../asn1/mod.ts";
import type { Certificate } from "../certificate/certificate.ts";
import type { PrivateKey } from "../keys/private_key.ts";
import { parseAlternativeName } from "../names/alternative_name.ts";
import { ID_PE_ACME_IDENTIFIER } from "../oids.ts";
import { extension, subjectAltName } from "./encode.ts";
import { profileExtensions, selfIssuer } from "./issue.ts";
import { makeCertificate } from "./make_certificate.ts";

const DAYS = 7;

/** Makes a self-signed certificate for this name alone, with the digest of the key authorization. */
export function createChallengeCertificate(key: PrivateKey, name: string, digest: Uint8Array): Certificate {
  const issuer = selfIssuer(key, "CN=tls-alpn-01");
  const extensions = [
    ...profileExtensions("server", issuer.publicKey),
    subjectAltName([parseAlternativeName(name)], issuer.name),
    extension(ID_PE_ACME_IDENTIFIER, true, der.octetString(digest)),
  ];
  return makeCertificate(issuer, issuer, extensions, DAYS, {});
}

/** Returns whether a certificate answers a tls-alpn-01 challenge. */
export function answersChallenge({ allExtensions }: Certificate): boolean {
  return allExtensions.some(({ oid }) => oid === ID_PE_ACME_IDENTIFIER);
}
