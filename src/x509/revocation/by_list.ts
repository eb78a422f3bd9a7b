/** The status of a certificate in a path according to revocation lists (RFC 5280 section 6.3.3). */

import { equalBytes } from "../../bytes.ts";
import type { Certificate } from "../certificate/certificate.ts";
import { REVOCATION_REASONS, type RevocationReason } from "../certificate/revocation_reason.ts";
import type { Steps } from "../steps.ts";
import { isCurrent, type RevocationEvidence, type Revoked } from "./evidence.ts";
import type { RevocationList } from "./list.ts";
import { mayList, reasonsCovered } from "./scope.ts";
import type { PathRules } from "../path/builder.ts";

/** Returns whether a list has a valid signature by an authorized signer. */
export type ListSignatureCheck = (list: RevocationList) => Steps<boolean>;

/** Returns a certificate's revocations in validly signed lists of any age, without those that a later delta list ended. */
export function* revokedByLists(
  certificate: Certificate,
  lists: readonly RevocationList[],
  isSigned: ListSignatureCheck,
): Steps<Revoked[]> {
  const revocations: Revoked[] = [];
  for (const list of lists) {
    const entry = list.find(certificate.serialNumber, certificate.issuer);
    if (entry === undefined || !mayList(certificate, list) || !(yield* isSigned(list))) continue;
    if (yield* isRevocationEnded(certificate, list, lists, isSigned)) continue;
    revocations.push({ since: entry.date, reason: entry.reason, thisUpdate: list.thisUpdate });
  }
  return revocations;
}

/**
 * Returns the time since when lists show a certificate to be good: current lists must together cover every reason, and none
 * of them may list the certificate. Returns undefined if they do not.
 */
export function* goodByLists(
  certificate: Certificate,
  lists: readonly RevocationList[],
  isSigned: ListSignatureCheck,
  evidence: RevocationEvidence,
  rules: PathRules,
): Steps<Date | undefined> {
  const missing = new Set<RevocationReason>(REVOCATION_REASONS);
  let since: Date | undefined;
  for (const list of lists.filter(({ baseNumber }) => baseNumber === undefined)) {
    const reasons = [...reasonsCovered(certificate, list)].filter((reason) => missing.has(reason));
    // Step (e): a list that covers no additional reason is skipped.
    if (reasons.length === 0 || !(yield* isSigned(list))) continue;
    const deltas = yield* deltasOf(list, lists, isSigned);
    const current = [list, ...deltas].filter((one) => isCurrent(one, evidence, rules)).at(-1);
    const isListed = list.find(certificate.serialNumber, certificate.issuer) !== undefined;
    if (
      current === undefined || isListed && !(yield* isRevocationEnded(certificate, list, lists, isSigned))
    ) {
      continue;
    }
    reasons.forEach((reason) => missing.delete(reason));
    if (since === undefined || current.thisUpdate < since) since = current.thisUpdate;
  }
  return missing.size === 0 ? since : undefined;
}

/**
 * Returns whether the newest delta list with an entry for the certificate ends its revocation in `list` (steps (i) to (k)).
 */
function* isRevocationEnded(
  { serialNumber, issuer }: Certificate,
  list: RevocationList,
  lists: readonly RevocationList[],
  isSigned: ListSignatureCheck,
): Steps<boolean> {
  const deltas = yield* deltasOf(list, lists, isSigned);
  const last = deltas.filter((delta) =>
    delta.releases(serialNumber, issuer) || delta.find(serialNumber, issuer) !== undefined
  ).at(-1);
  return last?.releases(serialNumber, issuer) === true;
}

/** Returns the delta lists that update a list, the oldest first (section 5.2.4 and step (c)). */
function* deltasOf(
  list: RevocationList,
  lists: readonly RevocationList[],
  isSigned: ListSignatureCheck,
): Steps<RevocationList[]> {
  const deltas: RevocationList[] = [];
  for (const delta of lists) if (updates(delta, list) && (yield* isSigned(delta))) deltas.push(delta);
  return deltas.sort((a, b) => a.number! < b.number! ? -1 : 1);
}

/** Returns whether a delta list has the same issuer, scope and key as a list, and updates a list with its number. */
function updates(delta: RevocationList, { issuer, scopeDer, number, ...list }: RevocationList): boolean {
  return delta.baseNumber !== undefined && delta.number !== undefined && number !== undefined &&
    delta.baseNumber <= number && number < delta.number &&
    delta.issuer.matches(issuer) && isSame(delta.scopeDer, scopeDer) &&
    isSame(delta.authorityKeyIdentifier?.keyIdentifier, list.authorityKeyIdentifier?.keyIdentifier);
}

function isSame(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a === undefined || b === undefined ? a === b : equalBytes(a, b);
}
