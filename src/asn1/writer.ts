/** Writers of DER: each function returns the encoding of one element. */

import { bigIntToBytes, bitLength } from "../bigint.ts";
import { concat, toUtf8 } from "../bytes.ts";
import { encodeOid } from "./oid.ts";
import { compareEncodings } from "./reader.ts";
import { isPrintable } from "./strings.ts";
import { TAG } from "./tags.ts";
import { encodeGeneralizedTime } from "./time.ts";

/** Encodes an element with any identifier octet. */
export function element(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of contents) length += part.length;
  return concat(Uint8Array.of(tag, ...encodeLength(length)), ...contents);
}

/** Encodes a SEQUENCE of elements. */
export function sequence(...elements: readonly Uint8Array[]): Uint8Array {
  return element(TAG.sequence, ...elements);
}

/** Encodes a SET OF elements, sorted as DER requires. */
export function setOf(...elements: readonly Uint8Array[]): Uint8Array {
  return element(TAG.set, ...elements.toSorted(compareEncodings));
}

/** Encodes `[number] EXPLICIT`. */
export function explicit(number: number, ...elements: readonly Uint8Array[]): Uint8Array {
  return element(0xa0 | number, ...elements);
}

/** Replaces the identifier octet of an element by `[number] IMPLICIT`; a primitive element stays primitive. */
export function implicit(number: number, encoding: Uint8Array): Uint8Array {
  const tagged = encoding.slice();
  tagged[0] = 0x80 | encoding[0] & 0x20 | number;
  return tagged;
}

/** Encodes a BOOLEAN. */
export function boolean(value: boolean): Uint8Array {
  return Uint8Array.of(TAG.boolean, 1, value ? 0xff : 0);
}

/** Encodes an INTEGER. */
export function integer(value: bigint | number): Uint8Array {
  const number = BigInt(value);
  // Two's complement needs one bit more than the number, or than -number - 1 if it is negative.
  const length = (bitLength(number < 0n ? -number - 1n : number) >> 3) + 1;
  return element(TAG.integer, bigIntToBytes(BigInt.asUintN(8 * length, number), length));
}

/** Encodes an ENUMERATED from 0 to 127. */
export function enumerated(value: number): Uint8Array {
  return Uint8Array.of(TAG.enumerated, 1, value);
}

/** Encodes an OBJECT IDENTIFIER from its dotted form. */
export function oid(dotted: string): Uint8Array {
  return element(TAG.oid, encodeOid(dotted));
}

/** Encodes NULL. */
export function nul(): Uint8Array {
  return Uint8Array.of(TAG.null, 0);
}

/** Encodes an OCTET STRING. */
export function octetString(...bytes: readonly Uint8Array[]): Uint8Array {
  return element(TAG.octetString, ...bytes);
}

/** Encodes a BIT STRING of whole bytes. */
export function bitString(bytes: Uint8Array): Uint8Array {
  return element(TAG.bitString, Uint8Array.of(0), bytes);
}

/** Encodes a named bit list with these positions set, without trailing zeros. */
export function namedBits(positions: Iterable<number>): Uint8Array {
  const bits = [...positions];
  const highest = Math.max(-1, ...bits);
  const bytes = new Uint8Array((highest >> 3) + 1);
  for (const bit of bits) bytes[bit >> 3] |= 0x80 >> (bit & 7);
  return element(TAG.bitString, Uint8Array.of(bytes.length * 8 - highest - 1), bytes);
}

/** Encodes a UTF8String. */
export function utf8String(text: string): Uint8Array {
  return element(TAG.utf8String, toUtf8(text));
}

/** Encodes a PrintableString; throws `RangeError` for other characters. */
export function printableString(text: string): Uint8Array {
  if (!isPrintable(text)) throw new RangeError("the text does not fit in a PrintableString");
  return element(TAG.printableString, toUtf8(text));
}

/** Encodes an IA5String; throws `RangeError` for text that is not ASCII. */
export function ia5String(text: string): Uint8Array {
  const bytes = toUtf8(text);
  if (bytes.length !== text.length) throw new RangeError("the text does not fit in an IA5String");
  return element(TAG.ia5String, bytes);
}

/** Encodes a Time: UTCTime for 1950 to 2049, else GeneralizedTime (RFC 5280 section 4.1.2.5). */
export function time(date: Date): Uint8Array {
  const year = date.getUTCFullYear();
  if (year < 1950 || year > 2049) return generalizedTime(date);
  return element(TAG.utcTime, toUtf8(encodeGeneralizedTime(date).slice(2)));
}

/** Encodes a GeneralizedTime; fractions of a second are dropped. */
export function generalizedTime(date: Date): Uint8Array {
  return element(TAG.generalizedTime, toUtf8(encodeGeneralizedTime(date)));
}

function encodeLength(length: number): number[] {
  if (length < 0x80) return [length];
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return [0x80 | bytes.length, ...bytes];
}
