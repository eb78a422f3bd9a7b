/** Reading the extensions about certificate policies (RFC 5280 sections 4.2.1.4, 4.2.1.5 and 4.2.1.11). */

import { context, type DerReader, readDer } from "../../asn1/mod.ts";
import { ANY_POLICY } from "../oids.ts";

/** policyConstraints (RFC 5280 section 4.2.1.11): the number of certificates after which each rule applies. */
export interface PolicyConstraints {
  /** After this many certificates, the path must have an acceptable policy. */
  readonly requireExplicitPolicy: number | undefined;
  /** After this many certificates, policies are no longer mapped. */
  readonly inhibitPolicyMapping: number | undefined;
}

/** One pair of policyMappings (RFC 5280 section 4.2.1.5). */
export interface PolicyMapping {
  /** The issuer's policy, in dotted form. */
  readonly issuerDomain: string;
  /** The equivalent policy of the subject, in dotted form. */
  readonly subjectDomain: string;
}

/** PolicyInformation: a policy and the object identifiers of its qualifiers. */
interface PolicyInformation {
  readonly policy: string;
  readonly qualifiers: readonly string[];
}

/** The largest number of certificates to count. Larger numbers have the same effect. */
const MAX_COUNT = 0x7fffffff;

/** The qualifiers that RFC 5280 defines: a pointer to a practice statement, and a user notice. */
const KNOWN_QUALIFIERS: ReadonlySet<string> = new Set(["1.3.6.1.5.5.7.2.1", "1.3.6.1.5.5.7.2.2"]);

/** Reads certificatePolicies. Qualifiers are dropped: no rule of path validation uses them. */
export function readCertificatePolicies(reader: DerReader): string[] {
  const policies = reader.nonEmptySequenceOf(readPolicyInformation).map(({ policy }) => policy);
  if (new Set(policies).size < policies.length) reader.fail("has a policy twice");
  return policies;
}

/** Returns whether certificatePolicies has a qualifier of a kind that RFC 5280 does not define. */
export function hasUnknownQualifiers(certificatePolicies: Uint8Array): boolean {
  return readDer(
    certificatePolicies,
    "the extension certificatePolicies",
    (reader) => reader.nonEmptySequenceOf(readPolicyInformation),
  ).some(({ qualifiers }) => qualifiers.some((oid) => !KNOWN_QUALIFIERS.has(oid)));
}

function readPolicyInformation(reader: DerReader): PolicyInformation {
  return reader.within((information) => {
    const policy = information.oid();
    const qualifiers = information.done ? [] : information.nonEmptySequenceOf(readQualifier);
    // RFC 5280 section 4.2.1.4: anyPolicy may have only the qualifiers that the RFC defines.
    if (policy === ANY_POLICY && qualifiers.some((oid) => !KNOWN_QUALIFIERS.has(oid))) {
      information.fail("has a qualifier that anyPolicy may not have");
    }
    return { policy, qualifiers };
  });
}

function readQualifier(reader: DerReader): string {
  return reader.within((qualifier) => {
    const oid = qualifier.oid();
    qualifier.any();
    return oid;
  });
}

/** Reads policyMappings. No policy may be mapped from or to anyPolicy (RFC 5280 section 6.1.4 (a)). */
export function readPolicyMappings(reader: DerReader): PolicyMapping[] {
  const mappings = reader.nonEmptySequenceOf((list) =>
    list.within((pair) => ({ issuerDomain: pair.oid(), subjectDomain: pair.oid() }))
  );
  if (mappings.some((pair) => pair.issuerDomain === ANY_POLICY || pair.subjectDomain === ANY_POLICY)) {
    reader.fail("maps anyPolicy");
  }
  return mappings;
}

/** Reads policyConstraints. */
export function readPolicyConstraints(reader: DerReader): PolicyConstraints {
  return reader.within((fields) => {
    const constraints = {
      requireExplicitPolicy: fields.optional(context(0), readCount),
      inhibitPolicyMapping: fields.optional(context(1), readCount),
    };
    if (constraints.requireExplicitPolicy === undefined && constraints.inhibitPolicyMapping === undefined) {
      fields.fail("is empty");
    }
    return constraints;
  });
}

/** Reads SkipCerts or a path length, which must not be negative. */
export function readCount(reader: DerReader, tag?: number): number {
  const value = reader.integer(tag);
  if (value < 0n) reader.fail("has a negative number");
  return value > MAX_COUNT ? MAX_COUNT : Number(value);
}
