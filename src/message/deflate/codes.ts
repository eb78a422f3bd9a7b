/** The fixed tables of DEFLATE (RFC 1951 section 3.2.5). */

/** The longest distance of a match (RFC 1951 section 2), and therefore the largest size of a dictionary, in bytes. */
export const WINDOW_SIZE = 32_768;

/** The longest match, in bytes. */
export const MAX_MATCH = 258;

/** The symbol for the end of a block. */
export const END_OF_BLOCK = 256;

/** The number of extra bits after length symbols 257 to 285. */
// deno-fmt-ignore
export const LENGTH_EXTRA: Uint8Array = Uint8Array.of(
  0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
);

/** The smallest length of length symbols 257 to 285. The length 258 has its own symbol. */
export const LENGTH_BASE: Uint16Array = firsts(LENGTH_EXTRA, 3);
LENGTH_BASE[28] = MAX_MATCH;

/** The number of extra bits after distance symbols 0 to 29. */
export const DISTANCE_EXTRA: Uint8Array = Uint8Array.from(
  { length: 30 },
  (_, i) => Math.max(0, (i >> 1) - 1),
);

/** The smallest distance of distance symbols 0 to 29. */
export const DISTANCE_BASE: Uint16Array = firsts(DISTANCE_EXTRA, 1);

/** The code lengths of the fixed literal/length code (RFC 1951 section 3.2.6). */
export const FIXED_LITERAL_LENGTHS: Uint8Array = new Uint8Array(288).fill(8, 0, 144).fill(9, 144, 256)
  .fill(7, 256, 280).fill(8, 280);

/** The code lengths of the fixed distance code. Symbols 30 and 31 complete the code, but never occur. */
export const FIXED_DISTANCE_LENGTHS: Uint8Array = new Uint8Array(32).fill(5);

function firsts(extra: Uint8Array, start: number): Uint16Array {
  let next = start;
  return Uint16Array.from(extra, (bits) => {
    const first = next;
    next += 1 << bits;
    return first;
  });
}

/**
 * Reverses the lowest `bits` bits of a code, because codes are sent with the highest bit first and all other values with the
 * lowest bit first.
 */
export function reverse(code: number, bits: number): number {
  let reversed = 0;
  for (let i = 0; i < bits; i++) reversed |= (code >> i & 1) << (bits - 1 - i);
  return reversed;
}
