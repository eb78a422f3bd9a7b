/** The status of a certificate in a path according to OCSP responses (RFC 6960 section 3.2). */

import { attempt } from "../../errors.ts";
import { Certificate } from "../certificate/certificate.ts";
import type { Name } from "../names/name.ts";
import { exportPublicKey, type PublicKey, subjectKeyBits } from "../keys/public_key.ts";
import { ID_KP_OCSP_SIGNING } from "../oids.ts";
import type { TrustAnchor } from "../path/builder.ts";
import { checkForm, checkKey } from "../path/rules.ts";
import type { Steps } from "../steps.ts";
import type { Validation } from "../path/validation.ts";
import { isCurrent, type RevocationEvidence, type Revoked } from "./evidence.ts";
import type { OcspResponse } from "./ocsp.ts";
import { isSigned } from "./signatures.ts";

/** The status of one certificate according to responses: its revocations, and the time since when it is known to be good. */
export interface ResponseStatus {
  readonly revocations: readonly Revoked[];
  readonly goodSince: Date | undefined;
}

/** The issuer of the certificate: the next certificate of the path, or the anchor. */
interface Issuer {
  readonly name: Name;
  readonly publicKey: PublicKey;
  readonly keyBits: Uint8Array;
}

/**
 * Returns the status according to validly signed responses. A revocation of any age counts; the status "good" counts only if
 * it is current.
 */
export function* statusByResponses(
  certificate: Certificate,
  anyIssuer: Certificate | TrustAnchor,
  evidence: RevocationEvidence,
  validation: Validation,
  depth: number,
): Steps<ResponseStatus> {
  const issuer = issuerOf(anyIssuer);
  const revocations: Revoked[] = [];
  let goodSince: Date | undefined;
  for (const response of evidence.ocspResponses ?? []) {
    for (const status of response.statusesOf(certificate, issuer.keyBits)) {
      if (status.status === "unknown") continue;
      const isGood = status.status === "good";
      if (isGood && !isCurrent(status, evidence, validation.rules)) continue;
      if (!(yield* isFromResponder(response, issuer, isGood, validation, depth))) continue;
      if (status.status === "revoked") revocations.push(status);
      else if (goodSince === undefined || goodSince < status.thisUpdate) goodSince = status.thisUpdate;
    }
  }
  return { revocations, goodSince };
}

/**
 * Returns whether a response has a valid signature by the issuer or by the issuer's delegated responder (RFC 6960 section
 * 4.2.2.2).
 */
function* isFromResponder(
  response: OcspResponse,
  issuer: Issuer,
  mustBeValid: boolean,
  validation: Validation,
  depth: number,
): Steps<boolean> {
  if (response.isFrom(issuer.name, issuer.keyBits)) {
    return yield* isSigned(response, issuer.publicKey, validation, depth);
  }
  for (const certificate of response.certificates.filter((one) => isDelegate(one, issuer, response))) {
    const isValid = isValidAt(certificate, validation.rules.now) ||
      !mustBeValid && isValidAt(certificate, response.producedAt);
    if (isValid && isAcceptableDelegate(certificate, validation.rules.minimumRsaBits)) {
      const isDelegated = yield* isSigned(certificate, issuer.publicKey, validation, depth);
      if (isDelegated && (yield* isSigned(response, certificate.publicKey, validation, depth))) return true;
    }
  }
  return false;
}

function isValidAt({ notBefore, notAfter }: Certificate, time: Date): boolean {
  return notBefore <= time && time <= notAfter;
}

function issuerOf(issuer: Certificate | TrustAnchor): Issuer {
  const spki = issuer instanceof Certificate ? issuer.spki : exportPublicKey(issuer.publicKey);
  return { name: issuer.subject, publicKey: issuer.publicKey, keyBits: subjectKeyBits(spki) };
}

function isDelegate(certificate: Certificate, issuer: Issuer, response: OcspResponse): boolean {
  const { extendedKeyUsage, keyUsage } = certificate.extensions;
  return isNamedResponder(certificate, response) && certificate.issuer.matches(issuer.name) &&
    extendedKeyUsage?.includes(ID_KP_OCSP_SIGNING) === true && keyUsage?.has("digitalSignature") !== false;
}

/**
 * Returns whether a response names the certificate's subject or key as its responder. Returns false if the key cannot be
 * read.
 */
function isNamedResponder({ subject, spki }: Certificate, response: OcspResponse): boolean {
  return attempt(() => response.isFrom(subject, subjectKeyBits(spki))) ?? false;
}

/**
 * Returns whether a delegate follows the rules for every certificate: it has no unknown critical extension, and a supported
 * key that is not weak.
 */
function isAcceptableDelegate(certificate: Certificate, minimumRsaBits: number): boolean {
  return attempt(() => {
    checkForm(certificate, 0);
    checkKey(certificate.publicKey, 0, minimumRsaBits);
    return true;
  }) ?? false;
}
