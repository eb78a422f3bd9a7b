/** Reads the fields and entries of a revocation list (RFC 5280 section 5.1.2). */

import { context, type DerReader, readDer, TAG } from "../../asn1/mod.ts";
import { toHex } from "../../bytes.ts";
import { ChannelError } from "../../errors.ts";
import { type AlgorithmIdentifier, readAlgorithm } from "../keys/algorithm.ts";
import { type DistributionPointName, readDistributionPointName } from "../certificate/distribution_point.ts";
import {
  type AuthorityKeyIdentifier,
  type Extension,
  EXTENSION_OIDS,
  knownExtensions,
  readAnyExtensions,
  readExtensions,
} from "../certificate/extensions.ts";
import {
  readReasons,
  reasonByNumber,
  REMOVE_FROM_CRL,
  type RevocationReason,
} from "../certificate/revocation_reason.ts";
import { type GeneralName, readGeneralNames } from "../names/general_name.ts";
import { type Name, readName } from "../names/name.ts";
import { ID_CE_CRL_NUMBER, ID_CE_CRL_REASONS } from "../oids.ts";
import type { Steps } from "../steps.ts";

const DELTA_CRL_INDICATOR = "2.5.29.27";
const ISSUING_DISTRIBUTION_POINT = "2.5.29.28";
const INVALIDITY_DATE = "2.5.29.24";
const CERTIFICATE_ISSUER = "2.5.29.29";

/** How many entries are read in one step. */
const ENTRIES_IN_A_STEP = 1_000;

/** A revoked certificate. */
export interface Revocation {
  /** The contents of the INTEGER of the certificate's serial number, as in `Certificate`. */
  readonly serialNumber: Uint8Array;
  /** When the certificate was revoked. */
  readonly date: Date;
  /** Why the certificate was revoked, if the list says so. */
  readonly reason?: RevocationReason;
  /** The certificate's issuer, if it differs from the issuer of the list. Only indirect lists have such entries. */
  readonly issuer?: Name;
}

/** The certificates and reasons that a list covers (RFC 5280 section 5.2.5). */
export interface RevocationListScope {
  /** The distribution point, which the covered certificates name too; undefined means all certificates. */
  readonly distributionPoint: DistributionPointName | undefined;
  /** `"ca"` if the list covers only certificates of CAs, `"user"` if it covers only those of end entities. */
  readonly only: "ca" | "user" | undefined;
  /** The reasons that the list covers; undefined means all. */
  readonly reasons: ReadonlySet<RevocationReason> | undefined;
  /** Whether the list may have certificates of other issuers. */
  readonly indirect: boolean;
}

/** The fields of a list other than its entries. */
export interface ListFields {
  readonly version: number;
  readonly signature: AlgorithmIdentifier;
  readonly issuer: Name;
  readonly thisUpdate: Date;
  readonly nextUpdate: Date | undefined;
  /** A reader of the entries; undefined if there are none. */
  readonly entries: DerReader | undefined;
  readonly scope: RevocationListScope;
  /** The encoding of the scope. */
  readonly scopeDer: Uint8Array | undefined;
  readonly number: bigint | undefined;
  readonly baseNumber: bigint | undefined;
  readonly authorityKeyIdentifier: AuthorityKeyIdentifier | undefined;
}

/** The entries of a list, by their {@link entryKey}. */
export interface ListEntries {
  readonly revoked: ReadonlyMap<string, Revocation>;
  /** The keys of the entries that end a revocation, which only delta lists have. */
  readonly released: ReadonlySet<string>;
}

/** Returns the key of an entry: the serial number, and the certificate's issuer if it differs from the list's. */
export function entryKey(serialNumber: Uint8Array, issuer: Name, listIssuer: Name): string {
  return issuer.matches(listIssuer) ? toHex(serialNumber) : `${toHex(serialNumber)} ${issuer.key}`;
}

/** Reads a TBSCertList, except for its entries. */
export function readListFields(reader: DerReader): ListFields {
  // Version 1 lists have no version field (RFC 5280 section 5.1.2.1).
  const version = reader.has(TAG.integer) ? reader.smallInteger(1) + 1 : 1;
  if (reader.done || (version === 1 && !reader.has(TAG.sequence))) reader.fail("has a wrong version");
  const signature = readAlgorithm(reader);
  const issuer = readName(reader);
  const thisUpdate = reader.time();
  const nextUpdate = reader.has(TAG.utcTime) || reader.has(TAG.generalizedTime) ? reader.time() : undefined;
  const entries = reader.has(TAG.sequence) ? reader.sequence() : undefined;
  const extensions = reader.explicit(0, readExtensions) ?? [];
  if (extensions.length > 0 && version === 1) reader.fail("has extensions that its version does not allow");
  return { version, signature, issuer, thisUpdate, nextUpdate, entries, ...readScoped(extensions) };
}

/**
 * Reads the entries of a list after its other fields, because their meaning depends on the list's extensions. Long lists
 * take many steps.
 */
