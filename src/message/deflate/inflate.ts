/**
 * A bounded, strict DEFLATE decoder (RFC 1951), with earlier bytes as its window.
 *
 * fflate compresses, but does not decompress here, because its inflater trusts its input: it does not limit the output,
 * accepts invalid codes, and does not report where the stream ended. A peer's bytes need all three checks.
 */

import { EMPTY } from "../../bytes.ts";
import { ChannelError } from "../../errors.ts";
import { nextTurn, turnIsSpent } from "../../turns.ts";
import type { Decompressor } from "../codec.ts";
import {
  DISTANCE_BASE,
  DISTANCE_EXTRA,
  END_OF_BLOCK,
  FIXED_DISTANCE_LENGTHS,
  FIXED_LITERAL_LENGTHS,
  LENGTH_BASE,
  LENGTH_EXTRA,
  WINDOW_SIZE,
} from "./codes.ts";
import { fault } from "./fault.ts";
import { Code, FAST_MASK, MAX_CODE_BITS } from "./huffman.ts";

/** The most symbols in the codes of a dynamic block (RFC 1951 sections 3.2.5 and 3.2.7). */
const MAX_LITERALS = 286;
const MAX_DISTANCES = 30;

/** The bytes that are inflated in one step, which takes about a millisecond. */
const STEP = 65_536;

/** The memory for the first message, in bytes. */
const MIN_ROOM = 1024;

/** The largest buffer, in bytes, that is kept after a message. A larger one is released. */
const KEPT_SIZE = 4 * WINDOW_SIZE;

/**
 * The limit on dynamic blocks: a fixed number, plus one for every `BYTES_PER_DYNAMIC_BLOCK` bytes of input. Building the
 * codes of a dynamic block takes as long as inflating a kilobyte. Compressors make far fewer blocks.
 */
const SPARE_DYNAMIC_BLOCKS = 16;
const BYTES_PER_DYNAMIC_BLOCK = 64;

/** The order of the code length code's lengths (RFC 1951 section 3.2.7). */
const CODE_LENGTH_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/** Inflates messages, each of which is a complete stream. The window may contain earlier bytes. */
export class Inflater implements Decompressor {
  readonly #limit: number;
  /** The window, followed by the message being inflated. */
  #output: Uint8Array;
  #windowEnd = 0;
  #at = 0;
  #input: Uint8Array = EMPTY;
  #position = 0;
  #dynamicBlocks = 0;
  #hold = 0;
  #held = 0;
  #tables: Tables | undefined;

  /** Makes an inflater for messages of at most `limit` bytes. */
  constructor(limit: number, window: Uint8Array = EMPTY) {
    this.#limit = limit;
    this.#output = EMPTY;
    this.remember(window);
  }

  /**
   * Inflates one complete stream.
   *
   * @throws {ChannelError} `limit` if the message exceeds the limit; `protocol` if the input is not exactly one stream.
   */
  async inflate(input: Uint8Array): Promise<Uint8Array> {
    this.#input = input;
    this.#position =
      this.#hold =
      this.#held =
      this.#dynamicBlocks =
        0;
    this.#at = this.#windowEnd;
    for (let final = 0; final === 0;) {
      final = this.#bits(1);
      const codes = this.#beginBlock(this.#bits(2));
      while (codes !== null && !this.#inflateStep(codes)) {
        if (turnIsSpent()) await nextTurn();
      }
      if (turnIsSpent()) await nextTurn();
    }
    const used = this.#position - (this.#held >> 3);
    if (used !== input.length) throw fault(used < input.length ? "has bytes left over" : "ends too early");
    const message = this.#output.slice(this.#windowEnd, this.#at);
    this.#input = EMPTY;
    if (this.#tables) spareTables.push(this.#tables);
    this.#tables = undefined;
    this.#trim();
    return message;
  }

  /** Lets later messages refer to these bytes. */
  remember(bytes: Uint8Array): void {
    const kept = bytes.subarray(-WINDOW_SIZE);
    if (this.#windowEnd + kept.length > this.#output.length) {
      const before = this.#output.subarray(Math.max(0, this.#windowEnd - WINDOW_SIZE), this.#windowEnd);
      if (this.#output.length < 2 * WINDOW_SIZE) {
        const larger = new Uint8Array(2 * WINDOW_SIZE);
        larger.set(before);
        this.#output = larger;
      } else this.#output.set(before);
      this.#windowEnd = before.length;
    }
    this.#output.set(kept, this.#windowEnd);
    this.#windowEnd += kept.length;
  }

  #trim(): void {
    if (this.#output.length > KEPT_SIZE) this.#output = this.#output.slice(0, this.#windowEnd);
  }

  /** Reads a block's header. Returns the codes of the block, or null for a stored block, which has been copied. */
  #beginBlock(type: number): BlockCodes | null {
    if (type === 0) return this.#stored();
    if (type === 1) return FIXED_CODES;
    if (type === 2) return this.#dynamicCodes();
    throw fault("has a block of an unknown type");
  }

