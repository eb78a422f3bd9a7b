/** Tests for probable primes (FIPS 186-5 section B.3.1), which key generation uses in its search. */

import { bitLength, bytesToBigInt } from "../../bigint.ts";
import type { RandomBytes } from "../random.ts";
import { secretPower } from "./power.ts";

/** The odd primes below this number are tried as divisors first. */
const SIEVE_LIMIT = 8192;

/**
 * The odd primes below the limit, in groups whose product is a safe integer, so that one long division tests a whole group.
 */
const SIEVE: readonly { readonly product: bigint; readonly primes: readonly number[] }[] = smallPrimeGroups();

/** Returns whether one of the sieve's primes divides a number that is larger than all of them. */
export function hasSmallFactor(candidate: bigint): boolean {
  return SIEVE.some(({ product, primes }) => {
    const remainder = Number(candidate % product);
    return primes.some((prime) => remainder % prime === 0);
  });
}

/** Runs one Miller-Rabin round (FIPS 186-5 section B.3.1, steps 4.1 to 4.7). Returns false if the candidate is composite. */
export function passesMillerRabin(candidate: bigint, random: RandomBytes): boolean {
  const last = candidate - 1n;
  let twos = 0n;
  while (last >> twos & 1n ^ 1n) twos++;
  const bytes = Math.ceil(bitLength(candidate) / 8) + 8; // 8 more bytes make the bases practically uniform
  const base = 2n + bytesToBigInt(random(bytes)) % (candidate - 3n);
  let power = secretPower(base, last >> twos, candidate);
  if (power === 1n || power === last) return true;
  for (let i = 1n; i < twos; i++) {
    power = power * power % candidate;
    if (power === last) return true;
  }
  return false;
}

function smallPrimeGroups(): { product: bigint; primes: number[] }[] {
  const composite = new Uint8Array(SIEVE_LIMIT);
  const groups: { product: bigint; primes: number[] }[] = [];
  let [product, primes]: [number, number[]] = [1, []];
  for (let prime = 3; prime < SIEVE_LIMIT; prime += 2) {
    if (composite[prime]) continue;
    for (let multiple = prime * prime; multiple < SIEVE_LIMIT; multiple += prime) composite[multiple] = 1;
    if (product * prime > Number.MAX_SAFE_INTEGER) {
      groups.push({ product: BigInt(product), primes });
      [product, primes] = [1, []];
    }
    product *= prime;
    primes.push(prime);
  }
  groups.push({ product: BigInt(product), primes });
  return groups;
}
