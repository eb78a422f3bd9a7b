/**
 * A strict reader of DER (X.690). It requires definite and minimal lengths and tag numbers below 31, and refuses trailing
 * bytes and deep nesting.
 */

import { bytesToBigInt } from "../bigint.ts";
import { ChannelError } from "../errors.ts";
import { locateErrors } from "./locate.ts";
import { decodeOid } from "./oid.ts";
import { decodeString } from "./strings.ts";
import { constructed, TAG } from "./tags.ts";
import { decodeGeneralizedTime, decodeUtcTime } from "./time.ts";

/** The deepest nesting of readers. PKIX structures need about 15 levels. */
export const MAX_DEPTH = 64;

/** The longest INTEGER that is read as a number, in bytes: 16,384 bits and a sign. */
const MAX_INTEGER_LENGTH = 2049;

/** One element: its identifier octet, its contents and its whole encoding. Both are views of the bytes that were read. */
export interface DerElement {
  readonly tag: number;
  readonly contents: Uint8Array;
  readonly encoding: Uint8Array;
}

/** A BIT STRING. The last `unusedBits` bits of `bytes` are zero and not part of the string. */
export interface BitString {
  readonly bytes: Uint8Array;
  readonly unusedBits: number;
}

/**
 * Reads the elements of one value in order. Every method reads the next element. Pass the expected identifier octet if it is
 * not the universal one: `reader.octetString(context(0))` reads `[0] IMPLICIT OCTET STRING`. Every method may throw a
 * ChannelError, `"malformed"` or `"limit"`.
 */
export class DerReader {
  readonly #bytes: Uint8Array;
  readonly #what: string;
  readonly #depth: number;
  #offset = 0;

  /** Makes a reader of `bytes`; `what` names them in errors ("the certificate"). */
  constructor(bytes: Uint8Array, what: string, depth = 0) {
    if (depth > MAX_DEPTH) throw new ChannelError("limit", `${what} is nested too deeply`);
    this.#bytes = bytes;
    this.#what = what;
    this.#depth = depth;
  }

  /** Whether everything was read. */
  get done(): boolean {
    return this.#offset === this.#bytes.length;
  }

  /** Returns whether the next element has this identifier octet. */
  has(tag: number): boolean {
    return this.#offset < this.#bytes.length && this.#bytes[this.#offset] === tag;
  }

  /** Throws "malformed" unless everything was read. */
  end(): void {
    if (!this.done) this.fail("has bytes left over");
  }

  /** Throws "malformed"; `how` completes a sentence about the value: "has an empty list". */
  fail(how: string): never {
    throw new ChannelError("malformed", `${this.#what} ${how}`);
  }

