/** Hash functions (FIPS 180-4) by their names in the standards. */

import { blake2b, blake2s } from "@noble/hashes/blake2.js";
import { md5, sha1 } from "@noble/hashes/legacy.js";
import { sha224, sha256, sha384, sha512, sha512_224, sha512_256 } from "@noble/hashes/sha2.js";
import type { CHash } from "@noble/hashes/utils.js";

export { createHasher, type Hash as HashState } from "@noble/hashes/utils.js";
export { blake2b, blake2s, md5, sha1, sha224, sha256, sha384, sha512, sha512_224, sha512_256 };

/** A hash function: `hash(data)`, or `hash.create().update(a).update(b).digest()`. */
export type Hash = CHash;

/** The name of a hash function, as FIPS 180-4 writes it. */
export type HashName =
  | "SHA-1"
  | "SHA-224"
  | "SHA-256"
  | "SHA-384"
  | "SHA-512"
  | "SHA-512/224"
  | "SHA-512/256";

const HASHES: ReadonlyMap<string, Hash> = new Map<HashName, Hash>([
  ["SHA-1", sha1],
  ["SHA-224", sha224],
  ["SHA-256", sha256],
  ["SHA-384", sha384],
  ["SHA-512", sha512],
  ["SHA-512/224", sha512_224],
  ["SHA-512/256", sha512_256],
]);

/** Returns the hash function of this name; throws `TypeError` if the name is unknown. */
export function hashByName(name: HashName): Hash {
  const hash = HASHES.get(name);
  if (hash === undefined) throw new TypeError(`unknown hash function: ${name}`);
  return hash;
}
