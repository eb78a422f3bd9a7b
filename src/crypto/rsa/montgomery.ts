/**
 * Powers modulo an odd number by Montgomery's method (Handbook of Applied Cryptography, section 14.3.2), over numbers held in
 * doubles. The operations of a multiplication, and their order, are the same for all values.
 *
 * A number of `length` digits is the sum of `digit[i] * 2 ** (24 * i)`; digits are positive or negative. With `R` for
 * `2 ** (24 * length)`, at least four times the modulus, a product is `t = a b`, then `q = -t / n` modulo `R`, then `(t + q n) / R`:
 * three products of digits by columns, where no digit waits for another.
 *
 * Why this is exact:
 * - A digit is at most 2^23 + 33. A column has at most `MAX_LENGTH` products and one digit: less than 2^53.
 * - Carries go up twice. What the first round leaves is at most 2^23, and what it carries at most 2^29; so what the second round
 *   carries is at most 33, and that may stay.
 * - Nothing is carried beyond the top: with `n <= R / 4` and `|q| < 0.51 R`, what comes out is at most 0.76 n, less than 0.2 R, and `t`
 *   is at most n^2, less than 0.07 R^2, so that their highest digits are small.
 * - The low half of `t + q n` is a multiple of `R`. Its four highest columns alone give it: what the columns below them add is less
 *   than 2^-66 R, and carrying rounds.
 */

import { bitLength } from "../../bigint.ts";
import { ODD_POWERS, windowsOf } from "./windows.ts";

const DIGIT_BITS = 24;
const DIGIT = 2 ** DIGIT_BITS;
const HALF_DIGIT = DIGIT / 2;

/** The most digits of a number: of one more than these, a column could be inexact. */
const MAX_LENGTH = 124;

/** The longest modulus, in bits. */
export const MAX_BITS: number = MAX_LENGTH * DIGIT_BITS - 2;

/**
 * All numbers lie in one memory, and are named by their places. V8 is fast where arrays are constants, and of a function, since
 * bundlers make variables of a module's constants; where a mask shows that an index is within; and where four neighbours are read at
 * one index, by views that begin one place later each.
 */
const { memory, multiply } = (() => {
  const MASK = 8191;
  const buffer = new ArrayBuffer(8 * (MASK + 4));
  const memory = new Float64Array(buffer, 0, MASK + 1);
  const memory1 = new Float64Array(buffer, 8, MASK + 1);
  const memory2 = new Float64Array(buffer, 16, MASK + 1);
  const memory3 = new Float64Array(buffer, 24, MASK + 1);

  /** Adding and subtracting this rounds to multiples of a digit's unit: the part to be carried. */
  const ROUND = 1.5 * 2 ** (52 + DIGIT_BITS);
  const DOWN = 1 / DIGIT;

  /**
   * The columns `from` to `to`, multiples of four, of `addend + a b`: digits, and from `loose` on sums that nothing was carried
   * out of. Four zeros have to stand before and behind `b`; the addend of a square, and of loose columns, has to be zero.
   */
  function multiply(
    out: number,
    addend: number,
    a: number,
    b: number,
    from: number,
    to: number,
    loose: number,
    length: number,
  ): void {
    const m = memory;
    const m1 = memory1;
    const m2 = memory2;
    const m3 = memory3;
    const squares = a === b; // each pair is taken once, then doubled
    let o = out & MASK;
    let s = addend & MASK;
    const zero = m[0]; // to V8 a double from the beginning, where a literal is an integer
    let g = zero;
    let f = zero;
    for (let column = from; column < to; column = column + 4 & MASK) {
      const first = column > length ? column - length : 0;
      const end = a + (squares ? column >> 1 : column < length ? column + 4 : length) & MASK;
      let i = a + first & MASK;
      let j = b + column - first & MASK;
      let x0 = m[s];
      let x1 = m1[s];
      let x2 = m2[s];
      let x3 = m3[s];
      let b0 = m[j];
      let b1 = m1[j];
      let b2 = m2[j];
      let b3 = m3[j];
      while (i < end) {
        j = j - 2 & MASK;
        const a0 = m[i];
        const a1 = m1[i];
        const c0 = m[j];
        const c1 = m1[j];
        x0 = x0 + a0 * b0 + a1 * c1;
        x1 = x1 + a0 * b1 + a1 * b0;
        x2 = x2 + a0 * b2 + a1 * b1;
        x3 = x3 + a0 * b3 + a1 * b2;
        b3 = b1;
        b2 = b0;
        b1 = c1;
        b0 = c0;
        i = i + 2 & MASK;
      }
      if (squares) {
        x0 = 2 * x0 + b0 * b0;
        x1 = 2 * (x1 + b0 * b1);
        x2 = 2 * (x2 + b0 * b2) + b1 * b1;
        x3 = 2 * (x3 + b0 * b3 + b1 * b2);
      }
      if (column >= loose) {
        m[o] = x0 + g + f;
        m1[o] = x1;
        m2[o] = x2;
        m3[o] = x3;
        g = zero;
        f = zero;
        o = o + 4 & MASK;
        continue;
      }
      const h0 = x0 + ROUND - ROUND;
      const h1 = x1 + ROUND - ROUND;
      const h2 = x2 + ROUND - ROUND;
      const h3 = x3 + ROUND - ROUND;
      x0 = x0 - h0 + g;
      x1 = x1 - h1 + h0 * DOWN;
      x2 = x2 - h2 + h1 * DOWN;
      x3 = x3 - h3 + h2 * DOWN;
      g = h3 * DOWN;
      const k0 = x0 + ROUND - ROUND;
      const k1 = x1 + ROUND - ROUND;
      const k2 = x2 + ROUND - ROUND;
      const k3 = x3 + ROUND - ROUND;
      m[o] = x0 - k0 + f;
      m1[o] = x1 - k1 + k0 * DOWN;
      m2[o] = x2 - k2 + k1 * DOWN;
      m3[o] = x3 - k3 + k2 * DOWN;
      f = k3 * DOWN;
      o = o + 4 & MASK;
      s = s + 4 & MASK;
    }
  }

  return { memory, multiply };
})();

