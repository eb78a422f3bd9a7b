/** The pseudorandom function of TLS 1.2 (RFC 5246 section 5). */

import { concat, toUtf8 } from "../bytes.ts";
import type { Hash } from "./hash.ts";
import { hmac } from "./hmac.ts";

/** Returns the first `length` bytes of PRF(secret, label, seed) = P_hash(secret, label + seed). */
export function prf(
  hash: Hash,
  secret: Uint8Array,
  label: string,
  seed: Uint8Array,
  length: number,
): Uint8Array {
  return expand(hash, secret, concat(toUtf8(label), seed), length);
}

/** Computes P_hash: HMAC(secret, A(1) + seed) + HMAC(secret, A(2) + seed) + …, where A(0) is the seed. */
function expand(hash: Hash, secret: Uint8Array, seed: Uint8Array, length: number): Uint8Array {
  const output = new Uint8Array(length);
  let a = seed;
  for (let offset = 0; offset < length; offset += hash.outputLen) {
    a = hmac(hash, secret, a);
    const block = hmac(hash, secret, concat(a, seed));
    output.set(block.subarray(0, length - offset), offset);
  }
  return output;
}