  /** Copies a stored block (RFC 1951 section 3.2.4). */
  #stored(): null {
    this.#bits(this.#held & 7); // to the next byte
    const length = this.#bits(16);
    if ((length ^ this.#bits(16)) !== 0xffff) throw fault("has a stored block whose lengths disagree");
    const start = this.#position - (this.#held >> 3);
    if (start + length > this.#input.length) throw fault("ends too early");
    this.#reserve(this.#at, length).set(this.#input.subarray(start, start + length), this.#at);
    this.#at += length;
    this.#position = start + length;
    this.#hold = this.#held = 0;
    return null;
  }

  /** Reads the codes of a dynamic block (RFC 1951 section 3.2.7). */
  #dynamicCodes(): BlockCodes {
    if (++this.#dynamicBlocks > SPARE_DYNAMIC_BLOCKS + this.#input.length / BYTES_PER_DYNAMIC_BLOCK) {
      throw fault("has too many blocks");
    }
    const literals = this.#bits(5) + 257;
    const distances = this.#bits(5) + 1;
    const count = this.#bits(4) + 4;
    if (literals > MAX_LITERALS || distances > MAX_DISTANCES) throw fault("has too many symbols");
    const tables = this.#tables ??= spareTables.pop() ?? new Tables();
    const codeLengths = tables.codeLengths.fill(0);
    for (let i = 0; i < count; i++) codeLengths[CODE_LENGTH_ORDER[i]] = this.#bits(3);
    const code = tables.lengthCode.build(codeLengths);
    const lengths = tables.lengths.subarray(0, literals + distances);
    for (let i = 0; i < lengths.length;) {
      const symbol = this.#symbol(code);
      if (symbol < 16) {
        lengths[i++] = symbol;
        continue;
      }
      if (symbol === 16 && i === 0) throw fault("repeats a code length before the first one");
      const value = symbol === 16 ? lengths[i - 1] : 0;
      const repeat = symbol === 16
        ? 3 + this.#bits(2)
        : symbol === 17
        ? 3 + this.#bits(3)
        : 11 + this.#bits(7);
      if (i + repeat > lengths.length) throw fault("has too many code lengths");
      lengths.fill(value, i, i += repeat);
    }
    if (lengths[END_OF_BLOCK] === 0) throw fault("has no end of block");
    return {
      literals: tables.literals.build(lengths.subarray(0, literals)),
      distances: tables.distances.build(lengths.subarray(literals)),
    };
  }

  /**
   * Decodes literals and matches for one step (RFC 1951 section 3.2.3). Returns true at the end of the block. The bits are
   * in local variables, for speed.
   */
  #inflateStep({ literals, distances }: BlockCodes): boolean {
    const input = this.#input;
    let output = this.#room;
    let [at, position, hold, held] = [this.#at, this.#position, this.#hold, this.#held];
    let ended = false;
    for (const stop = at + STEP; at < stop;) {
      for (; held < MAX_CODE_BITS; held += 8) hold |= byteAt(input, position++) << held;
      let entry = literals.fast[hold & FAST_MASK] || literals.find(hold);
      hold >>>= entry & 15;
      held -= entry & 15;
      const symbol = entry >> 4;
      if (symbol < END_OF_BLOCK) {
        if (at === output.length) output = this.#reserve(at, 1);
        output[at++] = symbol;
        continue;
      }
      if (symbol === END_OF_BLOCK) {
        ended = true;
        break;
      }
      if (symbol > 285) throw fault("has a length that is not allowed");

      const lengthExtra = LENGTH_EXTRA[symbol - 257];
      for (; held < lengthExtra; held += 8) hold |= byteAt(input, position++) << held;
      const length = LENGTH_BASE[symbol - 257] + (hold & (1 << lengthExtra) - 1);
      hold >>>= lengthExtra;
      held -= lengthExtra;

      for (; held < MAX_CODE_BITS; held += 8) hold |= byteAt(input, position++) << held;
      entry = distances.fast[hold & FAST_MASK] || distances.find(hold);
      hold >>>= entry & 15;
      held -= entry & 15;
      if (entry >> 4 > 29) throw fault("has a distance that is not allowed");
      const distanceExtra = DISTANCE_EXTRA[entry >> 4];
      for (; held < distanceExtra; held += 8) hold |= byteAt(input, position++) << held;
      const distance = DISTANCE_BASE[entry >> 4] + (hold & (1 << distanceExtra) - 1);
      hold >>>= distanceExtra;
      held -= distanceExtra;

      if (distance > at) throw fault("refers to bytes before its window");
      if (at + length > output.length) output = this.#reserve(at, length);
      for (const end = at + length; at < end; at++) output[at] = output[at - distance];
    }
    this.#at = at;
    this.#position = position;
    this.#hold = hold;
    this.#held = held;
    return ended;
  }

  /** Reads the next symbol of a code. */
  #symbol(code: Code): number {
    for (; this.#held < MAX_CODE_BITS; this.#held += 8) {
      this.#hold |= byteAt(this.#input, this.#position++) << this.#held;
    }
    const entry = code.find(this.#hold);
    this.#hold >>>= entry & 15;
    this.#held -= entry & 15;
    return entry >> 4;
  }

  /** Reads the next `count` bits, at most 16. */
  #bits(count: number): number {
    for (; this.#held < count; this.#held += 8) {
      this.#hold |= byteAt(this.#input, this.#position++) << this.#held;
    }
    const bits = this.#hold & (1 << count) - 1;
    this.#hold >>>= count;
    this.#held -= count;
    return bits;
  }

