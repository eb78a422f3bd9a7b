/**
 * DEFLATE (RFC 1951) for small messages with a window of earlier bytes. It uses matches in the window and the fixed Huffman
 * code.
 *
 * fflate keeps no index of the window between messages. It would hash all 32 KiB again for each small message, which is a
 * hundred times the work. fflate compresses the large messages, with the window as its dictionary.
 */

import {
  DISTANCE_BASE,
  DISTANCE_EXTRA,
  END_OF_BLOCK,
  FIXED_LITERAL_LENGTHS,
  LENGTH_BASE,
  LENGTH_EXTRA,
  MAX_MATCH,
  reverse,
  WINDOW_SIZE,
} from "./codes.ts";

const MIN_MATCH = 3;
const HASH_BITS = 13;
const BUFFER_SIZE = 3 * WINDOW_SIZE;
const POSITION_MASK = WINDOW_SIZE - 1;

/** The most earlier positions that are compared for one match. */
const MAX_TRIES = 24;

/**
 * The longest distance at which a match of three bytes is worthwhile. Farther back it takes more bits than three literals.
 */
const NEAR = 4096;

/** A state of a {@link DeflateWindow}. */
export interface Mark {
  readonly end: number;
  readonly indexed: number;
  readonly head: Uint32Array;
}

/** The bytes to which messages may refer, with an index of each sequence of three bytes. */
export class DeflateWindow {
  readonly #buffer: Uint8Array = new Uint8Array(BUFFER_SIZE);
  /** For each hash, the last position plus 1; 0 if there is none. */
  readonly #head = new Uint32Array(1 << HASH_BITS);
  /** For each position (in a ring), the distance to the previous position with the same hash; 0 if there is none. */
  readonly #back = new Uint16Array(WINDOW_SIZE);
  #end = 0;
  #indexed = 0;

  /** Makes a window that begins with these bytes. */
  constructor(dictionary: Uint8Array) {
    this.remember(dictionary);
  }

  /** The current window, for fflate. It is a view that is valid until the next call. */
  get bytes(): Uint8Array {
    return this.#buffer.subarray(Math.max(0, this.#end - WINDOW_SIZE), this.#end);
  }

