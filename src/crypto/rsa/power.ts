/**
 * Modular exponentiation. Its sequence of steps depends on the exponent alone, never on the base. docs/security.md describes
 * what its time reveals about secrets.
 */

import { ODD_POWERS, windowsOf } from "./windows.ts";

/** Returns `base` to the power of a public `exponent`, bit by bit, since public exponents are short and have few ones. */
export function publicPower(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = base;
  for (const bit of exponent.toString(2).slice(1)) {
    result = result * result % modulus;
    if (bit === "1") result = result * base % modulus;
  }
  return result;
}

/** Returns `base` to the power of a long `exponent`, by sliding windows. Both must not be negative. */
export function secretPower(base: bigint, exponent: bigint, modulus: bigint): bigint {
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