/** `base` to the `exponent` modulo an odd number of at most {@link MAX_BITS} bits; none of them is negative. */
export function montgomeryPower(base: bigint, exponent: bigint, modulus: bigint): bigint {
  // Whatever is wrong with a number shows before the memory is used.
  const windows = windowsOf(exponent);
  const length = 4 * Math.ceil((bitLength(modulus) + 2) / (4 * DIGIT_BITS));
  const bits = BigInt(length * DIGIT_BITS);
  const form = (base << bits) % modulus;
  const stride = length + 4;
  const zeros = 0; // as many as a product has digits
  const t = 2 * MAX_LENGTH;
  const q = t + 2 * length;
  const n = q + stride;
  const inverse = n + stride;
  const result = inverse + stride;
  const oddPowers = result + stride;
  const end = oddPowers + ODD_POWERS * stride;
  const loose = 2 * length <= MAX_LENGTH ? length : 2 * length; // two columns, one on the other, are exact
  const times = (out: number, a: number, b: number): void => {
    multiply(t, zeros, a, b, 0, 2 * length, loose, length);
    multiply(q, zeros, t, inverse, 0, length, length, length);
    multiply(out - 4, t + length - 4, q, n, length - 4, 2 * length, 2 * length, length);
    memory.fill(0, out - 4, out); // the rest of the low half, in the gap
  };

  store(n, length, modulus);
  store(inverse, length, -inverseOf(modulus, length * DIGIT_BITS));
  store(result, length, form);
  store(oddPowers, length, form);
  times(result, result, result);
  for (let i = 1; i < ODD_POWERS; i++) times(oddPowers + i * stride, oddPowers + (i - 1) * stride, result);
  store(result, length, (1n << bits) % modulus);
  for (const { squarings, odd } of windows) {
    for (let i = 0; i < squarings; i++) times(result, result, result);
    if (odd !== undefined) times(result, result, oddPowers + odd * stride);
  }
  store(oddPowers, length, 1n);
  times(result, result, oddPowers);
  const power = read(result, length) % modulus;
  memory.fill(0, t, end); // nothing secret stays, and the gaps are zeros again for the next
  return power < 0n ? power + modulus : power;
}

/** The inverse of an odd number modulo 2^bits, by Newton's method: each step doubles how many bits are right. */
function inverseOf(odd: bigint, bits: number): bigint {
  let inverse = 1n;
  for (let right = 1; right < bits; right *= 2) {
    inverse = BigInt.asUintN(Math.min(2 * right, bits), inverse * (2n - odd * inverse));
  }
  return inverse;
}

/** Writes a number, modulo `R`, as digits from -2^23 to 2^23 - 1. */
function store(place: number, length: number, value: bigint): void {
  const offset = BigInt("0x" + HALF_DIGIT.toString(16).repeat(length));
  let rest = BigInt.asUintN(length * DIGIT_BITS, value + offset);
  for (let i = 0; i < length; i += 2) {
    const pair = Number(BigInt.asUintN(2 * DIGIT_BITS, rest));
    memory[place + i] = pair % DIGIT - HALF_DIGIT;
    memory[place + i + 1] = Math.floor(pair / DIGIT) - HALF_DIGIT;
    rest >>= BigInt(2 * DIGIT_BITS);
  }
}

function read(place: number, length: number): bigint {
  let value = 0n;
  for (let i = length - 2; i >= 0; i -= 2) {
    value = (value << BigInt(2 * DIGIT_BITS)) + BigInt(memory[place + i + 1] * DIGIT + memory[place + i]);
  }
  return value;
}
