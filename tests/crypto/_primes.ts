/** The primality test, composed as in key generation. */

import { randomBytes } from "../../src/crypto/random.ts";
import { hasSmallFactor, passesMillerRabin } from "../../src/crypto/rsa/primes.ts";

/**
 * Returns whether a number could be a candidate of key generation: odd, and larger than all divisors of the trial division.
 */
export function isCandidate(value: bigint): boolean {
  return value > 8192n && value % 2n === 1n;
}

/** Returns whether a candidate is prime, by trial division and rounds of Miller-Rabin (FIPS 186-5 section B.3.1). */
export function isProbablePrime(candidate: bigint, rounds: number): boolean {
  if (hasSmallFactor(candidate)) return false;
  for (let round = 0; round < rounds; round++) {
    if (!passesMillerRabin(candidate, randomBytes)) return false;
  }
  return true;
}
