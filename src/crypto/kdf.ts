/** Keys from passphrases: PBKDF2 (RFC 8018 section 5.2) and scrypt (RFC 7914). */

import { pbkdf2 as pbkdf2Noble } from "@noble/hashes/pbkdf2.js";
import { scrypt as scryptNoble, scryptAsync as scryptAsyncNoble } from "@noble/hashes/scrypt.js";
import { hashByName } from "./hash.ts";
import type { HashName } from "./hash.ts";

/** PBKDF2 with HMAC of this hash: `length` bytes. The caller bounds `iterations`. */
export function pbkdf2(
  hash: HashName,
  password: Uint8Array,
  salt: Uint8Array,
  iterations: number,
  length: number,
): Uint8Array {
  return pbkdf2Noble(hashByName(hash), password, salt, { c: iterations, dkLen: length });
}

/** What scrypt costs (RFC 7914 section 2): it takes 128 * N * r bytes, and time in proportion to N * r * p. */
export interface ScryptCost {
  /** The cost, a power of two. */
  readonly N: number;
  /** The block size. */
  readonly r: number;
  /** The parallelization. */
  readonly p: number;
}

/** scrypt: `length` bytes. The caller bounds the cost. */
export function scrypt(password: Uint8Array, salt: Uint8Array, cost: ScryptCost, length: number): Uint8Array {
  return scryptNoble(password, salt, { ...cost, dkLen: length });
}

/** The same, with pauses for the event loop. */
export function scryptAsync(
  password: Uint8Array,
  salt: Uint8Array,
  cost: ScryptCost,
  length: number,
): Promise<Uint8Array> {
  return scryptAsyncNoble(password, salt, { ...cost, dkLen: length });
}
