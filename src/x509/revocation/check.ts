/** Checks a path for revoked certificates with given lists and OCSP responses (RFC 5280 section 6.3, RFC 6960). */

import { CertificateError } from "../../errors.ts";
import type { CandidatePath } from "../path/builder.ts";
import type { Steps } from "../steps.ts";
import type { RevocationRule, Validation } from "../path/validation.ts";
import { goodByLists, type ListSignatureCheck, revokedByLists } from "./by_list.ts";
import { statusByResponses } from "./by_response.ts";
import type { RevocationEvidence, Revoked } from "./evidence.ts";
import type { RevocationList } from "./list.ts";
import { signerOf } from "./list_signer.ts";

/**
 * Returns the rule that refuses a path with a revoked certificate below its anchor (`"revoked"`). With `hard`, the rule also
 * refuses a path with a certificate that no evidence shows to be good (`"revocation_unknown"`).
 */
export function requireUnrevoked(evidence: RevocationEvidence, hard: boolean): RevocationRule {
  return function* (path, validation) {
    for (const depth of path.certificates.keys()) {
      yield* checkOne(path, depth, evidence, hard, validation);
    }
  };
}

function* checkOne(
  path: CandidatePath,
  depth: number,
  evidence: RevocationEvidence,
  hard: boolean,
  validation: Validation,
): Steps<void> {
  const certificate = path.certificates[depth];
  const issuer = path.certificates.at(depth + 1) ?? path.anchor;
  const lists = evidence.crls ?? [];
  const isSigned = listSignatureCheck(path, depth, evidence, validation);
  const listed = yield* revokedByLists(certificate, lists, isSigned);
  const responses = yield* statusByResponses(certificate, issuer, evidence, validation, depth);
  const revocations = [...listed, ...responses.revocations];
  if (!hard && revocations.length === 0) return;
  const goodSince = later(
    responses.goodSince,
    yield* goodByLists(certificate, lists, isSigned, evidence, validation.rules),
  );
  const revoked = revocations.find((revocation) => !hasEnded(revocation, goodSince));
  if (revoked !== undefined) throw revokedError(revoked, depth);
  if (goodSince === undefined) {
    const name = depth === 0 ? "the certificate" : `the certificate of ${certificate.subject}`;
    throw new CertificateError(
      "revocation_unknown",
      depth,
      `no current list or OCSP response of ${certificate.issuer} shows that ${name} is not revoked`,
    );
  }
}

/** Returns whether later evidence ends a revocation. Only a hold can end; every other revocation is permanent. */
function hasEnded({ reason, thisUpdate }: Revoked, goodSince: Date | undefined): boolean {
  return reason === "certificateHold" && goodSince !== undefined && thisUpdate < goodSince;
}

function later(a: Date | undefined, b: Date | undefined): Date | undefined {
  return a === undefined || b !== undefined && a < b ? b : a;
}

function revokedError({ since, reason }: Revoked, depth: number): CertificateError {
  const why = reason === undefined ? "" : ` (${reason})`;
  return new CertificateError(
    "revoked",
    depth,
    `the certificate was revoked at ${since.toISOString()}${why}`,
  );
}

/**
 * Returns a function that checks whether a list for the certificate at `depth` has a valid signature by an authorized signer
 * who is not revoked.
 */
function listSignatureCheck(
  path: CandidatePath,
  depth: number,
  evidence: RevocationEvidence,
  validation: Validation,
): ListSignatureCheck {
  const answers = new Map<RevocationList, boolean>();
  const others = [...evidence.crlIssuers ?? [], ...validation.untrusted];
  return function* (list) {
    let answer = answers.get(list);
    if (answer === undefined) {
      const signer = yield* signerOf(list, path, others, validation, depth);
      answer = signer !== undefined &&
        (signer.path === undefined || (yield* isUnrevoked(signer.path, evidence, validation)));
      answers.set(list, answer);
    }
    return answer;
  };
}

/** Returns whether no evidence shows that a list's signer, whose path is given, is revoked. */
function* isUnrevoked(
  path: CandidatePath,
  evidence: RevocationEvidence,
  validation: Validation,
): Steps<boolean> {
  try {
    const nested = { ...validation, untrusted: [] };
    yield* requireUnrevoked({ ...evidence, crlIssuers: [] }, false)(path, nested);
    return true;
  } catch (error) {
    if (!(error instanceof CertificateError) || error.reason === "limit") throw error;
    return false;
  }
}
