/**
 * Polynomials modulo q and X^256 + 1, and their number-theoretic transform (FIPS 203 section 4.3), which makes
 * multiplication fast.
 */

import { canonical, Q, reduce } from "./field.ts";

/** The number of coefficients. */
export const N = 256;

/** The coefficients of a polynomial or of its transform. They need not be reduced modulo q. */
export type Polynomial = Int32Array;

/** A vector of k polynomials. */
export type Vector = readonly Polynomial[];

/** Returns the zero polynomial. */
export function zero(): Polynomial {
  return new Int32Array(N);
}

/** The powers 17^BitRev7(i) modulo q for i below 128, reduced to the value nearest to zero (appendix A). */
const ZETAS: Int32Array = /* @__PURE__ */ powersOfZeta();

function powersOfZeta(): Int32Array {
  const powers = [1];
  while (powers.length < 128) powers.push(powers.at(-1)! * 17 % Q);
  return Int32Array.from(powers, (_, i) => {
    let reversed = 0;
    for (let bit = 0; bit < 7; bit++) reversed |= (i >> bit & 1) << 6 - bit;
    const power = powers[reversed];
    return power > Q / 2 ? power - Q : power;
  });
}

/** Transforms in place: NTT (algorithm 9). Coefficients may be at most q in absolute value; results are at most 2,689. */
export function ntt(f: Polynomial): Polynomial {
  let i = 1;
  for (let length = 128; length >= 2; length >>= 1) {
    for (let start = 0; start < N; start += 2 * length) {
      const zeta = ZETAS[i++];
      for (let j = start; j < start + length; j++) {
        // Each of seven layers adds at most 3,218, so the product stays below 43,000,000.
        const t = reduce(Math.imul(zeta, f[j + length]));
        f[j + length] = f[j] - t;
        f[j] += t;
      }
    }
  }
  for (let j = 0; j < N; j++) f[j] = reduce(f[j]);
  return f;
}

/** Inverts NTT (algorithm 10), in place, for a sum of up to three products by {@link addProduct}. */
export function inverseNtt(f: Polynomial): Polynomial {
  for (let j = 0; j < N; j++) f[j] = reduce(f[j]);
  let i = 127;
  for (let length = 2; length <= 128; length <<= 1) {
    for (let start = 0; start < N; start += 2 * length) {
      const zeta = ZETAS[i--];
      for (let j = start; j < start + length; j++) {
        const t = f[j];
        f[j] = reduce(t + f[j + length]);
        f[j + length] = reduce(Math.imul(zeta, f[j + length] - t));
      }
    }
  }
  for (let j = 0; j < N; j++) f[j] = reduce(-26 * f[j]); // -26 is 3303, the inverse of 128
  return f;
}

/**
 * Adds the product of two transforms to a sum (algorithms 11 and 12), without reducing it. The sum has room for three products
 * if the coefficients of `f` are at most 4,095 and those of `g` come from {@link ntt}.
 */
export function addProduct(sum: Polynomial, f: Polynomial, g: Polynomial): void {
  for (let i = 0; i < N / 4; i++) {
    const zeta = ZETAS[64 + i]; // 17^(2 BitRev7(2i) + 1); the power for 2i + 1 is its negative
    for (let pair = 0, gamma = zeta; pair < 2; pair++, gamma = -zeta) {
      const [even, odd] = [4 * i + 2 * pair, 4 * i + 2 * pair + 1];
      sum[even] += Math.imul(f[even], g[even]) + Math.imul(reduce(Math.imul(f[odd], g[odd])), gamma);
      sum[odd] += Math.imul(f[even], g[odd]) + Math.imul(f[odd], g[even]);
    }
  }
}

/** Returns the sum of two polynomials, with canonical coefficients. */
export function add(f: Polynomial, g: Polynomial): Polynomial {
  return f.map((coefficient, i) => canonical(coefficient + g[i]));
}
