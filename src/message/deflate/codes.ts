/** The fixed tables of DEFLATE (RFC 1951 section 3.2.5). */

/** How far back a match may reach (RFC 1951 section 2), and so the most that a dictionary may hold. */
export const WINDOW_SIZE = 32_768;

/** The longest match. */
export const MAX_MATCH = 258;

/** The symbol that ends a block. */
export const END_OF_BLOCK = 256;

/** Extra bits after length symbols 257 to 285. */
// deno-fmt-ignore
export const LENGTH_EXTRA: Uint8Array = Uint8Array.of(
  0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
);

/** The first length of length symbols 257 to 285; 258 has a symbol of its own. */
export const LENGTH_BASE: Uint16Array = firsts(LENGTH_EXTRA, 3);
LENGTH_BASE[28] = MAX_MATCH;

/** Extra bits after distance symbols 0 to 29. */
export const DISTANCE_EXTRA: Uint8Array = Uint8Array.from(
  { length: 30 },
  (_, i) => Math.max(0, (i >> 1) - 1),
);

/** The first distance of distance symbols 0 to 29. */
export const DISTANCE_BASE: Uint16Array = firsts(DISTANCE_EXTRA, 1);

/** Code lengths of the fixed literal/length code (RFC 1951 section 3.2.6). */
export const FIXED_LITERAL_LENGTHS: Uint8Array = new Uint8Array(288).fill(8, 0, 144).fill(9, 144, 256)
  .fill(7, 256, 280).fill(8, 280);

/** Code lengths of the fixed distance code; symbols 30 and 31 complete it and never occur. */
export const FIXED_DISTANCE_LENGTHS: Uint8Array = new Uint8Array(32).fill(5);

function firsts(extra: Uint8Array, start: number): Uint16Array {
  let next = start;
  return Uint16Array.from(extra, (bits) => {
    const first = next;
    next += 1 << bits;
    return first;
  });
}

/** Reverses the lowest `bits` bits of a code: codes are sent highest bit first, everything else lowest bit first. */
export function reverse(code: number, bits: number): number {
  let reversed = 0;
  for (let i = 0; i < bits; i++) reversed |= (code >> i & 1) << (bits - 1 - i);
  return reversed;
}
