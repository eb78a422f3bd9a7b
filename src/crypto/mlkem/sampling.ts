/** Sampling polynomials from the output of SHAKE (FIPS 203 section 4.2.2). */

import { shake128, shake256 } from "@noble/hashes/sha3.js";
import { concat } from "../../bytes.ts";
import { Q } from "./field.ts";
import { N, type Polynomial, zero } from "./ntt.ts";

/**
 * The bytes to read first: three blocks of SHAKE128. This is a multiple of three, and in 99 of 100 cases enough for 256
 * coefficients.
 */
const FIRST = 504;
/** The bytes to read after that: one block, as often as necessary. */
const NEXT = 168;

/**
 * Returns a uniform transform from a seed and two indices: SampleNTT (algorithm 7). Its time depends on the seed, which is
 * public.
 */
export function sampleNtt(seed: Uint8Array, first: number, second: number): Polynomial {
  const stream = shake128.create().update(concat(seed, Uint8Array.of(first, second)));
  const sampled = zero();
  let count = 0;
  for (let size = FIRST; count < N; size = NEXT) {
    const bytes = stream.xof(size);
    for (let i = 0; i < size && count < N; i += 3) {
      const d1 = bytes[i] | (bytes[i + 1] & 15) << 8;
      const d2 = bytes[i + 1] >> 4 | bytes[i + 2] << 4;
      if (d1 < Q) sampled[count++] = d1;
      if (d2 < Q && count < N) sampled[count++] = d2;
    }
  }
  return sampled;
}

/** Returns coefficients from -2 to 2 from a secret seed: SamplePolyCBD for eta = 2 (algorithm 8) over PRF (section 4.1). */
export function sampleNoise(seed: Uint8Array, index: number): Polynomial {
  const bytes = shake256(concat(seed, Uint8Array.of(index)), { dkLen: N / 2 });
  const sampled = zero();
  for (let i = 0; i < bytes.length; i++) {
    // Each byte gives two coefficients. A coefficient is the difference of two sums of two bits.
    const sums = (bytes[i] & 0x55) + (bytes[i] >> 1 & 0x55);
    sampled[2 * i] = (sums & 3) - (sums >> 2 & 3);
    sampled[2 * i + 1] = (sums >> 4 & 3) - (sums >> 6);
  }
  return sampled;
}
