/**
 * Arithmetic modulo p = 2^255 - 19 in doubles, for X25519. An element is the sum of twelve numbers. Number k is a multiple
 * of its unit 2^ceil(21.25 k), and may be negative. This is the representation of Bernstein's "Curve25519: new
 * Diffie-Hellman speed records" (2006), section 4, with numbers small enough for 53 bits: every sum of products below is
 * less than 2^53 times its unit, hence exact. The operations, and their order, are the same for all values.
 */

/**
 * An element. After {@link mul}, {@link square} and {@link addScaled}, number k is at most about half a unit of number k + 1.
 */
export type Element = Float64Array;

const LIMBS = 12;

/** The exponents of the units: number k of an element is a multiple of 2^POSITION[k]. */
const POSITION: readonly number[] = [0, 22, 43, 64, 85, 107, 128, 149, 170, 192, 213, 234, 255];

/** 2^255 is 19 modulo p. */
const WRAP: number = 19 * 2 ** -255;

// Adding 1.5 * 2^52 units of number k + 1 and subtracting them again rounds to a multiple of that unit. The result is the
// carry.
const ROUND0: number = 1.5 * 2 ** 74;
const ROUND1: number = 1.5 * 2 ** 95;
const ROUND2: number = 1.5 * 2 ** 116;
const ROUND3: number = 1.5 * 2 ** 137;
const ROUND4: number = 1.5 * 2 ** 159;
const ROUND5: number = 1.5 * 2 ** 180;
const ROUND6: number = 1.5 * 2 ** 201;
const ROUND7: number = 1.5 * 2 ** 222;
const ROUND8: number = 1.5 * 2 ** 244;
const ROUND9: number = 1.5 * 2 ** 265;
const ROUND10: number = 1.5 * 2 ** 286;
const ROUND11: number = 1.5 * 2 ** 307;

