/** Certificate extensions (RFC 5280 section 4.2), typed. */

import { constructed, context, type DerReader, readDer, TAG } from "../../asn1/mod.ts";
import { type GeneralName, readGeneralName, readGeneralNames } from "../names/general_name.ts";
import { type NameAttribute, readRelativeName } from "../names/name.ts";
import { ANY_POLICY } from "../oids.ts";

/** An extension as it is encoded. */
export interface Extension {
  /** Its object identifier, in dotted form. */
  readonly oid: string;
  /** Whether whoever does not understand it must refuse. */
  readonly critical: boolean;
  /** The DER inside its OCTET STRING. */
  readonly value: Uint8Array;
}

/** basicConstraints (RFC 5280 section 4.2.1.9). */
export interface BasicConstraints {
  /** Whether the subject is a CA. */
  readonly ca: boolean;
  /** How many intermediate CA certificates may follow, self-issued ones not counted. */
  readonly pathLength: number | undefined;
}

/** What a key may be used for (RFC 5280 section 4.2.1.3). */
export type KeyUsage =
  | "digitalSignature"
  | "nonRepudiation"
  | "keyEncipherment"
  | "dataEncipherment"
  | "keyAgreement"
  | "keyCertSign"
  | "cRLSign"
  | "encipherOnly"
  | "decipherOnly";

/** authorityKeyIdentifier (RFC 5280 section 4.2.1.1). */
export interface AuthorityKeyIdentifier {
  /** The issuer's subjectKeyIdentifier. */
  readonly keyIdentifier: Uint8Array | undefined;
  /** The name of the issuer's own issuer. */
  readonly issuer: readonly GeneralName[] | undefined;
  /** The contents of the serial number's INTEGER. */
  readonly serialNumber: Uint8Array | undefined;
}

/** nameConstraints (RFC 5280 section 4.2.1.10): name spaces that names below must, and must not, be in. */
export interface NameConstraints {
  /** Where names of a kind that is listed here must be. */
  readonly permitted: readonly GeneralName[];
  /** Where names must not be. */
  readonly excluded: readonly GeneralName[];
}

/** policyConstraints (RFC 5280 section 4.2.1.11): after how many more certificates the rules hold. */
export interface PolicyConstraints {
  /** From there on the path needs a policy that is acceptable. */
  readonly requireExplicitPolicy: number | undefined;
  /** From there on policies are not mapped any more. */
  readonly inhibitPolicyMapping: number | undefined;
}

/** One pair of policyMappings (RFC 5280 section 4.2.1.5). */
export interface PolicyMapping {
  /** The issuer's policy, in dotted form. */
  readonly issuerDomain: string;
  /** The subject's policy that counts as the same, in dotted form. */
  readonly subjectDomain: string;
}

/** Where a CRL is found (RFC 5280 section 4.2.1.13). */
export interface DistributionPoint {
  /** Where it is: most often one URI. */
  readonly fullName: readonly GeneralName[] | undefined;
  /** Where it is, relative to the name of the CRL's issuer. */
  readonly relativeName: readonly NameAttribute[] | undefined;
  /** Whether the point covers some reasons only. */
  readonly hasReasons: boolean;
  /** Who signs the CRL, where it is not the certificate's issuer. */
  readonly crlIssuer: readonly GeneralName[] | undefined;
}

/** One entry of authorityInfoAccess (RFC 5280 section 4.2.2.1). */
export interface AccessDescription {
  /** How: `1.3.6.1.5.5.7.48.1` is OCSP, `1.3.6.1.5.5.7.48.2` is the issuer's certificate. */
  readonly method: string;
  /** Where. */
  readonly location: GeneralName;
}

