/** Certificate revocation lists (RFC 5280 section 5), read: full lists of the CA that issued the certificates. */

import { context, decodePem, type DerReader, readDer, TAG } from "../../asn1/mod.ts";
import { toHex } from "../../bytes.ts";
import { ChannelError } from "../../errors.ts";
import { type AlgorithmIdentifier, readAlgorithm } from "../keys/algorithm.ts";
import {
  type Extension,
  EXTENSION_OIDS,
  readDistributionPointName,
  readExtensions,
} from "../certificate/extensions.ts";
import type { GeneralName } from "../names/general_name.ts";
import { type Name, readName } from "../names/name.ts";
import { ID_CE_CRL_NUMBER, ID_CE_CRL_REASONS } from "../oids.ts";
import { reasonByNumber, type Revocation } from "./reason.ts";
import { readIssued } from "../certificate/signed.ts";

/** The largest list that is read, in bytes: some 800,000 certificates. */
const MAX_LIST_LENGTH = 1 << 25;

const DELTA_CRL_INDICATOR = "2.5.29.27";
const ISSUING_DISTRIBUTION_POINT = "2.5.29.28";
const INVALIDITY_DATE = "2.5.29.24";
const CERTIFICATE_ISSUER = "2.5.29.29";

/** Which certificates of its issuer a list is about (RFC 5280 section 5.2.5). */
export interface RevocationListScope {
  /** The names of the distribution point, one of which the certificates name too; all certificates where undefined. */
  readonly distributionPoint: readonly GeneralName[] | undefined;
  /** Whether it is about certificates of CAs alone, or of others alone. */
  readonly only: "ca" | "user" | undefined;
}

interface ListFields {
  readonly signature: AlgorithmIdentifier;
  readonly issuer: Name;
  readonly thisUpdate: Date;
  readonly nextUpdate: Date | undefined;
  readonly revoked: ReadonlyMap<string, Revocation>;
  readonly scope: RevocationListScope;
  readonly number: bigint | undefined;
}

/**
 * A full certificate revocation list, well formed. Nothing about it has been verified.
 *
 * Made by {@link parseRevocationList}.
 */
export class RevocationList {
  /** The whole encoding. */
  readonly der: Uint8Array;
  /** The part that is signed. */
  readonly tbs: Uint8Array;
  /** The CA that issued it, and the certificates in it. */
  readonly issuer: Name;
  /** Since when it is valid. */
  readonly thisUpdate: Date;
  /** When there is a new one at the latest. */
  readonly nextUpdate: Date | undefined;
  /** The algorithm of the signature. */
  readonly signatureAlgorithm: AlgorithmIdentifier;
  /** The signature. */
  readonly signature: Uint8Array;
  /** Its number, which grows from list to list of an issuer, where it has one. */
  readonly number: bigint | undefined;
  /** Which certificates it is about. */
  readonly scope: RevocationListScope;
  readonly #revoked: ReadonlyMap<string, Revocation>;

  /** Reads the DER of one list; throws as {@link parseRevocationList} does. */
  constructor(der: Uint8Array) {
    if (der.length > MAX_LIST_LENGTH) throw new ChannelError("limit", "the revocation list is too large");
    const { tbs, fields, signatureAlgorithm, signature } = readDer(
      der,
      "the revocation list",
      (reader) => reader.within((list) => readIssued(list, readFields)),
    );
    this.der = der;
    this.tbs = tbs;
    this.issuer = fields.issuer;
    this.thisUpdate = fields.thisUpdate;
    this.nextUpdate = fields.nextUpdate;
    this.signatureAlgorithm = signatureAlgorithm;
    this.signature = signature;
    this.number = fields.number;
    this.scope = fields.scope;
    this.#revoked = fields.revoked;
  }

  /** The certificates in the list. */
  get revoked(): Iterable<Revocation> {
    return this.#revoked.values();
  }

  /** The entry of the certificate with this serial number (the contents of its INTEGER), where there is one. */
  find(serialNumber: Uint8Array): Revocation | undefined {
    return this.#revoked.get(toHex(serialNumber));
  }
}

/**
 * Reads a certificate revocation list: DER, or a PEM text with one `X509 CRL` block.
 *
 * Delta lists, indirect lists (of other issuers' certificates), lists for some reasons only, and lists with a critical
 * extension that is not known here say nothing by themselves: they are refused.
 *
 * @throws {ChannelError} `"malformed"`; `"unsupported"` for a list of those kinds; `"limit"` over 32 MiB.
 * @example
 * ```ts
 * import { createCertificateAuthority, createRevocationList, parseRevocationList } from "@fesa/channel/x509";
 *
 * const authority = await createCertificateAuthority({ subject: "CN=My Root" });
 * const serialNumber = Uint8Array.of(0x42);
 * const pem = createRevocationList(authority, { revoked: [{ serialNumber, date: new Date() }], number: 1 });
 * if (parseRevocationList(pem).find(serialNumber) === undefined) throw new Error("not in the list");
 * ```
 */
export function parseRevocationList(source: Uint8Array | string): RevocationList {
  const lists = parseRevocationLists(source);
  if (lists.length !== 1) {
    throw new ChannelError("malformed", `the text has ${lists.length} revocation lists instead of one`);
  }
  return lists[0];
}

