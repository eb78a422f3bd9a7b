/** Decoding the Huffman codes of DEFLATE's blocks by table (RFC 1951 sections 3.2.2 and 3.2.7). */

import { reverse } from "./codes.ts";
import { fault } from "./fault.ts";

/** The longest code. */
export const MAX_CODE_BITS = 15;

/** Codes up to this many bits are found by one table lookup. */
const FAST_BITS = 9;

/** The mask of the bits that index the table. */
export const FAST_MASK: number = (1 << FAST_BITS) - 1;

/**
 * A canonical Huffman code (RFC 1951 section 3.2.2). A lookup gives `symbol << 4 | bits of its code`. It is rebuilt for each
 * block in the same memory: a peer can send very many very small blocks.
 */
export class Code {
  /** By the next {@link FAST_BITS} bits: the entry of the code they begin with; 0 if that code is longer, or invalid. */
  readonly fast: Uint16Array = new Uint16Array(1 << FAST_BITS);
  readonly #counts = new Uint16Array(MAX_CODE_BITS + 1);
  readonly #symbols: Uint16Array;
  /** By length: where its symbols begin, and its next code. Only for building. */
  readonly #offsets = new Uint16Array(MAX_CODE_BITS + 2);
  readonly #next = new Uint16Array(MAX_CODE_BITS + 2);

  constructor(maxSymbols: number) {
    this.#symbols = new Uint16Array(maxSymbols);
  }

  /** Takes the code length of each symbol, 0 for those that are not used. */
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
    // RFC 1951 section 3.2.7: a distance code may have no symbol at all, or one, of one bit.
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

  /** Returns the entry of the code that `hold`, which has at least 15 bits, begins with. */
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