/** out = f g */
export function mul(out: Element, f: Element, g: Element): void {
  const f0 = f[0];
  const f1 = f[1];
  const f2 = f[2];
  const f3 = f[3];
  const f4 = f[4];
  const f5 = f[5];
  const f6 = f[6];
  const f7 = f[7];
  const f8 = f[8];
  const f9 = f[9];
  const f10 = f[10];
  const f11 = f[11];
  const g0 = g[0];
  const g1 = g[1];
  const g2 = g[2];
  const g3 = g[3];
  const g4 = g[4];
  const g5 = g[5];
  const g6 = g[6];
  const g7 = g[7];
  const g8 = g[8];
  const g9 = g[9];
  const g10 = g[10];
  const g11 = g[11];
  const r1 = WRAP * g1;
  const r2 = WRAP * g2;
  const r3 = WRAP * g3;
  const r4 = WRAP * g4;
  const r5 = WRAP * g5;
  const r6 = WRAP * g6;
  const r7 = WRAP * g7;
  const r8 = WRAP * g8;
  const r9 = WRAP * g9;
  const r10 = WRAP * g10;
  const r11 = WRAP * g11;
  out[0] = f0 * g0 + f1 * r11 + f2 * r10 + f3 * r9 + f4 * r8 + f5 * r7 + f6 * r6 + f7 * r5 + f8 * r4 +
    f9 * r3 + f10 * r2 + f11 * r1;
  out[1] = f0 * g1 + f1 * g0 + f2 * r11 + f3 * r10 + f4 * r9 + f5 * r8 + f6 * r7 + f7 * r6 + f8 * r5 +
    f9 * r4 + f10 * r3 + f11 * r2;
  out[2] = f0 * g2 + f1 * g1 + f2 * g0 + f3 * r11 + f4 * r10 + f5 * r9 + f6 * r8 + f7 * r7 + f8 * r6 +
    f9 * r5 + f10 * r4 + f11 * r3;
  out[3] = f0 * g3 + f1 * g2 + f2 * g1 + f3 * g0 + f4 * r11 + f5 * r10 + f6 * r9 + f7 * r8 + f8 * r7 +
    f9 * r6 + f10 * r5 + f11 * r4;
  out[4] = f0 * g4 + f1 * g3 + f2 * g2 + f3 * g1 + f4 * g0 + f5 * r11 + f6 * r10 + f7 * r9 + f8 * r8 +
    f9 * r7 + f10 * r6 + f11 * r5;
  out[5] = f0 * g5 + f1 * g4 + f2 * g3 + f3 * g2 + f4 * g1 + f5 * g0 + f6 * r11 + f7 * r10 + f8 * r9 +
    f9 * r8 + f10 * r7 + f11 * r6;
  out[6] = f0 * g6 + f1 * g5 + f2 * g4 + f3 * g3 + f4 * g2 + f5 * g1 + f6 * g0 + f7 * r11 + f8 * r10 +
    f9 * r9 + f10 * r8 + f11 * r7;
  out[7] = f0 * g7 + f1 * g6 + f2 * g5 + f3 * g4 + f4 * g3 + f5 * g2 + f6 * g1 + f7 * g0 + f8 * r11 +
    f9 * r10 + f10 * r9 + f11 * r8;
  out[8] = f0 * g8 + f1 * g7 + f2 * g6 + f3 * g5 + f4 * g4 + f5 * g3 + f6 * g2 + f7 * g1 + f8 * g0 +
    f9 * r11 + f10 * r10 + f11 * r9;
  out[9] = f0 * g9 + f1 * g8 + f2 * g7 + f3 * g6 + f4 * g5 + f5 * g4 + f6 * g3 + f7 * g2 + f8 * g1 + f9 * g0 +
    f10 * r11 + f11 * r10;
  out[10] = f0 * g10 + f1 * g9 + f2 * g8 + f3 * g7 + f4 * g6 + f5 * g5 + f6 * g4 + f7 * g3 + f8 * g2 +
    f9 * g1 + f10 * g0 + f11 * r11;
  out[11] = f0 * g11 + f1 * g10 + f2 * g9 + f3 * g8 + f4 * g7 + f5 * g6 + f6 * g5 + f7 * g4 + f8 * g3 +
    f9 * g2 + f10 * g1 + f11 * g0;
  reduce(out);
}

/** out = f f */
export function square(out: Element, f: Element): void {
  const f0 = f[0];
  const f1 = f[1];
  const f2 = f[2];
  const f3 = f[3];
  const f4 = f[4];
  const f5 = f[5];
  const f6 = f[6];
  const f7 = f[7];
  const f8 = f[8];
  const f9 = f[9];
  const f10 = f[10];
  const f11 = f[11];
  const d0 = 2 * f0;
  const d1 = 2 * f1;
  const d2 = 2 * f2;
  const d3 = 2 * f3;
  const d4 = 2 * f4;
  const d5 = 2 * f5;
  const d6 = 2 * f6;
  const d7 = 2 * f7;
  const d8 = 2 * f8;
  const d9 = 2 * f9;
  const d10 = 2 * f10;
  const r6 = WRAP * f6;
  const r7 = WRAP * f7;
  const r8 = WRAP * f8;
  const r9 = WRAP * f9;
  const r10 = WRAP * f10;
  const r11 = WRAP * f11;
  out[0] = f0 * f0 + r11 * d1 + r10 * d2 + r9 * d3 + r8 * d4 + r7 * d5 + r6 * f6;
  out[1] = d0 * f1 + r11 * d2 + r10 * d3 + r9 * d4 + r8 * d5 + r7 * d6;
  out[2] = d0 * f2 + f1 * f1 + r11 * d3 + r10 * d4 + r9 * d5 + r8 * d6 + r7 * f7;
  out[3] = d0 * f3 + d1 * f2 + r11 * d4 + r10 * d5 + r9 * d6 + r8 * d7;
  out[4] = d0 * f4 + d1 * f3 + f2 * f2 + r11 * d5 + r10 * d6 + r9 * d7 + r8 * f8;
  out[5] = d0 * f5 + d1 * f4 + d2 * f3 + r11 * d6 + r10 * d7 + r9 * d8;
  out[6] = d0 * f6 + d1 * f5 + d2 * f4 + f3 * f3 + r11 * d7 + r10 * d8 + r9 * f9;
  out[7] = d0 * f7 + d1 * f6 + d2 * f5 + d3 * f4 + r11 * d8 + r10 * d9;
  out[8] = d0 * f8 + d1 * f7 + d2 * f6 + d3 * f5 + f4 * f4 + r11 * d9 + r10 * f10;
  out[9] = d0 * f9 + d1 * f8 + d2 * f7 + d3 * f6 + d4 * f5 + r11 * d10;
  out[10] = d0 * f10 + d1 * f9 + d2 * f8 + d3 * f7 + d4 * f6 + f5 * f5 + r11 * f11;
  out[11] = d0 * f11 + d1 * f10 + d2 * f9 + d3 * f8 + d4 * f7 + d5 * f6;
  reduce(out);
}

