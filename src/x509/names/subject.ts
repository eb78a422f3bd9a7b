/** Parses distinguished names from text (RFC 4514) and encodes them. */

import { der } from "../../asn1/mod.ts";
import { fromHex, fromUtf8 } from "../../bytes.ts";
import { ATTRIBUTE_TYPES, type AttributeType } from "./attribute_types.ts";

/** One attribute of a distinguished name. */
export interface SubjectAttribute {
  /** A name such as `CN`, `O`, `OU`, `C`, or an object identifier in dotted form. */
  readonly type: string;
  /** The value; never empty. */
  readonly value: string;
}

/**
 * A distinguished name. A string has the format of RFC 4514, with the most specific part first: `CN=host,O=Firm,C=DE`. A
 * list has the attributes in the order of the encoding, with the least specific first. Each attribute of a list is its own
 * relative distinguished name.
 */
export type Subject = string | readonly SubjectAttribute[];

/** The longest value of a type that has no specific upper bound, in characters (RFC 5280 appendix A.1, ub-name). */
const MAX_LENGTH = 32_768;

/** Encodes a Name (RFC 5280 section 4.1.2.4); throws `RangeError` if the subject is invalid. */
export function encodeSubject(subject: Subject): Uint8Array {
  const names = typeof subject === "string" ? parseSubject(subject) : subject.map((attribute) => [attribute]);
  return der.sequence(...names.map((attributes) => der.setOf(...attributes.map(encodeAttribute))));
}

/**
 * An attribute, followed by its separator: a comma, a plus sign within one RDN, or the end. Values in hexadecimal, which
 * begin with "#", are not supported. A value never begins with a space, so the expression can match spaces in only one way.
 */
const ATTRIBUTE = new RegExp(
  "\\s*([A-Za-z][A-Za-z0-9-]*|[0-9]+(?:\\.[0-9]+)+)\\s*=\\s*" +
    '(?![#\\s])((?:[^\\\\,+"<>;\\0]|\\\\[0-9A-Fa-f]{2}|\\\\[ "#+,;<=>\\\\])*)([,+]|$)',
  "y",
);

/**
 * Returns the relative distinguished names of a string in the order of the encoding, which is the reverse of the string's
 * order.
 */
function parseSubject(text: string): SubjectAttribute[][] {
  const names: SubjectAttribute[][] = [];
  let separator = text.trim() === "" ? "" : ",";
  ATTRIBUTE.lastIndex = 0;
  while (separator !== "") {
    const match = ATTRIBUTE.exec(text);
    if (match === null) {
      throw new RangeError(`not a distinguished name: ${text}; an example is CN=app.example,O=Firm`);
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
  const { oid, maxLength = MAX_LENGTH, kind } = attributeType(type);
  if (value === "" || [...value].length > maxLength) {
    throw new RangeError(`the subject's ${type} must have 1 to ${maxLength} characters`);
  }
  return der.sequence(der.oid(oid), encodeValue(kind, value));
}

/** Returns the attribute type with this short name or object identifier; any identifier is one. */
function attributeType(type: string): Omit<AttributeType, "name"> {
  const isOid = /^[0-9]/.test(type);
  const known = ATTRIBUTE_TYPES.find(({ oid, name }) =>
    isOid ? oid === type : name.toUpperCase() === type.toUpperCase()
  );
  if (known === undefined && !isOid) {
    throw new RangeError(`unknown attribute type ${type}: use its object identifier`);
  }
  return known ?? { oid: type };
}

function encodeValue(kind: AttributeType["kind"], text: string): Uint8Array {
  switch (kind) {
    case "country":
      if (!/^[A-Z]{2}$/.test(text)) {
        throw new RangeError("a subject's C is a country code: two capital letters");
      }
      return der.printableString(text);
    case "printable":
      return der.printableString(text);
    case "ia5":
      return der.ia5String(text);
    case undefined:
      return der.utf8String(text);
  }
}