/**
 * Reads all certificate revocation lists of a PEM text, in order; blocks of other kinds are passed over.
 *
 * @param source The text, a PEM file's bytes, or the DER of one list.
 * @throws {ChannelError} As {@link parseRevocationList}.
 *
 * @example
 * ```ts
 * import { parseRevocationLists } from "@fesa/channel/x509";
 *
 * function issuers(pem: string): string[] {
 *   return parseRevocationLists(pem).map(({ issuer }) => String(issuer));
 * }
 * ```
 */
export function parseRevocationLists(source: string | Uint8Array): RevocationList[] {
  if (typeof source !== "string" && source[0] === TAG.sequence) return [new RevocationList(source)];
  return decodePem(source).filter(({ label }) => label === "X509 CRL").map(({ bytes }) =>
    new RevocationList(bytes)
  );
}

function readFields(reader: DerReader): ListFields {
  // Version 1 has no number at all (RFC 5280 section 5.1.2.1).
  const version = reader.has(TAG.integer) ? reader.smallInteger(1) + 1 : 1;
  if (reader.done || (version === 1 && !reader.has(TAG.sequence))) reader.fail("has a wrong version");
  const signature = readAlgorithm(reader);
  const issuer = readName(reader);
  const thisUpdate = reader.time();
  const nextUpdate = reader.has(TAG.utcTime) || reader.has(TAG.generalizedTime) ? reader.time() : undefined;
  const revoked = new Map<string, Revocation>();
  if (reader.has(TAG.sequence)) {
    for (
      const entry of reader.sequenceOf((entries) => entries.within((fields) => readEntry(fields, version)))
    ) {
      revoked.set(toHex(entry.serialNumber), entry);
    }
  }
  const extensions = reader.explicit(0, readExtensions) ?? [];
  if (extensions.length > 0 && version === 1) reader.fail("has extensions that its version does not allow");
  const [scope, number] = [scopeOf(extensions), numberOf(extensions)];
  return { signature, issuer, thisUpdate, nextUpdate, revoked, scope, number };
}

function readEntry(reader: DerReader, version: number): Revocation {
  const serialNumber = reader.integerBytes();
  const date = reader.time();
  if (reader.done) return { serialNumber, date };
  if (version === 1) reader.fail("has an entry with extensions that its version does not allow");
  return { serialNumber, date, reason: reasonOf(readExtensions(reader)) };
}

/** RFC 5280 section 5.3: a list with a critical entry extension that is not understood must not be used. */
function reasonOf(extensions: readonly Extension[]): Revocation["reason"] {
  let number = 0;
  for (const { oid, critical, value } of extensions) {
    if (oid === CERTIFICATE_ISSUER) unsupported("it is indirect");
    if (oid === ID_CE_CRL_REASONS) {
      number = readDer(value, "the reason of a revocation", (reader) => reader.enumerated());
    } else if (critical && oid !== INVALIDITY_DATE) unsupported(`an entry has the critical extension ${oid}`);
  }
  return reasonByNumber(number);
}

/** RFC 5280 section 5.2: a list with a critical extension that is not understood must not be used. */
function scopeOf(extensions: readonly Extension[]): RevocationListScope {
  let scope: RevocationListScope = { distributionPoint: undefined, only: undefined };
  for (const { oid, critical, value } of extensions) {
    if (oid === DELTA_CRL_INDICATOR) unsupported("it is a delta list");
    if (oid === ISSUING_DISTRIBUTION_POINT) {
      scope = readDer(value, "the issuing distribution point", (reader) => reader.within(readScope));
    } else if (critical && oid !== ID_CE_CRL_NUMBER && oid !== EXTENSION_OIDS.authorityKeyIdentifier) {
      unsupported(`it has the critical extension ${oid}`);
    }
  }
  return scope;
}

/** IssuingDistributionPoint (RFC 5280 section 5.2.5). */
function readScope(reader: DerReader): RevocationListScope {
  const name = reader.explicit(0, readDistributionPointName);
  if (name?.relativeName !== undefined) unsupported("its distribution point has a relative name");
  const onlyUsers = reader.booleanDefaultFalse(context(1));
  const onlyCas = reader.booleanDefaultFalse(context(2));
  if (reader.has(context(3))) unsupported("it is for some reasons only");
  if (reader.booleanDefaultFalse(context(4))) unsupported("it is indirect");
  if (reader.booleanDefaultFalse(context(5))) unsupported("it is about attribute certificates");
  if (onlyUsers && onlyCas) reader.fail("is about nothing");
  return { distributionPoint: name?.fullName, only: onlyUsers ? "user" : onlyCas ? "ca" : undefined };
}

/** CRLNumber (RFC 5280 section 5.2.3). */
function numberOf(extensions: readonly Extension[]): bigint | undefined {
  const found = extensions.find(({ oid }) => oid === ID_CE_CRL_NUMBER);
  return found && readDer(found.value, "the number of a revocation list", (reader) => {
    const number = reader.integer();
    if (number < 0n) reader.fail("is negative");
    return number;
  });
}

function unsupported(why: string): never {
  throw new ChannelError("unsupported", `the revocation list is not one that can be used: ${why}`);
}