/** Carries, in two interleaved chains, until every number is small again. */
function reduce(out: Element): void {
  let h0 = out[0];
  let h1 = out[1];
  let h2 = out[2];
  let h3 = out[3];
  let h4 = out[4];
  let h5 = out[5];
  let h6 = out[6];
  let h7 = out[7];
  let h8 = out[8];
  let h9 = out[9];
  let h10 = out[10];
  let h11 = out[11];
  let carry: number;
  carry = h0 + ROUND0 - ROUND0;
  h0 -= carry;
  h1 += carry;
  carry = h6 + ROUND6 - ROUND6;
  h6 -= carry;
  h7 += carry;
  carry = h1 + ROUND1 - ROUND1;
  h1 -= carry;
  h2 += carry;
  carry = h7 + ROUND7 - ROUND7;
  h7 -= carry;
  h8 += carry;
  carry = h2 + ROUND2 - ROUND2;
  h2 -= carry;
  h3 += carry;
  carry = h8 + ROUND8 - ROUND8;
  h8 -= carry;
  h9 += carry;
  carry = h3 + ROUND3 - ROUND3;
  h3 -= carry;
  h4 += carry;
  carry = h9 + ROUND9 - ROUND9;
  h9 -= carry;
  h10 += carry;
  carry = h4 + ROUND4 - ROUND4;
  h4 -= carry;
  h5 += carry;
  carry = h10 + ROUND10 - ROUND10;
  h10 -= carry;
  h11 += carry;
  carry = h5 + ROUND5 - ROUND5;
  h5 -= carry;
  h6 += carry;
  carry = h11 + ROUND11 - ROUND11;
  h11 -= carry;
  h0 += WRAP * carry;
  carry = h6 + ROUND6 - ROUND6;
  h6 -= carry;
  h7 += carry;
  carry = h0 + ROUND0 - ROUND0;
  h0 -= carry;
  h1 += carry;
  out[0] = h0;
  out[1] = h1;
  out[2] = h2;
  out[3] = h3;
  out[4] = h4;
  out[5] = h5;
  out[6] = h6;
  out[7] = h7;
  out[8] = h8;
  out[9] = h9;
  out[10] = h10;
  out[11] = h11;
}

/** out = f + g, not reduced: it may enter one multiplication. */
export function add(out: Element, f: Element, g: Element): void {
  for (let i = 0; i < LIMBS; i++) out[i] = f[i] + g[i];
}

/** out = f - g, not reduced: it may enter one multiplication. */
export function subtract(out: Element, f: Element, g: Element): void {
  for (let i = 0; i < LIMBS; i++) out[i] = f[i] - g[i];
}

