/** Parses certificate extensions (RFC 5280 section 4.2). */

import { constructed, context, type DerReader, readDer, TAG } from "../../asn1/mod.ts";
import { type GeneralName, readGeneralName, readGeneralNames } from "../names/general_name.ts";
import { type DistributionPoint, readDistributionPoints } from "./distribution_point.ts";
import {
  type PolicyConstraints,
  type PolicyMapping,
  readCertificatePolicies,
  readCount,
  readPolicyConstraints,
  readPolicyMappings,
} from "./policies.ts";

/** An extension as it is encoded. */
export interface Extension {
  /** Its object identifier, in dotted form. */
  readonly oid: string;
  /** Whether a verifier that does not know the extension must refuse the certificate. */
  readonly critical: boolean;
  /** The DER inside its OCTET STRING. */
  readonly value: Uint8Array;
  /** The whole encoding. */
  readonly der: Uint8Array;
}

/** basicConstraints (RFC 5280 section 4.2.1.9). */
export interface BasicConstraints {
  /** Whether the subject is a CA. */
  readonly ca: boolean;
  /**
   * How many intermediate CA certificates may follow in a path; self-issued ones do not count. It applies only if `ca` is
   * true.
   */
  readonly pathLength: number | undefined;
}

/** A permitted use of a key (RFC 5280 section 4.2.1.3). */
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

/** nameConstraints (RFC 5280 section 4.2.1.10): the names that certificates below this CA may have. */
export interface NameConstraints {
  /** The permitted subtrees. If the list has subtrees of a name's form, the name must be in one of them. */
  readonly permitted: readonly GeneralName[];
  /** The excluded subtrees. No name may be in one of them. */
  readonly excluded: readonly GeneralName[];
}

/** One entry of authorityInfoAccess (RFC 5280 section 4.2.2.1). */
export interface AccessDescription {
  /** The access method: `1.3.6.1.5.5.7.48.1` is OCSP, `1.3.6.1.5.5.7.48.2` is the issuer's certificate. */
  readonly method: string;
  /** The location, usually a URI. */
  readonly location: GeneralName;
}

/** The extensions that this library knows; undefined for each one that the certificate lacks. */
export interface KnownExtensions {
  /** Identifies the issuer's key that signed the certificate. */
  readonly authorityKeyIdentifier?: AuthorityKeyIdentifier;
  /** An identifier of the subject's key. */
  readonly subjectKeyIdentifier?: Uint8Array;
  /** The permitted uses of the key. */
  readonly keyUsage?: ReadonlySet<KeyUsage>;
  /** Policy identifiers, in dotted form. */
  readonly certificatePolicies?: readonly string[];
  /** Pairs of equivalent policies, one of the issuer and one of the subject. */
  readonly policyMappings?: readonly PolicyMapping[];
  /** The subject's names: DNS names, IP addresses and others. */
  readonly subjectAltName?: readonly GeneralName[];
  /** Alternative names of the issuer. */
  readonly issuerAltName?: readonly GeneralName[];
  /** Whether the subject is a CA, and how many CAs may follow below it. */
  readonly basicConstraints?: BasicConstraints;
  /** The names that certificates below this CA may have. */
  readonly nameConstraints?: NameConstraints;
  /** Rules about policies for the certificates below this CA. */
  readonly policyConstraints?: PolicyConstraints;
  /** Key purposes, in dotted form. */
  readonly extendedKeyUsage?: readonly string[];
  /** The locations of revocation lists. */
  readonly crlDistributionPoints?: readonly DistributionPoint[];
  /** The locations of delta revocation lists. */
  readonly freshestCrl?: readonly DistributionPoint[];
  /** The number of further certificates after which anyPolicy has no effect. */
  readonly inhibitAnyPolicy?: number;
  /** The locations of the issuer's certificate and of its OCSP responder. */
  readonly authorityInfoAccess?: readonly AccessDescription[];
  /** TLS extensions that the server must offer (RFC 7633): 5 is status_request, "must staple". */
  readonly tlsFeature?: readonly number[];
}

