/** Finds the signer of a revocation list (RFC 5280 section 6.3.3, step (f)). */

import { equalBytes } from "../../bytes.ts";
import { attempt, CertificateError } from "../../errors.ts";
import { Certificate } from "../certificate/certificate.ts";
import { type CandidatePath, PathBuilder, type TrustAnchor } from "../path/builder.ts";
import { checkEndEntity } from "../path/rules.ts";
import type { Steps } from "../steps.ts";
import { checkNames, type Validation } from "../path/validation.ts";
import type { RevocationList } from "./list.ts";
import { isSigned } from "./signatures.ts";

/** The signer of a list. */
export interface ListSigner {
  /** The signer's own path, if the signer is not in the path that is validated. */
  readonly path: CandidatePath | undefined;
}

/**
 * Finds the signer of a list below the anchor of the path that is validated. The signer is in that path, or is another
 * certificate with the name of the list's issuer, such as the certificate for a CA's new key.
 */
export function* signerOf(
  list: RevocationList,
  path: CandidatePath,
  others: readonly Certificate[],
  validation: Validation,
  depth: number,
): Steps<ListSigner | undefined> {
  const inPath = [...path.certificates.slice(depth + 1), path.anchor];
  for (const issuer of inPath.filter((issuer) => maySign(issuer, list))) {
    if (yield* signs(issuer, list, validation, depth)) return { path: undefined };
  }
  for (
    const issuer of others.filter((issuer) => maySign(issuer, list) && matchesKeyIdentifier(issuer, list))
  ) {
    const ownPath = yield* pathTo(path.anchor, issuer, others, validation);
    if (ownPath !== undefined && (yield* signs(issuer, list, validation, depth))) return { path: ownPath };
  }
  return undefined;
}

function* signs(
  issuer: Certificate | TrustAnchor,
  list: RevocationList,
  validation: Validation,
  depth: number,
): Steps<boolean> {
  const key = attempt(() => issuer.publicKey); // its kind may not be supported
  return key !== undefined && (yield* isSigned(list, key, validation, depth));
}

/**
 * Returns whether an issuer may sign a list. It must have the name of the list's issuer, and its keyUsage must allow
 * cRLSign; without keyUsage it must be a CA.
 */
function maySign(issuer: Certificate | TrustAnchor, list: RevocationList): boolean {
  if (!issuer.subject.matches(list.issuer)) return false;
  if (!(issuer instanceof Certificate)) return true;
  const { keyUsage, basicConstraints } = issuer.extensions;
  return keyUsage?.has("cRLSign") ?? (basicConstraints?.ca === true || issuer.version < 3);
}

/** Returns whether the list and the certificate have the same key identifier. Also returns true if either has none. */
function matchesKeyIdentifier(
  { extensions: { subjectKeyIdentifier } }: Certificate,
  list: RevocationList,
): boolean {
  const wanted = list.authorityKeyIdentifier?.keyIdentifier;
  return wanted === undefined || subjectKeyIdentifier === undefined ||
    equalBytes(wanted, subjectKeyIdentifier);
}

/** Returns the path from the signer of a list to the anchor of the path that is validated. */
function* pathTo(
  anchor: Certificate | TrustAnchor,
  issuer: Certificate,
  others: readonly Certificate[],
  { rules, budget }: Validation,
): Steps<CandidatePath | undefined> {
  const own = { ...rules, usage: "any", keyUsage: undefined, serverName: undefined } as const;
  const builder = new PathBuilder([anchor], others, own, budget, (path) => checkNames(path, budget));
  try {
    checkEndEntity(issuer, own);
    return yield* builder.build(issuer);
  } catch (error) {
    if (!(error instanceof CertificateError) || error.reason === "limit") throw error;
    return undefined;
  }
}