/** out = f + factor g, for a factor of up to 2^20. */
export function addScaled(out: Element, f: Element, g: Element, factor: number): void {
  for (let i = 0; i < LIMBS; i++) out[i] = f[i] + factor * g[i];
  reduce(out);
}

/** Swaps f and g if `bit` is 1. The operations are the same if it is 0. */
export function swapIf(bit: number, f: Element, g: Element): void {
  for (let i = 0; i < LIMBS; i++) {
    const difference = bit * (f[i] - g[i]);
    f[i] -= difference;
    g[i] += difference;
  }
}

/** 1 / f, and 0 for 0: f^(p - 2), by Fermat's little theorem. The variable n10 holds f^(2^10 - 1). */
export function invert(f: Element): Element {
  const f2 = raise(f, 1);
  const f9 = product(raise(f2, 2), f);
  const f11 = product(f9, f2);
  const n5 = product(raise(f11, 1), f9);
  const n10 = product(raise(n5, 5), n5);
  const n20 = product(raise(n10, 10), n10);
  const n40 = product(raise(n20, 20), n20);
  const n50 = product(raise(n40, 10), n10);
  const n100 = product(raise(n50, 50), n50);
  const n200 = product(raise(n100, 100), n100);
  const n250 = product(raise(n200, 50), n50);
  return product(raise(n250, 5), f11); // 2^255 - 32 + 11 = p - 2
}

/** f^(2^n) */
function raise(f: Element, n: number): Element {
  const out = f.slice();
  for (let i = 0; i < n; i++) square(out, out);
  return out;
}

function product(f: Element, g: Element): Element {
  const out = element();
  mul(out, f, g);
  return out;
}

/** Returns a new element with a small value. */
export function element(value = 0): Element {
  const out = new Float64Array(LIMBS);
  out[0] = value;
  return out;
}

/** Reads 32 bytes, little-endian; the top bit is ignored (RFC 7748 section 5). */
export function fromBytes(bytes: Uint8Array): Element {
  const view = new DataView(bytes.buffer, bytes.byteOffset, 32);
  return Float64Array.from({ length: LIMBS }, (_, i) => {
    const start = POSITION[i];
    const byte = Math.min(start >> 3, 28);
    const word = view.getUint32(byte, true) >>> (start - 8 * byte);
    return (word & ((1 << sizeOf(i)) - 1)) * 2 ** start;
  });
}

/** Writes the value modulo p, fully reduced, as 32 bytes, little-endian. */
export function toBytes(f: Element): Uint8Array {
  const limbs = Int32Array.from(f, (value, i) => value * 2 ** -POSITION[i]);
  carry(limbs, 19);
  carry(limbs, 19); // now all limbs are in range, and the value is below 2^255
  // The value is at least p if and only if adding 19 reaches 2^255. In that case 19 is added and bit 255 is dropped.
  let over = 19;
  for (let i = 0; i < LIMBS; i++) over = (limbs[i] + over) >> sizeOf(i);
  limbs[0] += 19 * over;
  carry(limbs, 0);
  const bytes = new Uint8Array(32);
  for (let i = 0; i < LIMBS; i++) {
    const shifted = limbs[i] << (POSITION[i] & 7);
    for (let j = 0; j < 4; j++) bytes[(POSITION[i] >> 3) + j] |= shifted >>> (8 * j);
  }
  return bytes;
}

/** Carries through all limbs; the overflow past 2^255, times `wrap`, is added to the first. */
function carry(limbs: Int32Array, wrap: number): void {
  let rest = 0;
  for (let i = 0; i < LIMBS; i++) {
    const value = limbs[i] + rest;
    rest = value >> sizeOf(i);
    limbs[i] = value & ((1 << sizeOf(i)) - 1);
  }
  limbs[0] += wrap * rest;
}

/** Returns how many bits limb `i` has if it is in range: 21 or 22. */
function sizeOf(i: number): number {
  return POSITION[i + 1] - POSITION[i];
}
