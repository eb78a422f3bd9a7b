/**
 * Modular exponentiation. Its sequence of steps depends on the exponent alone, never on the base; what its time tells about
 * secrets is in docs/security.md.
 */

import { bitLength } from "../../bigint.ts";
import { MAX_BITS, montgomeryPower } from "./montgomery.ts";
import { ODD_POWERS, windowsOf } from "./windows.ts";

/** `base` to a public `exponent`: a bit at a time, since such exponents are short and have few ones. */
export function publicPower(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = base;
  for (const bit of exponent.toString(2).slice(1)) {
    result = result * result % modulus;
    if (bit === "1") result = result * base % modulus;
  }
  return result;
}

/** The shortest modulus for which doubles are worth their preparation. */
const MIN_BITS = 512;

/**
 * `base` to a long `exponent`, none of them negative. Plain products and remainders of `bigint` are the fastest way there is on most
 * engines, and have nothing to warm up: doubles take 1.0 of their time on Node 26, 1.7 on Deno 2.9 and 2 on Bun 1.4. But V8 as GCC
 * compiles it, in the builds of Node 20 and 22 for Linux, takes twice as long for them, and there doubles take 0.7, or 0.85 once any
 * ArrayBuffer of the process was detached (`npm run bench -- rsa` shows both). How long a modulus is is no secret.
 */
export function secretPower(base: bigint, exponent: bigint, modulus: bigint): bigint {
  const bits = bitLength(modulus);
  const doubles = isV8ByGcc() && (modulus & 1n) === 1n && bits >= MIN_BITS && bits <= MAX_BITS;
  return doubles ? montgomeryPower(base, exponent, modulus) : windowPower(base, exponent, modulus);
}

/** Node tells with what it was compiled, and on Linux the other compiler is GCC. Bun says of itself what Node does. */
function isV8ByGcc(): boolean {
  const { process } = globalThis as {
    process?: {
      platform?: string;
      versions?: { bun?: string };
      config?: { variables?: { clang?: number } };
    };
  };
  return process?.platform === "linux" && process.config?.variables?.clang === 0 &&
    process.versions?.bun === undefined;
}

/** {@link secretPower} over `bigint`. */
export function windowPower(base: bigint, exponent: bigint, modulus: bigint): bigint {
  const oddPowers = [base];
  const square = base * base % modulus;
  for (let i = 1; i < ODD_POWERS; i++) oddPowers.push(oddPowers[i - 1] * square % modulus);
  let result = 1n;
  for (const { squarings, odd } of windowsOf(exponent)) {
    for (let i = 0; i < squarings; i++) result = result * result % modulus;
    if (odd !== undefined) result = result * oddPowers[odd] % modulus;
  }
  return result;
}
