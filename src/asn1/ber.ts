/**
 * Converts BER, which some programs write in PKCS#12 and PKCS#7 files, to DER: indefinite lengths become definite, and the
 * segments of constructed OCTET STRINGs are joined (X.690 sections 8.1.3.6 and 8.7.3). Other deviations from DER remain, and
 * the strict reader refuses them.
 */

import { join } from "../bytes.ts";
import { ChannelError } from "../errors.ts";
import { MAX_DEPTH, readDer } from "./reader.ts";
import { constructed, TAG } from "./tags.ts";
import { element, octetString } from "./writer.ts";

/** The bit of an identifier octet that marks a constructed encoding, whose contents are elements. */
const CONSTRUCTED = 0x20;
const INDEFINITE = 0x80;
/** A constructed OCTET STRING, which consists of segments. */
const CONSTRUCTED_OCTET_STRING = TAG.octetString | CONSTRUCTED;

/** Returns the value in DER, or `bytes` itself if it already is. `what` names the value in errors. */
export function berToDer(bytes: Uint8Array, what: string): Uint8Array {
  const reader = new BerReader(bytes, what);
  const encoding = reader.element(bytes.length, 0);
  reader.end();
  return encoding;
}

/**
 * Returns the bytes after the length of a SEQUENCE in BER or DER, or undefined for anything else. Formats are distinguished
 * by these bytes.
 */
export function contentsOf(bytes: Uint8Array): Uint8Array | undefined {
  if (bytes[0] !== TAG.sequence) return undefined;
  return bytes.subarray(bytes[1] < 0x80 ? 2 : 2 + (bytes[1] & 0x7f));
}

/**
 * Returns the joined segments of a constructed `[number] IMPLICIT OCTET STRING`, which {@link berToDer} cannot recognize.
 */
export function joinSegments(bytes: Uint8Array, number: number, what: string): Uint8Array {
  return readDer(bytes, what, (reader) => {
    const segments = reader.sequence(constructed(number));
    const contents: Uint8Array[] = [];
    while (!segments.done) contents.push(segments.octetString());
    return join(contents);
  });
}

class BerReader {
  readonly #bytes: Uint8Array;
  readonly #what: string;
  #at = 0;

  constructor(bytes: Uint8Array, what: string) {
    this.#bytes = bytes;
    this.#what = what;
  }

  end(): void {
    if (this.#at < this.#bytes.length) this.#fail("has bytes left over");
  }

  /** Reads an element that ends at `limit` at the latest, and returns it as DER. */
  element(limit: number, depth: number): Uint8Array {
    if (depth > MAX_DEPTH) throw new ChannelError("limit", `${this.#what} is nested too deeply`);
    const start = this.#at;
    const tag = this.#byte(limit);
    const length = this.#length(limit);
    const isIndefinite = length === undefined;
    const end = isIndefinite ? limit : this.#at + length;
    if (end > limit) this.#fail("ends too early");
    if ((tag & CONSTRUCTED) === 0) {
      if (isIndefinite) this.#fail("has an indefinite length that is not allowed there");
      this.#at = end;
      return this.#bytes.subarray(start, end);
    }
    const parts = this.#parts(end, isIndefinite, depth + 1);
    if (tag === CONSTRUCTED_OCTET_STRING) return octetString(join(parts.map((part) => this.#segment(part))));
    const isSame = !isIndefinite && parts.every(({ buffer }) => buffer === this.#bytes.buffer);
    return isSame ? this.#bytes.subarray(start, end) : element(tag, ...parts);
  }

  /** Returns the elements up to `end` or, after an indefinite length, up to the two zeros that end them. */
  #parts(end: number, isIndefinite: boolean, depth: number): Uint8Array[] {
    const parts: Uint8Array[] = [];
    while (isIndefinite ? !this.#endsContents(end) : this.#at < end) parts.push(this.element(end, depth));
    return parts;
  }

  #endsContents(limit: number): boolean {
    if (this.#at + 2 > limit) this.#fail("ends too early");
    if (this.#bytes[this.#at] !== 0 || this.#bytes[this.#at + 1] !== 0) return false;
    this.#at += 2;
    return true;
  }

  #segment(part: Uint8Array): Uint8Array {
    return readDer(part, this.#what, (reader) => reader.octetString());
  }

  /** Reads a length. Returns undefined if the length is indefinite. */
  #length(limit: number): number | undefined {
    const first = this.#byte(limit);
    if (first === INDEFINITE) return undefined;
    if (first < 0x80) return first;
    const count = first & 0x7f;
    if (count > 4) this.#fail("has a length that is too large");
    let length = 0;
    for (let i = 0; i < count; i++) length = length * 256 + this.#byte(limit);
    return length;
  }

  #byte(limit: number): number {
    if (this.#at >= limit) this.#fail("ends too early");
    return this.#bytes[this.#at++];
  }

  #fail(how: string): never {
    throw new ChannelError("malformed", `${this.#what} ${how}`);
  }
}