/** The extensions of a certificate that this library knows; undefined where a certificate does not have one. */
export interface KnownExtensions {
  /** Which key of the issuer signed. */
  readonly authorityKeyIdentifier?: AuthorityKeyIdentifier;
  /** A name for the subject's key. */
  readonly subjectKeyIdentifier?: Uint8Array;
  /** What the key may be used for. */
  readonly keyUsage?: ReadonlySet<KeyUsage>;
  /** Policy identifiers, in dotted form. */
  readonly certificatePolicies?: readonly string[];
  /** Policies of the issuer and the subject that count as the same. */
  readonly policyMappings?: readonly PolicyMapping[];
  /** The subject's names: DNS names, IP addresses and others. */
  readonly subjectAltName?: readonly GeneralName[];
  /** More names of the issuer. */
  readonly issuerAltName?: readonly GeneralName[];
  /** Whether the subject is a CA, and how long a path may follow. */
  readonly basicConstraints?: BasicConstraints;
  /** Which names certificates below may have. */
  readonly nameConstraints?: NameConstraints;
  /** Rules about policies for the certificates below. */
  readonly policyConstraints?: PolicyConstraints;
  /** Key purposes, in dotted form. */
  readonly extendedKeyUsage?: readonly string[];
  /** Where revocation lists are found. */
  readonly crlDistributionPoints?: readonly DistributionPoint[];
  /** Where delta revocation lists are found. */
  readonly freshestCrl?: readonly DistributionPoint[];
  /** After how many more certificates anyPolicy means nothing. */
  readonly inhibitAnyPolicy?: number;
  /** Where the issuer's certificate and its OCSP responder are found. */
  readonly authorityInfoAccess?: readonly AccessDescription[];
  /** TLS extensions that the server must offer (RFC 7633): 5 is status_request, "must staple". */
  readonly tlsFeature?: readonly number[];
}

/** What each bit of keyUsage means, from bit 0 on. */
export const KEY_USAGES: readonly KeyUsage[] = [
  "digitalSignature",
  "nonRepudiation",
  "keyEncipherment",
  "dataEncipherment",
  "keyAgreement",
  "keyCertSign",
  "cRLSign",
  "encipherOnly",
  "decipherOnly",
];

/** An integer that counts certificates: more than anyone will count is the same as this. */
const MAX_COUNT = 0x7fffffff;

const READERS: ReadonlyMap<string, readonly [keyof KnownExtensions, (reader: DerReader) => unknown]> =
  new Map<
    string,
    readonly [keyof KnownExtensions, (reader: DerReader) => unknown]
  >([
    ["2.5.29.35", ["authorityKeyIdentifier", readAuthorityKeyIdentifier]],
    ["2.5.29.14", ["subjectKeyIdentifier", (reader) => reader.octetString()]],
    ["2.5.29.15", ["keyUsage", readKeyUsage]],
    ["2.5.29.32", ["certificatePolicies", readCertificatePolicies]],
    ["2.5.29.33", ["policyMappings", readPolicyMappings]],
    ["2.5.29.17", ["subjectAltName", (reader) => readGeneralNames(reader)]],
    ["2.5.29.18", ["issuerAltName", (reader) => readGeneralNames(reader)]],
    ["2.5.29.19", ["basicConstraints", readBasicConstraints]],
    ["2.5.29.30", ["nameConstraints", readNameConstraints]],
    ["2.5.29.36", ["policyConstraints", readPolicyConstraints]],
    ["2.5.29.37", [
      "extendedKeyUsage",
      (reader) => nonEmpty(reader, reader.sequenceOf((inner) => inner.oid())),
    ]],
    ["2.5.29.31", ["crlDistributionPoints", readDistributionPoints]],
    ["2.5.29.46", ["freshestCrl", readDistributionPoints]],
    ["2.5.29.54", ["inhibitAnyPolicy", (reader) => readCount(reader)]],
    ["1.3.6.1.5.5.7.1.1", ["authorityInfoAccess", readAuthorityInfoAccess]],
    ["1.3.6.1.5.5.7.1.24", [
      "tlsFeature",
      (reader) => reader.sequenceOf((inner) => inner.smallInteger(0xffff)),
    ]],
  ]);

/** The object identifier of each extension that this library knows. */
export const EXTENSION_OIDS: Readonly<Record<keyof KnownExtensions, string>> = Object.fromEntries(
  Array.from(READERS, ([oid, [name]]) => [name, oid]),
) as Record<keyof KnownExtensions, string>;

