/** Primality, as key generation puts it together. */

import { randomBytes } from "../../src/crypto/random.ts";
import { hasSmallFactor, passesMillerRabin } from "../../src/crypto/rsa/primes.ts";

/** Whether key generation could draw the number: it is odd, and larger than what trial division divides by. */
export function isCandidate(value: bigint): boolean {
  return value > 8192n && value % 2n === 1n;
}

/** Whether a candidate is prime: by trial division, then by rounds of Miller-Rabin (FIPS 186-5 section B.3.1). */
export function isProbablePrime(candidate: bigint, rounds: number): boolean {
  if (hasSmallFactor(candidate)) return false;
  for (let round = 0; round < rounds; round++) {
    if (!passesMillerRabin(candidate, randomBytes)) return false;
  }
  return true;
}