  /** Reads the next element, of any type. */
  any(): DerElement {
    const start = this.#offset;
    if (start === this.#bytes.length) this.fail("ends too early");
    const tag = this.#bytes[start];
    if ((tag & 0x1f) === 0x1f) this.fail("has a tag number that PKIX does not use");
    this.#offset++;
    const length = this.#length();
    if (length > this.#bytes.length - this.#offset) this.fail("ends too early");
    const contents = this.#bytes.subarray(this.#offset, this.#offset += length);
    return { tag, contents, encoding: this.#bytes.subarray(start, this.#offset) };
  }

  /** Reads the next element, which must have this identifier octet. */
  element(tag: number): DerElement {
    if (!this.has(tag)) this.fail(this.done ? "ends too early" : `has an element of the wrong type`);
    return this.any();
  }

  /** Reads the contents of the next element, which must have this identifier octet. */
  contents(tag: number): Uint8Array {
    return this.element(tag).contents;
  }

  /**
   * Returns a reader of the elements inside the next element, which is a SEQUENCE, or `constructed(n)` for a tagged value.
   */
  sequence(tag: number = TAG.sequence): DerReader {
    return this.nested(this.contents(tag));
  }

  /** Returns a reader of the elements of a SET. For a SET OF, whose order DER fixes, use `setOf`. */
  set(tag: number = TAG.set): DerReader {
    return this.nested(this.contents(tag));
  }

  /** Reads the elements of a SET OF, which must be in DER's order (X.690 section 11.6). */
  setOf(tag: number = TAG.set): DerElement[] {
    const reader = this.set(tag);
    const elements: DerElement[] = [];
    while (!reader.done) {
      const element = reader.any();
      const previous = elements.at(-1);
      if (previous && compareEncodings(previous.encoding, element.encoding) > 0) {
        this.fail("has a SET OF that is not in order");
      }
      elements.push(element);
    }
    return elements;
  }

  /** Returns a reader of bytes that were found inside this value, one level deeper. */
  nested(bytes: Uint8Array): DerReader {
    return new DerReader(bytes, this.#what, this.#depth + 1);
  }

  /** Returns the result of `read` for the next SEQUENCE. `read` must read all of its elements. */
  within<T>(read: (reader: DerReader) => T, tag: number = TAG.sequence): T {
    const reader = this.sequence(tag);
    const value = read(reader);
    reader.end();
    return value;
  }

  /** Returns the results of `read` for the elements of the next SEQUENCE OF. */
  sequenceOf<T>(read: (reader: DerReader) => T, tag: number = TAG.sequence): T[] {
    const reader = this.sequence(tag);
    const values: T[] = [];
    while (!reader.done) values.push(read(reader));
    return values;
  }

  /** As {@link sequenceOf}, for a SEQUENCE SIZE (1..MAX) OF. */
  nonEmptySequenceOf<T>(read: (reader: DerReader) => T, tag: number = TAG.sequence): T[] {
    const values = this.sequenceOf(read, tag);
    if (values.length === 0) this.fail("has an empty list");
    return values;
  }

  /** Returns the result of `read` if the next element has this identifier octet, else undefined. */
  optional<T>(tag: number, read: (reader: DerReader, tag: number) => T): T | undefined {
    return this.has(tag) ? read(this, tag) : undefined;
  }

  /**
   * Returns the result of `read` for the contents of `[number] EXPLICIT` if that is next, else undefined. `read` must read
   * all of them.
   */
  explicit<T>(number: number, read: (reader: DerReader) => T): T | undefined {
    const tag = constructed(number);
    return this.has(tag) ? this.within(read, tag) : undefined;
  }

  /** Reads a BOOLEAN: 0x00 or 0xff (X.690 section 11.1). */
  boolean(tag: number = TAG.boolean): boolean {
    const contents = this.contents(tag);
    if (contents.length !== 1 || (contents[0] !== 0 && contents[0] !== 0xff)) this.fail("has a bad BOOLEAN");
    return contents[0] !== 0;
  }

  /** Reads a BOOLEAN DEFAULT FALSE. DER omits FALSE (X.690 section 11.5), but many encoders write it. */
  booleanDefaultFalse(tag: number = TAG.boolean): boolean {
    return this.has(tag) && this.boolean(tag);
  }

  /** Reads an INTEGER's contents: minimal two's complement (X.690 section 8.3). */
  integerBytes(tag: number = TAG.integer): Uint8Array {
    const contents = this.contents(tag);
    const [first, second] = contents;
    if (contents.length === 0) this.fail("has an empty INTEGER");
    if (contents.length > 1 && ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80))) {
      this.fail("has an INTEGER that is not minimal");
    }
    return contents;
  }

  /** Reads an INTEGER of at most 16,384 bits. */
  integer(tag: number = TAG.integer): bigint {
    const contents = this.integerBytes(tag);
    if (contents.length > MAX_INTEGER_LENGTH) {
      throw new ChannelError("limit", `${this.#what} has an INTEGER that is too large`);
    }
    const value = bytesToBigInt(contents);
    return contents[0] < 0x80 ? value : value - (1n << BigInt(8 * contents.length));
  }

  /** Reads an INTEGER from 0 to `max`. */
  smallInteger(max: number = Number.MAX_SAFE_INTEGER, tag: number = TAG.integer): number {
    const value = this.integer(tag);
    if (value < 0n || value > BigInt(max)) this.fail("has an INTEGER out of range");
    return Number(value);
  }

  /** Reads an ENUMERATED from 0 to 127. */
  enumerated(tag: number = TAG.enumerated): number {
    return this.smallInteger(127, tag);
  }

  /** Reads an OBJECT IDENTIFIER, in dotted form. */
  oid(tag: number = TAG.oid): string {
    return this.#decode(tag, decodeOid);
  }

  /** Reads a NULL. */
  null(tag: number = TAG.null): void {
    if (this.contents(tag).length !== 0) this.fail("has a NULL with contents");
  }

  /** Reads a primitive OCTET STRING. */
  octetString(tag: number = TAG.octetString): Uint8Array {
    return this.contents(tag);
  }

  /** Reads a primitive BIT STRING. Its unused bits must be zero (X.690 section 11.2.1). */
  bitString(tag: number = TAG.bitString): BitString {
    const contents = this.contents(tag);
    const unusedBits = contents[0];
    const bytes = contents.subarray(1);
    if (contents.length === 0 || unusedBits > 7 || (bytes.length === 0 && unusedBits > 0)) {
      this.fail("has a bad BIT STRING");
    }
    if (unusedBits > 0 && (bytes[bytes.length - 1] & (1 << unusedBits) - 1) !== 0) {
      this.fail("has a BIT STRING whose unused bits are not zero");
    }
    return { bytes, unusedBits };
  }

  /** Reads a BIT STRING of whole bytes, as signatures and public keys are. */
  bitStringBytes(tag: number = TAG.bitString): Uint8Array {
    const { bytes, unusedBits } = this.bitString(tag);
    if (unusedBits !== 0) this.fail("has a BIT STRING that is not of whole bytes");
    return bytes;
  }

  /**
   * Reads a named bit list and returns the positions of the bits that are set. DER drops trailing zeros (X.690 section
   * 11.2.2), but many encoders write them. They are accepted, since they do not change the value.
   */
  namedBits(tag: number = TAG.bitString): Set<number> {
    const { bytes } = this.bitString(tag);
    if (bytes.length > 8) this.fail("has a named bit list that is too long");
    const positions = new Set<number>();
    for (let i = 0; i < bytes.length * 8; i++) {
      if (bytes[i >> 3] >> 7 - (i & 7) & 1) positions.add(i);
    }
    return positions;
  }

  /** Reads the text of an IA5String. */
  ia5String(tag: number = TAG.ia5String): string {
    return this.#decode(tag, (contents) => decodeString(TAG.ia5String, contents));
  }

  /**
   * Reads a Time: UTCTime or GeneralizedTime. CAs must use UTCTime for dates up to 2049, but GeneralizedTime is accepted for
   * them too: RFC 5280 section 4.1.2.5 requires support for both, and some roots in use need it.
   */
  time(): Date {
    return this.has(TAG.utcTime) ? this.#decode(TAG.utcTime, decodeUtcTime) : this.generalizedTime();
  }

  /** Reads a GeneralizedTime, without fractions of a second. */
  generalizedTime(tag: number = TAG.generalizedTime): Date {
    return this.#decode(tag, decodeGeneralizedTime);
  }

  /** Returns the result of `decode` for the contents of the next element, which must have this identifier octet. */
  #decode<T>(tag: number, decode: (contents: Uint8Array) => T): T {
    const contents = this.contents(tag);
    return locateErrors(this.#what, () => decode(contents));
  }

  /** Reads a length: definite and minimal (X.690 section 10.1). */
  #length(): number {
    const first = this.#byte();
    if (first < 0x80) return first;
    const count = first & 0x7f;
    if (count === 0 || count > 4) this.fail("has a length that is indefinite or too large");
    let length = 0;
    for (let i = 0; i < count; i++) length = length * 256 + this.#byte();
    if (length < 0x80 || length < 256 ** (count - 1)) this.fail("has a length that is not minimal");
    return length;
  }

  #byte(): number {
    if (this.done) this.fail("ends too early");
    return this.#bytes[this.#offset++];
  }
}

/** Returns the result of `read`, which must read all of `bytes`. */
export function readDer<T>(bytes: Uint8Array, what: string, read: (reader: DerReader) => T): T {
  const reader = new DerReader(bytes, what);
  const value = read(reader);
  reader.end();
  return value;
}

/** Compares two encodings in the order of a SET OF in DER: byte by byte, with the shorter one padded with zeros. */
export function compareEncodings(a: Uint8Array, b: Uint8Array): number {
  const length = Math.max(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
