/** Parsing distinguished names from text (RFC 4514), and encoding them. */

import { der } from "../../asn1/mod.ts";
import { fromHex, fromUtf8 } from "../../bytes.ts";
import { ATTRIBUTE_NAMES } from "./name.ts";
import {
  ID_AT_COMMON_NAME,
  ID_AT_COUNTRY_NAME,
  ID_AT_DN_QUALIFIER,
  ID_AT_LOCALITY_NAME,
  ID_AT_ORGANIZATION_NAME,
  ID_AT_ORGANIZATIONAL_UNIT_NAME,
  ID_AT_SERIAL_NUMBER,
  ID_AT_STATE_OR_PROVINCE_NAME,
  ID_AT_TITLE,
  ID_DOMAIN_COMPONENT,
  ID_EMAIL_ADDRESS,
  JURISDICTION_COUNTRY_NAME,
} from "../oids.ts";

/** One attribute of a distinguished name. */
export interface SubjectAttribute {
  /** A name such as `CN`, `O`, `OU`, `C`, or an object identifier in dotted form. */
  readonly type: string;
  /** The value; never empty. */
  readonly value: string;
}

/**
 * A distinguished name: a string in the format of RFC 4514, most specific part first (`CN=host,O=Firm,C=DE`), or a list of
 * attributes in the order of the encoding, least specific first. Each attribute of a list is its own relative distinguished
 * name.
 */
export type Subject = string | readonly SubjectAttribute[];

/** The encoders of attribute types whose values are not UTF8Strings (RFC 5280 appendix A.1). */
const ENCODERS: ReadonlyMap<string, (text: string) => Uint8Array> = new Map([
  [ID_AT_SERIAL_NUMBER, der.printableString],
  [ID_AT_COUNTRY_NAME, countryCode],
  [ID_AT_DN_QUALIFIER, der.printableString],
  [ID_DOMAIN_COMPONENT, der.ia5String],
  [ID_EMAIL_ADDRESS, der.ia5String],
  [JURISDICTION_COUNTRY_NAME, countryCode],
]);

/** The longest values, in characters (RFC 5280 appendix A.1, upper bounds). */
const MAX_LENGTHS: ReadonlyMap<string, number> = new Map([
  [ID_AT_COMMON_NAME, 64],
  [ID_AT_SERIAL_NUMBER, 64],
  [ID_AT_LOCALITY_NAME, 128],
  [ID_AT_STATE_OR_PROVINCE_NAME, 128],
  [ID_AT_ORGANIZATION_NAME, 64],
  [ID_AT_ORGANIZATIONAL_UNIT_NAME, 64],
  [ID_AT_TITLE, 64],
  [ID_EMAIL_ADDRESS, 255],
]);
const MAX_LENGTH = 32_768;

const TYPES_BY_NAME: ReadonlyMap<string, string> = new Map(
  Array.from(ATTRIBUTE_NAMES, ([oid, name]) => [name.toUpperCase(), oid]),
);

/** Encodes a Name (RFC 5280 section 4.1.2.4); throws `RangeError` if the subject is invalid. */
export function encodeSubject(subject: Subject): Uint8Array {
  const names = typeof subject === "string" ? parseSubject(subject) : subject.map((attribute) => [attribute]);
  return der.sequence(...names.map((attributes) => der.setOf(...attributes.map(encodeAttribute))));
}

/**
 * An attribute, followed by its separator: a comma, a plus sign within one RDN, or the end. Values in hexadecimal, which begin
 * with "#", are not supported. No value begins with a space, so the expression can match spaces in one way only.
 */
const ATTRIBUTE = new RegExp(
  "\\s*([A-Za-z][A-Za-z0-9-]*|[0-9]+(?:\\.[0-9]+)+)\\s*=\\s*" +
    '(?![#\\s])((?:[^\\\\,+"<>;\\0]|\\\\[0-9A-Fa-f]{2}|\\\\[ "#+,;<=>\\\\])*)([,+]|$)',
  "y",
);

/** Returns the relative distinguished names of a string in the order of the encoding, the reverse of the string's. */
function parseSubject(text: string): SubjectAttribute[][] {
  const names: SubjectAttribute[][] = [];
  let separator = text.trim() === "" ? "" : ",";
  ATTRIBUTE.lastIndex = 0;
  while (separator !== "") {
    const match = ATTRIBUTE.exec(text);
    if (match === null) {
      throw new RangeError(`not a distinguished name: ${text}; one is CN=app.example,O=Firm`);
    }
    const attribute = { type: match[1], value: unescape(match[2]) };
    if (separator === ",") names.unshift([attribute]);
    else names[0].push(attribute);
    separator = match[3];
  }
  return names;
}

/** Resolves the escapes of RFC 4514 section 2.4, and removes unescaped spaces at the end. */
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
  const oid = /^[0-9]/.test(type) ? type : TYPES_BY_NAME.get(type.toUpperCase());
  if (oid === undefined) {
    throw new RangeError(`unknown attribute type ${type}: use its object identifier`);
  }
  const maxLength = MAX_LENGTHS.get(oid) ?? MAX_LENGTH;
  if (value === "" || [...value].length > maxLength) {
    throw new RangeError(`the subject's ${type} must have 1 to ${maxLength} characters`);
  }
  const encode = ENCODERS.get(oid) ?? der.utf8String;
  return der.sequence(der.oid(oid), encode(value));
}

function countryCode(text: string): Uint8Array {
  if (!/^[A-Z]{2}$/.test(text)) throw new RangeError("a subject's C is a country code: two capital letters");
  return der.printableString(text);
}