  /** Makes room for `count` more bytes at `at`. Doubles the buffer, but never beyond the limit. */
  #reserve(at: number, count: number): Uint8Array {
    const length = at + count - this.#windowEnd;
    if (length > this.#limit) {
      throw new ChannelError("limit", `a message inflates to more than the limit of ${this.#limit} bytes`);
    }
    if (at + count > this.#output.length) {
      const size = Math.min(this.#limit, Math.max(2 * length, 4 * this.#input.length, MIN_ROOM));
      const larger = new Uint8Array(this.#windowEnd + size);
      larger.set(this.#output.subarray(0, at));
      this.#output = larger;
    }
    return this.#room;
  }

  /** The part of the buffer that a message may fill. The buffer itself may be longer. */
  get #room(): Uint8Array {
    return this.#output.subarray(0, this.#windowEnd + this.#limit);
  }
}

/** The codes of a dynamic block and their code lengths. They take 8 KiB. */
class Tables {
  readonly codeLengths = new Uint8Array(CODE_LENGTH_ORDER.length);
  readonly lengths = new Uint8Array(MAX_LITERALS + MAX_DISTANCES);
  readonly lengthCode = new Code(CODE_LENGTH_ORDER.length);
  readonly literals = new Code(MAX_LITERALS);
  readonly distances = new Code(MAX_DISTANCES);
}

/** Unused tables. They are shared, so that idle channels hold none. */
const spareTables: Tables[] = [];

/** The two codes of a block. */
interface BlockCodes {
  readonly literals: Code;
  readonly distances: Code;
}

/** The fixed codes (RFC 1951 section 3.2.6). */
const FIXED_CODES: BlockCodes = {
  literals: new Code(FIXED_LITERAL_LENGTHS.length).build(FIXED_LITERAL_LENGTHS),
  distances: new Code(FIXED_DISTANCE_LENGTHS.length).build(FIXED_DISTANCE_LENGTHS),
};

/**
 * Returns the byte at `position`. A lookup reads more bits than the code may have, so a few zeros follow the end of the
 * input.
 */
function byteAt(input: Uint8Array, position: number): number {
  if (position < input.length) return input[position];
  if (position > input.length + 3) throw fault("ends too early");
  return 0;
}
