/** HKDF: keys from a shared secret (RFC 5869). */

import { concat, EMPTY } from "../bytes.ts";
import type { Hash } from "./hash.ts";
import { hmac } from "./hmac.ts";

/** Returns a pseudorandom key as long as the hash value: HKDF-Extract (section 2.2). */
export function hkdfExtract(hash: Hash, salt: Uint8Array, input: Uint8Array): Uint8Array {
  return hmac(hash, salt, input);
}

/**
 * Returns `length` bytes of keying material: HKDF-Expand (section 2.3).
 *
 * @throws {RangeError} If `length` is more than 255 times the length of the hash value.
 */
export function hkdfExpand(hash: Hash, key: Uint8Array, info: Uint8Array, length: number): Uint8Array {
  if (length > 255 * hash.outputLen) throw new RangeError("HKDF output is limited to 255 hash lengths");
  const output = new Uint8Array(length);
  let block: Uint8Array = EMPTY;
  for (let offset = 0, counter = 1; offset < length; offset += hash.outputLen, counter++) {
    block = hmac(hash, key, concat(block, info, Uint8Array.of(counter)));
    output.set(block.subarray(0, length - offset), offset);
  }
  return output;
}