  /** Lets later messages refer to these bytes. */
  remember(bytes: Uint8Array): void {
    const kept = bytes.subarray(-WINDOW_SIZE);
    if (this.#end + kept.length > BUFFER_SIZE) this.#slide();
    this.#buffer.set(kept, this.#end);
    this.#end += kept.length;
    this.#index(this.#end - MIN_MATCH + 1);
  }

  /** Returns a state for {@link rewind}. */
  mark(): Mark {
    return { end: this.#end, indexed: this.#indexed, head: this.#head.slice() };
  }

  /**
   * Removes the small messages since the mark. The ring positions that they overwrote are lost, so some matches are missed.
   */
  rewind(mark: Mark): void {
    this.#end = mark.end;
    this.#indexed = mark.indexed;
    this.#head.set(mark.head);
  }

  /**
   * Returns one complete stream for a message of at most 32 KiB, or undefined if the stream is not shorter than the message.
   * Adds the message to the window.
   */
  deflate(message: Uint8Array): Uint8Array | undefined {
    if (this.#end + message.length > BUFFER_SIZE) this.#slide();
    const buffer = this.#buffer;
    const end = this.#end + message.length;
    buffer.set(message, this.#end);
    const writer = new BitWriter(message.length);
    writer.bits(0b011, 3); // the final block, with the fixed code
    for (let at = this.#end; at < end && !writer.full;) {
      const match = end - at >= MIN_MATCH ? this.#match(at, end) : 0;
      const length = match >>> 16;
      if (length === 0) {
        const literal = buffer[at++];
        writer.bits(LITERAL_CODE[literal], LITERAL_BITS[literal]);
      } else {
        writer.bits(LENGTH_CODE[length], LENGTH_BITS[length]);
        writer.distance(match & 0xffff);
        at += length;
      }
    }
    writer.bits(LITERAL_CODE[END_OF_BLOCK], LITERAL_BITS[END_OF_BLOCK]);
    this.#end = end;
    return writer.finish();
  }

  /** Returns the longest match at `at` as `length << 16 | distance`, or 0 if no match saves bits. */
  #match(at: number, end: number): number {
    this.#index(at);
    const buffer = this.#buffer;
    const longest = Math.min(MAX_MATCH, end - at);
    let [length, distance] = [MIN_MATCH - 1, 0];
    let place = this.#head[hash(buffer, at)] - 1;
    for (let tries = MAX_TRIES; place >= 0 && at - place < WINDOW_SIZE && tries > 0; tries--) {
      if (buffer[place + length] === buffer[at + length]) {
        let same = 0;
        while (same < longest && buffer[place + same] === buffer[at + same]) same++;
        if (same > length && (same > MIN_MATCH || at - place <= NEAR)) {
          [length, distance] = [same, at - place];
          if (same === longest) break;
        }
      }
      const back = this.#back[place & POSITION_MASK];
      if (back === 0) break;
      place -= back;
    }
    return distance === 0 ? 0 : length << 16 | distance;
  }

  /** Adds every position before `upTo` to the index. */
  #index(upTo: number): void {
    for (let place = this.#indexed; place < upTo; place++) {
      const slot = hash(this.#buffer, place);
      const back = place + 1 - this.#head[slot];
      this.#back[place & POSITION_MASK] = this.#head[slot] > 0 && back < WINDOW_SIZE ? back : 0;
      this.#head[slot] = place + 1;
    }
    if (upTo > this.#indexed) this.#indexed = upTo;
  }

  /** Moves all bytes back by one window. At least one window remains, and positions in the ring do not change. */
  #slide(): void {
    this.#buffer.copyWithin(0, WINDOW_SIZE, this.#end);
    this.#end -= WINDOW_SIZE;
    this.#indexed -= WINDOW_SIZE;
    const head = this.#head;
    for (let slot = 0; slot < head.length; slot++) head[slot] = Math.max(0, head[slot] - WINDOW_SIZE);
  }
}

/** Writes bits, the lowest first, into at most `limit - 1` bytes. */
class BitWriter {
  readonly #bytes: Uint8Array;
  #length = 0;
  #hold = 0;
  #held = 0;

  constructor(limit: number) {
    this.#bytes = new Uint8Array(limit);
  }

  get full(): boolean {
    return this.#length >= this.#bytes.length;
  }

  /** Writes at most 16 bits. */
  bits(value: number, count: number): void {
    this.#hold |= value << this.#held;
    this.#held += count;
    for (; this.#held >= 8; this.#held -= 8) {
      this.#bytes[this.#length++] = this.#hold; // a byte after the end is lost; `full` is then true
      this.#hold >>>= 8;
    }
  }

  /** Writes a distance in the fixed code: five bits, then the extra bits. */
  distance(distance: number): void {
    // Distances 2^n+1 to 2^(n+1) have the symbols 2n and 2n+1.
    const log = 31 - Math.clz32(distance - 1);
    const symbol = distance <= 2 ? distance - 1 : 2 * log + (distance - 1 >> (log - 1) & 1);
    this.bits(DISTANCE_CODE[symbol], 5);
    this.bits(distance - DISTANCE_BASE[symbol], DISTANCE_EXTRA[symbol]);
  }

  finish(): Uint8Array | undefined {
    if (this.#held > 0) this.bits(0, 8 - this.#held);
    return this.full ? undefined : this.#bytes.slice(0, this.#length);
  }
}

function hash(bytes: Uint8Array, at: number): number {
  const three = bytes[at] | bytes[at + 1] << 8 | bytes[at + 2] << 16;
  return Math.imul(three, 0x9e3779b1) >>> (32 - HASH_BITS);
}

// The fixed code (RFC 1951 section 3.2.6) in the order of its bits, for each symbol, and for each length.
const LITERAL_BITS = FIXED_LITERAL_LENGTHS;
const LITERAL_CODE = Uint16Array.from(LITERAL_BITS, (bits, symbol) => reverse(fixedCode(symbol), bits));
const DISTANCE_CODE = Uint8Array.from({ length: 30 }, (_, symbol) => reverse(symbol, 5));
const LENGTH_BITS = new Uint8Array(MAX_MATCH + 1);
const LENGTH_CODE = new Uint16Array(MAX_MATCH + 1);
for (let i = 0; i < LENGTH_BASE.length; i++) {
  for (let extra = 0; extra < 1 << LENGTH_EXTRA[i] && LENGTH_BASE[i] + extra <= MAX_MATCH; extra++) {
    const symbol = 257 + i;
    LENGTH_BITS[LENGTH_BASE[i] + extra] = LITERAL_BITS[symbol] + LENGTH_EXTRA[i];
    LENGTH_CODE[LENGTH_BASE[i] + extra] = LITERAL_CODE[symbol] | extra << LITERAL_BITS[symbol];
  }
}

function fixedCode(symbol: number): number {
  if (symbol < 144) return 0x30 + symbol;
  if (symbol < 256) return 0x190 + symbol - 144;
  if (symbol < 280) return symbol - 256;
  return 0xc0 + symbol - 280;
}
