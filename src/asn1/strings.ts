/** Strict decoding of ASN.1's character string types (X.690 section 8.23, X.680 section 41). */

import { fromUtf8 } from "../bytes.ts";
import { ChannelError } from "../errors.ts";
import { TAG } from "./tags.ts";

/** Returns whether an identifier octet belongs to a character string type. */
export function isStringTag(tag: number): boolean {
  return DECODERS.has(tag);
}

/** Returns the text of a character string of this type. Throws "malformed" if the bytes are not valid for the type. */
export function decodeString(tag: number, contents: Uint8Array): string {
  const decode = DECODERS.get(tag);
  if (decode === undefined) throw new ChannelError("malformed", "a character string was expected");
  return decode(contents);
}

/** Returns whether PrintableString can hold the text (X.680 table 10). */
export function isPrintable(text: string): boolean {
  return /^[A-Za-z0-9 '()+,\-./:=?]*$/.test(text);
}

const DECODERS: ReadonlyMap<number, (contents: Uint8Array) => string> = new Map([
  [TAG.utf8String, utf8],
  [TAG.numericString, (contents: Uint8Array) => matching(contents, /^[0-9 ]*$/)],
  // Widely deployed encoders put '*', '&', '@' and '_' into PrintableString.
  [TAG.printableString, (contents: Uint8Array) => matching(contents, /^[A-Za-z0-9 '()+,\-./:=?*&@_]*$/)],
  // T.61 is read as Latin-1, as in other implementations: nobody uses real T.61.
  [TAG.teletexString, latin1],
  [TAG.ia5String, (contents: Uint8Array) => matching(contents, /^\p{ASCII}*$/u)],
  [TAG.visibleString, (contents: Uint8Array) => matching(contents, /^[\x20-\x7e]*$/)],
  [TAG.bmpString, (contents: Uint8Array) => codePoints(contents, 2)],
  [TAG.universalString, (contents: Uint8Array) => codePoints(contents, 4)],
]);

function utf8(contents: Uint8Array): string {
  try {
    return fromUtf8(contents);
  } catch {
    throw new ChannelError("malformed", "a UTF8String is not UTF-8");
  }
}

function latin1(contents: Uint8Array): string {
  let text = "";
  for (const byte of contents) text += String.fromCharCode(byte);
  return text;
}

function matching(contents: Uint8Array, allowed: RegExp): string {
  const text = latin1(contents);
  if (!allowed.test(text)) {
    throw new ChannelError("malformed", "a string has characters that its type does not allow");
  }
  return text;
}

/** Decodes big-endian code points of 2 bytes (BMPString: UCS-2, no surrogates) or 4 bytes (UniversalString: UCS-4). */
function codePoints(contents: Uint8Array, size: number): string {
  if (contents.length % size !== 0) throw new ChannelError("malformed", "a string ends inside a character");
  let text = "";
  for (let i = 0; i < contents.length; i += size) {
    let point = 0;
    for (let j = i; j < i + size; j++) point = point * 256 + contents[j];
    if (point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) {
      throw new ChannelError("malformed", "a string has an invalid code point");
    }
    text += String.fromCodePoint(point);
  }
  return text;
}