/** Reads Extensions (RFC 5280 section 4.1.2.9): at least one, none twice. */
export function readExtensions(reader: DerReader): Extension[] {
  const extensions = reader.sequenceOf((list) => list.within(readExtension));
  if (extensions.length === 0) reader.fail("has an empty list of extensions");
  if (new Set(extensions.map(({ oid }) => oid)).size < extensions.length) {
    reader.fail("has an extension twice");
  }
  return extensions;
}

/** The values of the extensions that this library knows. */
export function knownExtensions(extensions: readonly Extension[]): KnownExtensions {
  const known: Partial<Record<keyof KnownExtensions, unknown>> = {};
  for (const { oid, value } of extensions) {
    const found = READERS.get(oid);
    if (found === undefined) continue;
    const [name, read] = found;
    known[name] = readDer(value, `the extension ${name}`, read);
  }
  return known as KnownExtensions;
}

function readExtension(reader: DerReader): Extension {
  return { oid: reader.oid(), critical: reader.booleanDefaultFalse(), value: reader.octetString() };
}

function readAuthorityKeyIdentifier(reader: DerReader): AuthorityKeyIdentifier {
  return reader.within((fields) => {
    const identifier = {
      keyIdentifier: fields.optional(context(0), (inner) => inner.octetString(context(0))),
      issuer: fields.optional(constructed(1), (inner) => readGeneralNames(inner, constructed(1))),
      serialNumber: fields.optional(context(2), (inner) => inner.integerBytes(context(2))),
    };
    if ((identifier.issuer === undefined) !== (identifier.serialNumber === undefined)) {
      fields.fail("has an issuer without a serial number, or the other way round");
    }
    return identifier;
  });
}

function readKeyUsage(reader: DerReader): ReadonlySet<KeyUsage> {
  const bits = reader.namedBits();
  // RFC 5280 section 4.2.1.3: at least one bit must be set.
  if (bits.size === 0) reader.fail("has no bit set");
  return new Set(KEY_USAGES.filter((_, bit) => bits.has(bit)));
}

/** Qualifiers are checked for their form and then dropped: no rule of path validation uses them. */
function readCertificatePolicies(reader: DerReader): string[] {
  const policies = nonEmpty(
    reader,
    reader.sequenceOf((list) =>
      list.within((information) => {
        const policy = information.oid();
        if (!information.done) {
          nonEmpty(information, information.sequenceOf((inner) => readQualifier(inner, policy)));
        }
        return policy;
      })
    ),
  );
  if (new Set(policies).size < policies.length) reader.fail("has a policy twice");
  return policies;
}

const QUALIFIERS: ReadonlySet<string> = new Set(["1.3.6.1.5.5.7.2.1", "1.3.6.1.5.5.7.2.2"]);

/** RFC 5280 section 4.2.1.4: anyPolicy takes no qualifiers but the two that the section defines. */
function readQualifier(reader: DerReader, policy: string): void {
  reader.within((qualifier) => {
    const oid = qualifier.oid();
    if (policy === ANY_POLICY && !QUALIFIERS.has(oid)) {
      qualifier.fail("has a qualifier that anyPolicy may not have");
    }
    qualifier.any();
  });
}

/** RFC 5280 section 6.1.4 (a): anyPolicy is neither mapped nor mapped to. */
function readPolicyMappings(reader: DerReader): PolicyMapping[] {
  const mappings = nonEmpty(
    reader,
    reader.sequenceOf((list) =>
      list.within((pair) => ({ issuerDomain: pair.oid(), subjectDomain: pair.oid() }))
    ),
  );
  if (mappings.some((pair) => pair.issuerDomain === ANY_POLICY || pair.subjectDomain === ANY_POLICY)) {
    reader.fail("maps anyPolicy");
  }
  return mappings;
}

function readBasicConstraints(reader: DerReader): BasicConstraints {
  return reader.within((fields) => {
    // Many encoders write the default FALSE out.
    const ca = fields.has(TAG.boolean) && fields.boolean();
    const pathLength = fields.has(TAG.integer) ? readCount(fields) : undefined;
    if (pathLength !== undefined && !ca) fields.fail("limits the path of something that is no CA");
    return { ca, pathLength };
  });
}

