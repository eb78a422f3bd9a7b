/** The reasons that a list covers for a certificate (RFC 5280 section 6.3.3, steps (b) and (d)). */

import type { Certificate } from "../certificate/certificate.ts";
import type { DistributionPoint, DistributionPointName } from "../certificate/distribution_point.ts";
import { REVOCATION_REASONS, type RevocationReason } from "../certificate/revocation_reason.ts";
import { toHex } from "../../bytes.ts";
import { encodeGeneralName, type GeneralName } from "../names/general_name.ts";
import { Name } from "../names/name.ts";
import type { RevocationList } from "./list.ts";

/**
 * Returns the reasons that the list covers for the certificate. The set is empty if the certificate is not in the list's
 * scope.
 */
export function reasonsCovered(certificate: Certificate, list: RevocationList): Set<RevocationReason> {
  const covered = new Set<RevocationReason>();
  if (!coversKind(certificate, list)) return covered;
  for (const point of pointsOf(certificate)) {
    if (!isFrom(certificate, list, point) || !isAt(certificate, list, point)) continue;
    for (const reason of REVOCATION_REASONS) {
      const isInList = list.scope.reasons?.has(reason) ?? true;
      if (isInList && (point.reasons?.has(reason) ?? true)) covered.add(reason);
    }
  }
  return covered;
}

/**
 * Returns whether the list may have an entry for the certificate. Serial numbers are unique per issuer. An entry therefore
 * counts in any list of the certificate's issuer, and in an indirect list whose issuer the certificate names.
 */
export function mayList(certificate: Certificate, list: RevocationList): boolean {
  return list.issuer.matches(certificate.issuer) ||
    pointsOf(certificate).some((point) => isFrom(certificate, list, point));
}

/** Returns the certificate's distribution points, and the one that every certificate has implicitly: its issuer's name. */
function pointsOf({ issuer, extensions }: Certificate): DistributionPoint[] {
  const implied: DistributionPoint = {
    fullName: [{ type: "directoryName", value: issuer }],
    reasons: undefined,
    crlIssuer: undefined,
  };
  return [...extensions.crlDistributionPoints ?? [], implied];
}

/** Returns whether the list covers this kind of certificate, CA or end entity (step (b) (2)). */
function coversKind({ extensions }: Certificate, { scope }: RevocationList): boolean {
  return scope.only === undefined || (scope.only === "ca") === (extensions.basicConstraints?.ca === true);
}

/** Returns whether the list's issuer is the certificate's issuer, or the CRL issuer that the point names (step (b) (1)). */
function isFrom(certificate: Certificate, list: RevocationList, point: DistributionPoint): boolean {
  if (point.crlIssuer === undefined) return list.issuer.matches(certificate.issuer);
  return list.scope.indirect && directoryNames(point.crlIssuer).some((name) => name.matches(list.issuer));
}

/** Returns whether the list has no distribution point, or one that shares a name with this point (step (b) (2) (i)). */
function isAt(certificate: Certificate, list: RevocationList, point: DistributionPoint): boolean {
  const { distributionPoint } = list.scope;
  if (distributionPoint === undefined) return true;
  const base = directoryNames(point.crlIssuer ?? []).at(0) ?? certificate.issuer;
  const isNamed = point.fullName !== undefined || point.relativeName !== undefined;
  const named = namesOf(isNamed ? point : { fullName: point.crlIssuer }, base);
  return namesOf(distributionPoint, list.issuer).some((name) => named.includes(name));
}

/** Returns the names of a distribution point as text that can be compared. A relative name is appended to the base. */
function namesOf({ fullName = [], relativeName }: DistributionPointName, base: Name): string[] {
  const names = fullName.map(comparable);
  if (relativeName === undefined) return names;
  const value = new Name(new Uint8Array(), [...base.relativeNames, relativeName]);
  return [...names, comparable({ type: "directoryName", value })];
}

function comparable(name: GeneralName): string {
  return name.type === "directoryName" ? name.value.key : toHex(encodeGeneralName(name));
}

function directoryNames(names: readonly GeneralName[]): Name[] {
  return names.flatMap((name) => name.type === "directoryName" ? [name.value] : []);
}
