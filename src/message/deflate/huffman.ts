/** Decodes the Huffman codes of DEFLATE's blocks with tables (RFC 1951 sections 3.2.2 and 3.2.7). */

import { reverse } from "./codes.ts";
import { fault } from "./fault.ts";

/** The longest code, in bits. */
export const MAX_CODE_BITS = 15;

/** The longest code that one table lookup finds, in bits. */
const FAST_BITS = 9;

/** The mask of the bits that index the table. */
export const FAST_MASK: number = (1 << FAST_BITS) - 1;

/**
 * A canonical Huffman code (RFC 1951 section 3.2.2). A lookup returns the entry `symbol << 4 | length of its code`. The code
 * is rebuilt in the same memory for each block, because a peer can send very many very small blocks.
 */
export class Code {
  /**
   * The entry of the code with which the next {@link FAST_BITS} bits begin, indexed by these bits; 0 if the code is longer
   * or invalid.
   */
  readonly fast: Uint16Array = new Uint16Array(1 << FAST_BITS);
  readonly #counts = new Uint16Array(MAX_CODE_BITS + 1);
  readonly #symbols: Uint16Array;
  /** For each code length, the index of its first symbol, and its next code. Used only by `build`. */
  readonly #offsets = new Uint16Array(MAX_CODE_BITS + 2);
  readonly #next = new Uint16Array(MAX_CODE_BITS + 2);

  constructor(maxSymbols: number) {
    this.#symbols = new Uint16Array(maxSymbols);
  }

  /** Builds the code from the code length of each symbol, which is 0 for unused symbols. */
  build(lengths: Uint8Array): this {
    const [fast, counts, symbols, offsets, next] = [
      this.fast,
      this.#counts,
      this.#symbols,
      this.#offsets,
      this.#next,
    ];
    counts.fill(0);
    for (let symbol = 0; symbol < lengths.length; symbol++) counts[lengths[symbol]]++;
    counts[0] = offsets[1] = next[1] = 0;
    let left = 1; // unused codes of this length
    for (let bits = 1; bits <= MAX_CODE_BITS; bits++) {
      left = 2 * left - counts[bits];
      if (left < 0) throw fault("has a code with too many symbols");
      offsets[bits + 1] = offsets[bits] + counts[bits];
      next[bits + 1] = (next[bits] + counts[bits]) << 1;
    }
    // RFC 1951 section 3.2.7: a distance code may have no symbol, or a single symbol of one bit.
    const used = offsets[MAX_CODE_BITS + 1];
    if (left > 0 && used > 0 && !(used === 1 && counts[1] === 1)) throw fault("has an incomplete code");
    fast.fill(0);
    for (let symbol = 0; symbol < lengths.length; symbol++) {
      const bits = lengths[symbol];
      if (bits === 0) continue;
      symbols[offsets[bits]++] = symbol;
      const code = next[bits]++;
      if (bits > FAST_BITS) continue;
      for (let i = reverse(code, bits); i < fast.length; i += 1 << bits) fast[i] = symbol << 4 | bits;
    }
    return this;
  }

  /** Returns the entry of the code with which `hold` begins. `hold` must have at least 15 bits. */
  find(hold: number): number {
    const entry = this.fast[hold & FAST_MASK];
    if (entry !== 0) return entry;
    let [code, first, index] = [0, 0, 0];
    for (let bits = 1; bits <= MAX_CODE_BITS; bits++) {
      code |= hold >> (bits - 1) & 1;
      const count = this.#counts[bits];
      if (code - first < count) return this.#symbols[index + code - first] << 4 | bits;
      index += count;
      first = (first + count) << 1;
      code <<= 1;
    }
    throw fault("has a code that is not assigned");
  }
}
