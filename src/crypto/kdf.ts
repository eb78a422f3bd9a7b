/** Key derivation from passphrases: PBKDF2 (RFC 8018 section 5.2), scrypt (RFC 7914), and those of PKCS#12 and old OpenSSL. */

import { pbkdf2 as pbkdf2Noble } from "@noble/hashes/pbkdf2.js";
import { scrypt as scryptNoble, scryptAsync as scryptAsyncNoble } from "@noble/hashes/scrypt.js";
import { concat } from "../bytes.ts";
import { hashByName, md5 } from "./hash.ts";
import type { HashName } from "./hash.ts";

/** Derives `length` bytes by PBKDF2 with HMAC of this hash. The caller bounds `iterations`. */
export function pbkdf2(
  hash: HashName,
  password: Uint8Array,
  salt: Uint8Array,
  iterations: number,
  length: number,
): Uint8Array {
  return pbkdf2Noble(hashByName(hash), password, salt, { c: iterations, dkLen: length });
}

/**
 * The cost parameters of scrypt (RFC 7914 section 2). It takes 128 * N * r bytes of memory, and time in proportion to N * r
 * * p.
 */
export interface ScryptCost {
  /** The cost, a power of two. */
  readonly N: number;
  /** The block size. */
  readonly r: number;
  /** The parallelization. */
  readonly p: number;
}

/** Derives `length` bytes by scrypt. The caller bounds the cost. */
export function scrypt(password: Uint8Array, salt: Uint8Array, cost: ScryptCost, length: number): Uint8Array {
  return scryptNoble(password, salt, { ...cost, dkLen: length });
}

/** As {@link scrypt}, but asynchronously: the event loop runs between its steps. */
export function scryptAsync(
  password: Uint8Array,
  salt: Uint8Array,
  cost: ScryptCost,
  length: number,
): Promise<Uint8Array> {
  return scryptAsyncNoble(password, salt, { ...cost, dkLen: length });
}

/** The purpose of the derived bytes: the diversifier ID of RFC 7292 appendix B.3. */
export const PKCS12_PURPOSE = { key: 1, iv: 2, mac: 3 } as const;

/** Derives `length` bytes as RFC 7292 appendix B.2 describes. The caller bounds `iterations`. */
export function pkcs12Kdf(
  hashName: HashName,
  password: Uint8Array,
  salt: Uint8Array,
  iterations: number,
  purpose: (typeof PKCS12_PURPOSE)[keyof typeof PKCS12_PURPOSE],
  length: number,
): Uint8Array {
  const hash = hashByName(hashName);
  const { blockLen: v, outputLen: u } = hash;
  const diversifier = new Uint8Array(v).fill(purpose);
  const input = concat(repeated(salt, v), repeated(password, v));
  const output = new Uint8Array(Math.ceil(length / u) * u);
  for (let offset = 0; offset < output.length; offset += u) {
    let a = hash(concat(diversifier, input));
    for (let i = 1; i < iterations; i++) a = hash(a);
    output.set(a, offset);
    const b = repeated(a, v).subarray(0, v);
    for (let block = 0; block < input.length; block += v) addOne(input.subarray(block, block + v), b);
  }
  return output.subarray(0, length);
}

/** Repeats the bytes until they fill whole blocks; the last copy is cut. */
function repeated(bytes: Uint8Array, block: number): Uint8Array {
  return Uint8Array.from(
    { length: Math.ceil(bytes.length / block) * block },
    (_, i) => bytes[i % bytes.length],
  );
}

/** Adds b + 1 to the block, modulo 2^(8 v), in place. */
function addOne(block: Uint8Array, b: Uint8Array): void {
  let carry = 1;
  for (let i = block.length - 1; i >= 0; i--) {
    carry += block[i] + b[i];
    block[i] = carry;
    carry >>= 8;
  }
}

/** Derives the key of a PEM file with the header DEK-Info: OpenSSL's EVP_BytesToKey with MD5 and one iteration. */
export function opensslKdf(password: Uint8Array, salt: Uint8Array, length: number): Uint8Array {
  let output: Uint8Array = new Uint8Array(0);
  let digest: Uint8Array = new Uint8Array(0);
  while (output.length < length) {
    digest = md5(concat(digest, password, salt));
    output = concat(output, digest);
  }
  return output.subarray(0, length);
}
