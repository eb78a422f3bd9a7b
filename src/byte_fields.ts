/** A strict reader and a writer for the big-endian fields and vectors of handshake messages (RFC 8446 section 3). */

import type { ChannelError } from "./errors.ts";

/** Reads big-endian fields in order. Throws the error that `fail` makes if the bytes do not have the expected format. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #fail: (what: string) => ChannelError;
  #offset = 0;

  constructor(bytes: Uint8Array, fail: (what: string) => ChannelError) {
    this.#bytes = bytes;
    this.#fail = fail;
  }

  /** The number of bytes left. */
  get remaining(): number {
    return this.#bytes.length - this.#offset;
  }

  /** Reads `length` bytes, and returns a view of them. */
  bytes(length: number): Uint8Array {
    if (length > this.remaining) throw this.#fail("ends too early");
    return this.#bytes.subarray(this.#offset, this.#offset += length);
  }

  /** Reads an unsigned number of 1 to 6 bytes. */
  uint(size: number): number {
    let value = 0;
    for (const byte of this.bytes(size)) value = value * 256 + byte;
    return value;
  }

  u8(): number {
    return this.uint(1);
  }

  u16(): number {
    return this.uint(2);
  }

  u24(): number {
    return this.uint(3);
  }

  u32(): number {
    return this.uint(4);
  }

  /** Reads a vector: the length in `size` bytes, followed by `min` to `max` bytes of contents. */
  vector(size: number, min = 0, max: number = 256 ** size - 1): Uint8Array {
    const length = this.uint(size);
    if (length < min || length > max) throw this.#fail("has a vector of a length that is not allowed");
    return this.bytes(length);
  }

  /** Reads a vector, and returns a reader of its contents. */
  nested(size: number, min = 0, max?: number): ByteReader {
    return new ByteReader(this.vector(size, min, max), this.#fail);
  }

  /** Reads 16-bit numbers up to the end. */
  u16s(): number[] {
    const values: number[] = [];
    while (this.remaining > 0) values.push(this.u16());
    return values;
  }

  /** Refuses bytes that are left over. */
  end(): void {
    if (this.remaining !== 0) throw this.#fail("has bytes left over");
  }
}

/** Writes big-endian fields in order. */
export class ByteWriter {
  #bytes: Uint8Array = new Uint8Array(256);
  #length = 0;

  #room(extra: number): void {
    if (this.#length + extra <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + extra));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }

  /** Writes an unsigned number in `size` bytes (1 to 6). Throws `RangeError` if it does not fit. */
  uint(value: number, size: number): this {
    if (!Number.isSafeInteger(value) || value < 0 || value >= 256 ** size) {
      throw new RangeError(`${value} does not fit in ${size} bytes`);
    }
    this.#room(size);
    this.#length += size;
    for (let i = 1, rest = value; i <= size; i++, rest = Math.floor(rest / 256)) {
      this.#bytes[this.#length - i] = rest % 256;
    }
    return this;
  }

  u8(value: number): this {
    return this.uint(value, 1);
  }

  u16(value: number): this {
    return this.uint(value, 2);
  }

  u24(value: number): this {
    return this.uint(value, 3);
  }

  u32(value: number): this {
    return this.uint(value, 4);
  }

  bytes(bytes: Uint8Array): this {
    this.#room(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
    return this;
  }

  u16s(values: readonly number[]): this {
    for (const value of values) this.u16(value);
    return this;
  }

  /** Writes a vector: the length in `size` bytes, followed by the bytes. */
  vector(size: number, bytes: Uint8Array): this {
    return this.uint(bytes.length, size).bytes(bytes);
  }

  /** Writes a vector whose contents `fill` writes. */
  nested(size: number, fill: (contents: ByteWriter) => void): this {
    const start = this.#length;
    fill(this.uint(0, size));
    const end = this.#length;
    this.#length = start;
    this.uint(end - start - size, size);
    this.#length = end;
    return this;
  }

  /** Returns the written bytes in a new array. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }
}
