/** HKDF: keys from a shared secret (RFC 5869). */

import { expand, extract } from "@noble/hashes/hkdf.js";
import type { Hash } from "./hash.ts";

/** Returns a pseudorandom key as long as the hash value: HKDF-Extract (section 2.2). */
export function hkdfExtract(hash: Hash, salt: Uint8Array, input: Uint8Array): Uint8Array {
  return extract(hash, input, salt);
}

/** Returns `length` bytes of keying material: HKDF-Expand (section 2.3). */
export function hkdfExpand(hash: Hash, key: Uint8Array, info: Uint8Array, length: number): Uint8Array {
  return expand(hash, key, info, length);
}
