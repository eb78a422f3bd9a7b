/**
 * Integers modulo q (FIPS 203 section 2.3). No branch, no index and no division depends on a value, and every intermediate
 * result is an integer of 32 bits.
 */

/** The modulus q. */
export const Q = 3329;

/**
 * Reduces x, which may be at most 80,000,000 in absolute value (Barrett reduction). The result is at most 3,218 in absolute
 * value, and at most 2,689 if |x| is at most 1,000,000.
 */
export function reduce(x: number): number {
  // 20159 / 2^26 approximates 1 / q. Dropping ten bits of x first keeps the product within 32 bits.
  const quotient = Math.imul(x >> 10, 20159) + 0x8000 >> 16;
  return x - Math.imul(quotient, Q);
}

/** Reduces x to the range from 0 to q - 1. */
export function canonical(x: number): number {
  const reduced = reduce(x);
  return reduced + (reduced >> 31 & Q);
}