/** RFC 5280 section 4.2.1.10: minimum is 0 and maximum is absent, else the subtree is one nobody understands. */
function readNameConstraints(reader: DerReader): NameConstraints {
  return reader.within((fields) => {
    const permitted = fields.optional(constructed(0), (inner) => readSubtrees(inner, constructed(0)));
    const excluded = fields.optional(constructed(1), (inner) => readSubtrees(inner, constructed(1)));
    if (permitted === undefined && excluded === undefined) fields.fail("has no subtrees");
    return { permitted: permitted ?? [], excluded: excluded ?? [] };
  });
}

function readSubtrees(reader: DerReader, tag: number): GeneralName[] {
  return nonEmpty(reader, reader.sequenceOf((list) => list.within(readSubtree), tag));
}

/** Many encoders write the default minimum, 0, out. */
function readSubtree(reader: DerReader): GeneralName {
  const base = readGeneralName(reader, [8, 32]);
  if (base.type === "ip" && !isPrefixMask(base.value.subarray(base.value.length / 2))) {
    reader.fail("has an address mask that is not a prefix");
  }
  if (reader.has(context(0)) && reader.integer(context(0)) !== 0n) {
    reader.fail("has a subtree with a minimum");
  }
  return base;
}

/** Ones, then zeros (RFC 4632 section 3.1). */
function isPrefixMask(mask: Uint8Array): boolean {
  return /^1*0*$/.test(Array.from(mask, (byte) => byte.toString(2).padStart(8, "0")).join(""));
}

function readPolicyConstraints(reader: DerReader): PolicyConstraints {
  return reader.within((fields) => {
    const constraints = {
      requireExplicitPolicy: fields.optional(context(0), (inner) => readCount(inner, context(0))),
      inhibitPolicyMapping: fields.optional(context(1), (inner) => readCount(inner, context(1))),
    };
    if (constraints.requireExplicitPolicy === undefined && constraints.inhibitPolicyMapping === undefined) {
      fields.fail("is empty");
    }
    return constraints;
  });
}

function readDistributionPoints(reader: DerReader): DistributionPoint[] {
  return nonEmpty(reader, reader.sequenceOf((list) => list.within(readDistributionPoint)));
}

function readDistributionPoint(reader: DerReader): DistributionPoint {
  const name = reader.explicit(0, readDistributionPointName);
  const hasReasons = reader.optional(context(1), (inner) => inner.namedBits(context(1))) !== undefined;
  const crlIssuer = reader.optional(constructed(2), (inner) => readGeneralNames(inner, constructed(2)));
  // RFC 5280 section 4.2.1.13: a point must not consist of reasons alone.
  if (name === undefined && crlIssuer === undefined) reader.fail("has a point without a name");
  return { fullName: name?.fullName, relativeName: name?.relativeName, hasReasons, crlIssuer };
}

/** DistributionPointName, a choice. */
export function readDistributionPointName(
  reader: DerReader,
): { fullName?: GeneralName[]; relativeName?: NameAttribute[] } {
  if (reader.has(constructed(0))) return { fullName: readGeneralNames(reader, constructed(0)) };
  return { relativeName: readRelativeName(reader, constructed(1)) };
}

function readAuthorityInfoAccess(reader: DerReader): AccessDescription[] {
  return nonEmpty(
    reader,
    reader.sequenceOf((list) =>
      list.within((description) => ({ method: description.oid(), location: readGeneralName(description) }))
    ),
  );
}

/** SkipCerts and path lengths: not negative; however large they are, nobody counts that far. */
function readCount(reader: DerReader, tag?: number): number {
  const value = reader.integer(tag);
  if (value < 0n) reader.fail("has a negative number");
  return value > MAX_COUNT ? MAX_COUNT : Number(value);
}

function nonEmpty<T>(reader: DerReader, list: T[]): T[] {
  if (list.length === 0) reader.fail("has an empty list");
  return list;
}
