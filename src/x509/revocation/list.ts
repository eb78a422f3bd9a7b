/** Reads certificate revocation lists (RFC 5280 section 5): full and delta lists, direct and indirect lists. */

import { decodePem, readDer, TAG } from "../../asn1/mod.ts";
import { ChannelError } from "../../errors.ts";
import type { Signed } from "../certificate/signed.ts";
import { readIssued } from "../certificate/signed.ts";
import type { AuthorityKeyIdentifier } from "../certificate/extensions.ts";
import type { AlgorithmIdentifier } from "../keys/algorithm.ts";
import type { Name } from "../names/name.ts";
import { finish, finishFairly, type Steps } from "../steps.ts";
import {
  entryKey,
  type ListEntries,
  type ListFields,
  readListEntries,
  readListFields,
  type Revocation,
  type RevocationListScope,
} from "./list_fields.ts";

/** The largest list that is read, in bytes. It has room for some 200,000 certificates. */
const MAX_LIST_LENGTH = 1 << 23;

/**
 * A parsed certificate revocation list. It is well formed, but nothing in it has been verified.
 *
 * {@link parseRevocationList} returns one.
 */
export class RevocationList {
  /** The whole encoding. */
  readonly der: Uint8Array;
  /** The part that is signed. */
  readonly tbs: Uint8Array;
  /** The issuer of the list: the CA that issued the certificates in it, or another issuer if the list is indirect. */
  readonly issuer: Name;
  /** When the list was issued. */
  readonly thisUpdate: Date;
  /** When the next list is due at the latest; undefined if the list does not say. */
  readonly nextUpdate: Date | undefined;
  /** The algorithm of the signature. */
  readonly signatureAlgorithm: AlgorithmIdentifier;
  /** The signature. */
  readonly signature: Uint8Array;
  /** The number of the list, which increases with each list of an issuer; undefined if it has none. */
  readonly number: bigint | undefined;
  /**
   * For a delta list (RFC 5280 section 5.2.4), the number of the list to which its changes apply; undefined for a full list.
   */
  readonly baseNumber: bigint | undefined;
  /** The certificates and reasons that the list covers. */
  readonly scope: RevocationListScope;
  /** The encoding of the scope, which must be the same in a delta list and its base list. */
  readonly scopeDer: Uint8Array | undefined;
  /** Identifies the issuer's key that signed the list. */
  readonly authorityKeyIdentifier: AuthorityKeyIdentifier | undefined;
  readonly #entries: ListEntries;

  /** Called by {@link parseRevocationList}. */
  constructor(der: Uint8Array, signed: Signed & { readonly fields: ListFields }, entries: ListEntries) {
    const { tbs, fields, signatureAlgorithm, signature } = signed;
    this.der = der;
    this.tbs = tbs;
    this.issuer = fields.issuer;
    this.thisUpdate = fields.thisUpdate;
    this.nextUpdate = fields.nextUpdate;
    this.signatureAlgorithm = signatureAlgorithm;
    this.signature = signature;
    this.number = fields.number;
    this.baseNumber = fields.baseNumber;
    this.scope = fields.scope;
    this.scopeDer = fields.scopeDer;
    this.authorityKeyIdentifier = fields.authorityKeyIdentifier;
    this.#entries = entries;
  }

  /** The certificates in the list. */
  get revoked(): Iterable<Revocation> {
    return this.#entries.revoked.values();
  }

  /**
   * Returns the entry of a certificate, or undefined if the list has none.
   *
   * @param serialNumber The contents of the serial number's INTEGER.
   * @param issuer The certificate's issuer; the issuer of the list by default.
   */
  find(serialNumber: Uint8Array, issuer: Name = this.issuer): Revocation | undefined {
    return this.#entries.revoked.get(entryKey(serialNumber, issuer, this.issuer));
  }

  /** Returns whether the entry of a certificate in a delta list ends its revocation (`removeFromCRL`). */
  releases(serialNumber: Uint8Array, issuer: Name = this.issuer): boolean {
    return this.#entries.released.has(entryKey(serialNumber, issuer, this.issuer));
  }
}

/**
 * Reads a certificate revocation list: DER, or a PEM text with one `X509 CRL` block.
 *
 * A list of 8 MiB has some 200,000 entries and takes about a second to read. {@link readRevocationLists} lets the event loop
 * run meanwhile.
 *
 * @throws {ChannelError} `"malformed"`; `"unsupported"` for a list of attribute certificates or with an unknown critical extension;
 * `"limit"` if it is larger than 8 MiB.
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
 * Reads all certificate revocation lists of a PEM text in order. Other kinds of block are skipped.
 *
 * @param source The text, a PEM file's bytes, or the DER of one list.
 * @throws {ChannelError} As {@link parseRevocationList}; `"malformed"` if there are PEM blocks, but no list.
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
  return encodedLists(source).map((der) => finish(listSteps(der)));
}

/**
 * Reads lists as {@link parseRevocationLists} does, but in short slices of time between which the event loop runs. It is
 * meant for long lists.
 *
 * @throws {ChannelError} As {@link parseRevocationList}.
 *
 * @example
 * ```ts
 * import { readRevocationLists, type RevocationList } from "@fesa/channel/x509";
 *
 * async function load(url: string): Promise<RevocationList[]> {
 *   const response = await fetch(url);
 *   return await readRevocationLists(new Uint8Array(await response.arrayBuffer()));
 * }
 * ```
 */
export async function readRevocationLists(source: string | Uint8Array): Promise<RevocationList[]> {
  const lists: RevocationList[] = [];
  for (const der of encodedLists(source)) lists.push(await finishFairly(listSteps(der)));
  return lists;
}

function encodedLists(source: string | Uint8Array): Uint8Array[] {
  if (typeof source !== "string" && source[0] === TAG.sequence) return [source];
  const blocks = decodePem(source);
  const lists = blocks.filter(({ label }) => label === "X509 CRL");
  if (lists.length === 0 && blocks.length > 0) {
    const labels = new Set(blocks.map(({ label }) => label));
    throw new ChannelError("malformed", `the text has no X509 CRL block, but ${[...labels].join(", ")}`);
  }
  return lists.map(({ bytes }) => bytes);
}

/** Reads the DER of one list, in steps. */
function* listSteps(der: Uint8Array): Steps<RevocationList> {
  if (der.length > MAX_LIST_LENGTH) {
    throw new ChannelError(
      "limit",
      `a revocation list of ${der.length} bytes is over the limit of ${MAX_LIST_LENGTH}`,
    );
  }
  const signed = readDer(
    der,
    "the revocation list",
    (reader) => reader.within((list) => readIssued(list, readListFields)),
  );
  return new RevocationList(der, signed, yield* readListEntries(signed.fields));
}
