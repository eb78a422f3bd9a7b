/** Distribution points: the locations of CRLs, and what these cover (RFC 5280 sections 4.2.1.13 and 5.2.5). */

import { constructed, context, type DerReader } from "../../asn1/mod.ts";
import { type GeneralName, readGeneralNames } from "../names/general_name.ts";
import { type NameAttribute, readRelativeName } from "../names/name.ts";
import { readReasons, type RevocationReason } from "./revocation_reason.ts";

/** DistributionPointName: either a full name or a relative one. */
export interface DistributionPointName {
  /** The location, usually one URI. */
  readonly fullName?: readonly GeneralName[] | undefined;
  /** The location, as a name relative to the name of the CRL's issuer. */
  readonly relativeName?: readonly NameAttribute[] | undefined;
}

/** The location of a CRL (RFC 5280 section 4.2.1.13). */
export interface DistributionPoint extends DistributionPointName {
  /** The reasons that the CRL covers; undefined means all. */
  readonly reasons: ReadonlySet<RevocationReason> | undefined;
  /** The names of the CRL's issuer, if the certificate's issuer does not issue the CRL. */
  readonly crlIssuer: readonly GeneralName[] | undefined;
}

/** Reads CRLDistributionPoints. */
export function readDistributionPoints(reader: DerReader): DistributionPoint[] {
  return reader.nonEmptySequenceOf((list) => list.within(readDistributionPoint));
}

function readDistributionPoint(reader: DerReader): DistributionPoint {
  const name = reader.explicit(0, readDistributionPointName);
  const reasons = reader.optional(context(1), readReasons);
  const crlIssuer = reader.optional(constructed(2), readGeneralNames);
  // RFC 5280 section 4.2.1.13: a point must not consist of reasons alone.
  if (name === undefined && crlIssuer === undefined) reader.fail("has a point without a name");
  return { ...name, reasons, crlIssuer };
}

/** Reads DistributionPointName, a CHOICE. */
export function readDistributionPointName(reader: DerReader): DistributionPointName {
  if (reader.has(constructed(0))) return { fullName: readGeneralNames(reader, constructed(0)) };
  return { relativeName: readRelativeName(reader, constructed(1)) };
}
