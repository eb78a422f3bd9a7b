/** Distinguished names (RFC 5280 section 4.1.2.4): comparison (section 7.1) and text format (RFC 4514). */

import { decodeString, type DerReader, isStringTag, readDer, TAG } from "../../asn1/mod.ts";
import { toHex } from "../../bytes.ts";
import { printable } from "../../printable.ts";
import { ATTRIBUTE_TYPES, ID_AT_COMMON_NAME } from "./attribute_types.ts";

/** One attribute of a name: a type and a value. */
export interface NameAttribute {
  /** The attribute's type, in dotted form. */
  readonly type: string;
  /** The value as text; undefined if it is not a well-formed character string. */
  readonly value: string | undefined;
  /** The value's encoding. */
  readonly encoding: Uint8Array;
}

/** A distinguished name: relative distinguished names from the root down, each a set of attributes. */
export class Name {
  /** The name's encoding. */
  readonly der: Uint8Array;
  /** The relative distinguished names, in the order of the encoding. */
  readonly relativeNames: readonly (readonly NameAttribute[])[];
  #canonical: readonly string[] | undefined;
  #key: string | undefined;

  /** Called by {@link readName}. */
  constructor(der: Uint8Array, relativeNames: readonly (readonly NameAttribute[])[]) {
    this.der = der;
    this.relativeNames = relativeNames;
  }

  /** Whether the name is empty. */
  get isEmpty(): boolean {
    return this.relativeNames.length === 0;
  }

  /**
   * The most specific common name, or undefined if there is none. It is for people to read; do not identify servers by it.
   */
  get commonName(): string | undefined {
    return this.values(ID_AT_COMMON_NAME).at(-1);
  }

  /** Returns the text values of an attribute type, in the order of the encoding. */
  values(type: string): string[] {
    const attributes = this.relativeNames.flat().filter((attribute) => attribute.type === type);
    return attributes.flatMap(({ value }) => value === undefined ? [] : [value]);
  }

  /**
   * A canonical string for each relative name. Two strings are equal if the relative names match by RFC 5280 section 7.1.
   */
  get canonical(): readonly string[] {
    return this.#canonical ??= this.relativeNames.map((attributes) =>
      attributes.map(canonicalAttribute).sort().join("+")
    );
  }

  /** A canonical string for the whole name. Two strings are equal if the names match. */
  get key(): string {
    return this.#key ??= this.canonical.join(",");
  }

  /** Returns whether two names match (RFC 5280 section 7.1). Case and insignificant spaces are ignored. */
  matches(other: Name): boolean {
    return this.key === other.key;
  }

  /** Returns whether the name is `ancestor` or below it. */
  isWithin(ancestor: Name): boolean {
    return ancestor.canonical.every((relativeName, i) => this.canonical[i] === relativeName);
  }

  /** Whether all values are text that can be compared. T.61 and malformed text cannot. */
  get isText(): boolean {
    return this.relativeNames.flat().every(isComparable);
  }

  /** Returns the name as RFC 4514 writes it: the most specific part first. */
  toString(): string {
    const parts = this.relativeNames.map((attributes) => attributes.map(attributeText).join("+"));
    return parts.reverse().join(",");
  }
}

/** Reads a Name. */
export function readName(reader: DerReader, tag: number = TAG.sequence): Name {
  // With an implicit tag, the encoding does not begin with SEQUENCE, so the encoding of the Name is made from its contents.
  const { contents, encoding } = reader.element(tag);
  const names = reader.nested(contents);
  const relativeNames: NameAttribute[][] = [];
  while (!names.done) relativeNames.push(readRelativeName(names));
  return new Name(encoding, relativeNames);
}

/**
 * Reads the DER of a Name.
 *
 * @throws {ChannelError} `"malformed"` or `"limit"`.
 *
 * @example
 * ```ts
 * import { createCertificateAuthority, parseName } from "@fesa/channel/x509";
 *
 * const { certificate } = await createCertificateAuthority({ subject: "CN=A Root" });
 * console.log(String(parseName(certificate.subject.der))); // CN=A Root
 * ```
 */
export function parseName(der: Uint8Array): Name {
  return readDer(der, "the name", readName);
}

/** Reads a RelativeDistinguishedName. Like other implementations, it accepts a SET OF in any order. */
export function readRelativeName(reader: DerReader, tag: number = TAG.set): NameAttribute[] {
  const set = reader.set(tag);
  const attributes: NameAttribute[] = [];
  while (!set.done) attributes.push(set.within(readAttribute));
  if (attributes.length === 0) reader.fail("has an empty relative distinguished name");
  return attributes;
}

function readAttribute(reader: DerReader): NameAttribute {
  const type = reader.oid();
  const { tag, contents, encoding } = reader.any();
  return { type, value: textOf(tag, contents), encoding };
}

function textOf(tag: number, contents: Uint8Array): string | undefined {
  if (!isStringTag(tag)) return undefined;
  try {
    return decodeString(tag, contents);
  } catch {
    return undefined;
  }
}

/**
 * Returns whether a value can be compared as text. T.61 strings, which are not Unicode, and values other than text cannot.
 */
function isComparable({ value, encoding }: NameAttribute): boolean {
  return value !== undefined && encoding[0] !== TAG.teletexString;
}

/**
 * Returns an attribute in a form for comparison (RFC 4518 section 2, abridged): NFKC, lower case, single spaces between
 * words.
 */
function canonicalAttribute(attribute: NameAttribute): string {
  const { type, value = "", encoding } = attribute;
  if (!isComparable(attribute)) return `${type}=#${toHex(encoding)}`;
  const text = value.normalize("NFKC").toLowerCase().replace(/ +/g, " ").replace(/^ | $/g, "");
  return `${type}=${text.replace(/[\\+,#]/g, "\\$&")}`;
}

const ATTRIBUTE_NAMES: ReadonlyMap<string, string> = new Map(
  ATTRIBUTE_TYPES.map(({ oid, name }) => [oid, name]),
);

function attributeText({ type, value, encoding }: NameAttribute): string {
  const name = ATTRIBUTE_NAMES.get(type) ?? type;
  return `${name}=${value === undefined ? `#${toHex(encoding)}` : escapeText(value)}`;
}

/** Escapes text (RFC 4514 section 2.4), and unprintable characters too, so that a name cannot forge a line of output. */
function escapeText(value: string): string {
  return printable(value.replace(/[",+;<>\\]|^[ #]| $/g, "\\$&"));
}