export function* readListEntries(fields: ListFields): Steps<ListEntries> {
  const { entries, version, issuer: listIssuer, scope, baseNumber } = fields;
  const revoked = new Map<string, Revocation>();
  const released = new Set<string>();
  // RFC 5280 section 5.3.3: an entry has the same issuer as the entry before it, unless it names another.
  let issuer = listIssuer;
  for (let count = 1; entries !== undefined && !entries.done; count++) {
    const entry = entries.within((fields) => readEntry(fields, version, scope.indirect));
    issuer = entry.issuer ?? issuer;
    const key = entryKey(entry.serialNumber, issuer, listIssuer);
    if (entry.reason === REMOVE_FROM_CRL && baseNumber !== undefined) released.add(key);
    else {
      const { serialNumber, date } = entry;
      const reason = reasonByNumber(entry.reason);
      revoked.set(key, {
        serialNumber,
        date,
        ...(reason === undefined ? {} : { reason }),
        ...(issuer === listIssuer ? {} : { issuer }),
      });
    }
    if (count % ENTRIES_IN_A_STEP === 0) yield;
  }
  return { revoked, released };
}

interface Entry {
  readonly serialNumber: Uint8Array;
  readonly date: Date;
  readonly reason: number;
  readonly issuer: Name | undefined;
}

function readEntry(reader: DerReader, version: number, isIndirect: boolean): Entry {
  const serialNumber = reader.integerBytes();
  const date = reader.time();
  // Some CAs write an empty list of extensions.
  const extensions = reader.done ? [] : readAnyExtensions(reader);
  if (extensions.length > 0 && version === 1) {
    reader.fail("has an entry with extensions that its version does not allow");
  }
  return { serialNumber, date, ...readEntryExtensions(extensions, isIndirect) };
}

/** Reads an entry's extensions. A list with an unknown critical extension must not be used (RFC 5280 section 5.3). */
function readEntryExtensions(
  extensions: readonly Extension[],
  isIndirect: boolean,
): Pick<Entry, "reason" | "issuer"> {
  let reason = 0;
  let issuer: Name | undefined;
  for (const { oid, critical, value } of extensions) {
    if (oid === ID_CE_CRL_REASONS) {
      reason = readDer(value, "the reason of a revocation", (reader) => reader.enumerated());
    } else if (oid === CERTIFICATE_ISSUER) {
      if (!isIndirect) unsupported("an entry names an issuer in a list that is not indirect");
      issuer = directoryName(readDer(value, "the issuer of an entry", readGeneralNames));
    } else if (critical && oid !== INVALIDITY_DATE) unsupported(`an entry has the critical extension ${oid}`);
  }
  return { reason, issuer };
}

function directoryName(names: readonly GeneralName[]): Name {
  const name = names.find(({ type }) => type === "directoryName");
  return name?.type === "directoryName"
    ? name.value
    : unsupported("an entry has an issuer without a directory name");
}

/** Reads a list's extensions. A list with an unknown critical extension must not be used (RFC 5280 section 5.2). */
function readScoped(
  extensions: readonly Extension[],
): Pick<ListFields, "scope" | "scopeDer" | "number" | "baseNumber" | "authorityKeyIdentifier"> {
  const understood = [
    ID_CE_CRL_NUMBER,
    DELTA_CRL_INDICATOR,
    ISSUING_DISTRIBUTION_POINT,
    EXTENSION_OIDS.authorityKeyIdentifier,
  ];
  const unknown = extensions.find(({ oid, critical }) => critical && !understood.includes(oid));
  if (unknown !== undefined) unsupported(`it has the critical extension ${unknown.oid}`);
  const value = (wanted: string): Uint8Array | undefined =>
    extensions.find(({ oid }) => oid === wanted)?.value;
  const known = knownExtensions(
    extensions.filter(({ oid }) => oid === EXTENSION_OIDS.authorityKeyIdentifier),
  );
  const scopeDer = value(ISSUING_DISTRIBUTION_POINT);
  return {
    scope: scopeDer === undefined
      ? { distributionPoint: undefined, only: undefined, reasons: undefined, indirect: false }
      : readDer(scopeDer, "the issuing distribution point", (reader) => reader.within(readScope)),
    scopeDer,
    number: readNumber(value(ID_CE_CRL_NUMBER)),
    baseNumber: readNumber(value(DELTA_CRL_INDICATOR)),
    authorityKeyIdentifier: known.authorityKeyIdentifier,
  };
}

/** Reads IssuingDistributionPoint (RFC 5280 section 5.2.5). */
function readScope(reader: DerReader): RevocationListScope {
  const distributionPoint = reader.explicit(0, readDistributionPointName);
  const onlyUsers = reader.booleanDefaultFalse(context(1));
  const onlyCas = reader.booleanDefaultFalse(context(2));
  const reasons = reader.optional(context(3), readReasons);
  const indirect = reader.booleanDefaultFalse(context(4));
  if (reader.booleanDefaultFalse(context(5))) unsupported("it is about attribute certificates");
  if (onlyUsers && onlyCas) reader.fail("covers no certificates");
  return { distributionPoint, only: onlyUsers ? "user" : onlyCas ? "ca" : undefined, reasons, indirect };
}

/** Reads CRLNumber or BaseCRLNumber (RFC 5280 sections 5.2.3 and 5.2.4). */
function readNumber(value: Uint8Array | undefined): bigint | undefined {
  return value && readDer(value, "the number of a revocation list", (reader) => {
    const number = reader.integer();
    if (number < 0n) reader.fail("is negative");
    return number;
  });
}

function unsupported(why: string): never {
  throw new ChannelError("unsupported", `the revocation list cannot be used: ${why}`);
}
