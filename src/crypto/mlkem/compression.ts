/** Encoding polynomials as bytes, and their lossy compression (FIPS 203 section 4.2.1). */

import { canonical, Q } from "./field.ts";
import { N, type Polynomial, zero } from "./ntt.ts";

/** Encodes coefficients below 2^bits, or below q for 12 bits, in 32 * `bits` bytes: ByteEncode (algorithm 5). */
export function byteEncode(bits: number, f: Polynomial): Uint8Array {
  const bytes = new Uint8Array(N / 8 * bits);
  for (let i = 0, at = 0, pending = 0, count = 0; i < N; i++) {
    pending |= f[i] << count;
    for (count += bits; count >= 8; count -= 8, pending >>= 8) bytes[at++] = pending;
  }
  return bytes;
}

/** Decodes coefficients: ByteDecode (algorithm 6). The caller must refuse 12-bit coefficients that are not below q. */
export function byteDecode(bits: number, bytes: Uint8Array): Polynomial {
  const f = zero();
  const mask = (1 << bits) - 1;
  for (let i = 0, at = 0, pending = 0, count = 0; i < N; i++) {
    for (; count < bits; count += 8) pending |= bytes[at++] << count;
    f[i] = pending & mask;
    pending >>= bits;
    count -= bits;
  }
  return f;
}

/** Returns whether every coefficient is below q, as section 7.2 demands of a public key. */
export function isReduced(f: Polynomial): boolean {
  return f.every((coefficient) => coefficient < Q);
}

/** Compresses (equation 4.7): returns 2^bits / q times each coefficient, rounded, modulo 2^bits. */
export function compress(bits: number, f: Polynomial): Polynomial {
  // 1290167 is 2^32 / q rounded down, so the top bits of a 32-bit product are the quotient, and the overflow is a multiple
  // of 2^bits. Adding 545 compensates for that rounding: the result is exact for every coefficient and up to ten bits. There
  // is no division, because its time would depend on the operands.
  const half = (1 << 31 - bits) + 545;
  return f.map((coefficient) => Math.imul(canonical(coefficient), 1290167) + half >>> 32 - bits);
}

/** Decompresses (equation 4.8): returns q / 2^bits times each coefficient, rounded. */
export function decompress(bits: number, f: Polynomial): Polynomial {
  return f.map((coefficient) => Math.imul(coefficient, Q) + (1 << bits - 1) >> bits);
}
