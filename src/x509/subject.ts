/** Distinguished names to encode, from the strings that people write (RFC 4514). */

import { der } from "../asn1/mod.ts";
import { fromHex, fromUtf8 } from "../bytes.ts";

/** One attribute of a distinguished name. */
export interface SubjectAttribute {
  /** A name such as `CN`, `O`, `OU`, `C`, or an object identifier in dotted form. */
  readonly type: string;
  /** The value; never empty. */
  readonly value: string;
}

/**
 * A distinguished name: a string as RFC 4514 has it, most specific part first (`CN=host,O=Firm,C=DE`), or a list of
 * attributes in the order of the encoding, least specific first, each its own relative distinguished name.
 */
export type Subject = string | readonly SubjectAttribute[];

interface AttributeType {
  readonly oid: string;
  /** The string type where it is not UTF8String (RFC 5280 appendix A.1). */
  readonly encode?: (text: string) => Uint8Array;
  readonly maxLength?: number;
}

/** Attribute types by their short names (RFC 4514 section 3, RFC 4519, RFC 5280 appendix A.1). */
const ATTRIBUTE_TYPES: ReadonlyMap<string, AttributeType> = new Map<string, AttributeType>([
  ["CN", { oid: "2.5.4.3", maxLength: 64 }],
  ["SN", { oid: "2.5.4.4" }],
  ["SERIALNUMBER", { oid: "2.5.4.5", encode: der.printableString, maxLength: 64 }],
  ["C", { oid: "2.5.4.6", encode: countryCode }],
  ["L", { oid: "2.5.4.7", maxLength: 128 }],
  ["ST", { oid: "2.5.4.8", maxLength: 128 }],
  ["STREET", { oid: "2.5.4.9" }],
  ["O", { oid: "2.5.4.10", maxLength: 64 }],
  ["OU", { oid: "2.5.4.11", maxLength: 64 }],
  ["TITLE", { oid: "2.5.4.12", maxLength: 64 }],
  ["GN", { oid: "2.5.4.42" }],
  ["UID", { oid: "0.9.2342.19200300.100.1.1" }],
  ["DC", { oid: "0.9.2342.19200300.100.1.25", encode: der.ia5String }],
  ["EMAILADDRESS", { oid: "1.2.840.113549.1.9.1", encode: der.ia5String, maxLength: 255 }],
]);

/** Encodes a Name (RFC 5280 section 4.1.2.4); throws `RangeError` where the text is not one. */
export function encodeSubject(subject: Subject): Uint8Array {
  const names = typeof subject === "string" ? parseSubject(subject) : subject.map((attribute) => [attribute]);
  return der.sequence(...names.map((attributes) => der.setOf(...attributes.map(encodeAttribute))));
}

/**
 * An attribute, then what separates it from the next: a comma, a plus sign inside one RDN, or the end. A value in
 * hexadecimal, behind "#", is not taken.
 */
const ATTRIBUTE = new RegExp(
  "\\s*([A-Za-z][A-Za-z0-9-]*|[0-9]+(?:\\.[0-9]+)+)\\s*=\\s*" +
    '(?!#)((?:[^\\\\,+"<>;\\0]|\\\\[0-9A-Fa-f]{2}|\\\\[ "#+,;<=>\\\\])*)([,+]|$)',
  "y",
);

/** The relative distinguished names of a string, in the order of the encoding: the string's, reversed. */
function parseSubject(text: string): SubjectAttribute[][] {
  const names: SubjectAttribute[][] = [];
  let separator = text.trim() === "" ? "" : ",";
  ATTRIBUTE.lastIndex = 0;
  while (separator !== "") {
    const match = ATTRIBUTE.exec(text);
    if (match === null) throw new RangeError(`not a distinguished name: ${text}`);
    const attribute = { type: match[1], value: unescape(match[2]) };
    if (separator === ",") names.unshift([attribute]);
    else names[0].push(attribute);
    separator = match[3];
  }
  return names;
}

/** Takes the escapes of RFC 4514 section 2.4 out, and spaces at the end that are not escaped. */
function unescape(value: string): string {
  return value
    .replace(/([^\\\s]|\\.)\s+$/, "$1")
    .replace(/((?:\\[0-9A-Fa-f]{2})+)|\\(.)/g, (_, hex: string | undefined, character: string) => {
      if (hex === undefined) return character;
      try {
        return fromUtf8(fromHex(hex.replaceAll("\\", "")));
      } catch {
        throw new RangeError(`not UTF-8 in a distinguished name: ${value}`);
      }
    });
}

function encodeAttribute({ type, value }: SubjectAttribute): Uint8Array {
  const { oid, encode = der.utf8String, maxLength = 32_768 } = attributeType(type);
  if (value === "") throw new RangeError(`the subject's ${type} is empty`);
  if ([...value].length > maxLength) {
    throw new RangeError(`the subject's ${type} has more than ${maxLength} characters`);
  }
  return der.sequence(der.oid(oid), encode(value));
}

function attributeType(name: string): AttributeType {
  if (/^[0-9]/.test(name)) return { oid: name };
  const type = ATTRIBUTE_TYPES.get(name.toUpperCase());
  if (type === undefined) {
    throw new RangeError(
      `${name} is no attribute type of a subject that is known: use its object identifier`,
    );
  }
  return type;
}

function countryCode(text: string): Uint8Array {
  if (!/^[A-Z]{2}$/.test(text)) throw new RangeError("a subject's C is a country code: two capital letters");
  return der.printableString(text);
}