/** The meaning of each bit of keyUsage, from bit 0 on. */
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
    ["2.5.29.17", ["subjectAltName", readGeneralNames]],
    ["2.5.29.18", ["issuerAltName", readGeneralNames]],
    ["2.5.29.19", ["basicConstraints", readBasicConstraints]],
    ["2.5.29.30", ["nameConstraints", readNameConstraints]],
    ["2.5.29.36", ["policyConstraints", readPolicyConstraints]],
    ["2.5.29.37", [
      "extendedKeyUsage",
      (reader) => reader.nonEmptySequenceOf((inner) => inner.oid()),
    ]],
    ["2.5.29.31", ["crlDistributionPoints", readDistributionPoints]],
    ["2.5.29.46", ["freshestCrl", readDistributionPoints]],
    ["2.5.29.54", ["inhibitAnyPolicy", readCount]],
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

/** Reads Extensions (RFC 5280 section 4.1.2.9): at least one, without duplicates. */
export function readExtensions(reader: DerReader): Extension[] {
  const extensions = readAnyExtensions(reader);
  if (extensions.length === 0) reader.fail("has an empty list of extensions");
  return extensions;
}

/** Reads a list of extensions. It may be empty, but must not have duplicates. */
export function readAnyExtensions(reader: DerReader): Extension[] {
  const extensions = reader.sequenceOf(readExtension);
  if (new Set(extensions.map(({ oid }) => oid)).size < extensions.length) {
    reader.fail("has an extension twice");
  }
  return extensions;
}

/** Returns the values of the extensions that this library knows. */
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
  const { encoding } = reader.element(TAG.sequence);
  return reader.nested(encoding).within((fields) => ({
    oid: fields.oid(),
    critical: fields.booleanDefaultFalse(),
    value: fields.octetString(),
    der: encoding,
  }));
}

function readAuthorityKeyIdentifier(reader: DerReader): AuthorityKeyIdentifier {
  return reader.within((fields) => {
    const identifier = {
      keyIdentifier: fields.optional(context(0), (inner, tag) => inner.octetString(tag)),
      issuer: fields.optional(constructed(1), readGeneralNames),
      serialNumber: fields.optional(context(2), (inner, tag) => inner.integerBytes(tag)),
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

function readBasicConstraints(reader: DerReader): BasicConstraints {
  return reader.within((fields) => {
    const ca = fields.booleanDefaultFalse();
    const pathLength = fields.has(TAG.integer) ? readCount(fields) : undefined;
    return { ca, pathLength };
  });
}

/** Reads NameConstraints. The minimum of a subtree must be 0 and its maximum absent (RFC 5280 section 4.2.1.10). */
function readNameConstraints(reader: DerReader): NameConstraints {
  return reader.within((fields) => {
    const permitted = fields.optional(constructed(0), readSubtrees);
    const excluded = fields.optional(constructed(1), readSubtrees);
    if (permitted === undefined && excluded === undefined) fields.fail("has no subtrees");
    return { permitted: permitted ?? [], excluded: excluded ?? [] };
  });
}

function readSubtrees(reader: DerReader, tag: number): GeneralName[] {
  return reader.nonEmptySequenceOf((list) => list.within(readSubtree), tag);
}

/** Reads GeneralSubtree. Many encoders encode the default minimum, 0. */
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

/** Returns whether a mask is ones followed by zeros (RFC 4632 section 3.1). */
function isPrefixMask(mask: Uint8Array): boolean {
  return /^1*0*$/.test(Array.from(mask, (byte) => byte.toString(2).padStart(8, "0")).join(""));
}

function readAuthorityInfoAccess(reader: DerReader): AccessDescription[] {
  return reader.nonEmptySequenceOf((list) =>
    list.within((description) => ({ method: description.oid(), location: readGeneralName(description) }))
  );
}
