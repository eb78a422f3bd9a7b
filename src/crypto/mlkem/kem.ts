/** ML-KEM-768 (FIPS 203 sections 6 and 7). */

import { sha3_256, sha3_512, shake256 } from "@noble/hashes/sha3.js";
import { concat, equalBytes } from "../../bytes.ts";
import { ChannelError } from "../../errors.ts";
import { randomBytes } from "../random.ts";
import { isReduced } from "./compression.ts";
import { decodeVector, decrypt, encrypt, generateKeys, VECTOR_SIZE } from "./k_pke.ts";

/** The size of a seed in bytes: d and z of FIPS 203, 32 each. */
export const SEED_SIZE = 64;
/** The size of a public key in bytes. */
export const PUBLIC_KEY_SIZE = 1184;
/** The size of a secret key in bytes. */
export const SECRET_KEY_SIZE = 2400;
/** The size of a ciphertext in bytes. */
export const CIPHERTEXT_SIZE = 1088;

/** A key pair of ML-KEM-768. */
export interface MlKemKeyPair {
  /** The encapsulation key: 1,184 bytes. */
  readonly publicKey: Uint8Array;
  /** The decapsulation key in its expanded form: 2,400 bytes, to be kept secret. */
  readonly secretKey: Uint8Array;
}

/** The result of an encapsulation. */
export interface Encapsulated {
  /** The ciphertext, to be sent to the owner of the public key: 1,088 bytes. */
  readonly cipherText: Uint8Array;
  /** The shared secret: 32 bytes. */
  readonly sharedSecret: Uint8Array;
}

/**
 * Generates a key pair (algorithms 16 and 19).
 *
 * @param seed d followed by z, 64 random bytes; fresh ones by default. The same seed gives the same keys, so it must be kept
 * secret as well.
 * @throws {TypeError} If `seed` is not a Uint8Array.
 * @throws {RangeError} If `seed` does not have 64 bytes.
 *
 * @example Keep the seed alone
 * ```ts
 * import { keygen } from "@fesa/channel/mlkem";
 *
 * const seed = crypto.getRandomValues(new Uint8Array(64));
 * const { publicKey } = keygen(seed);
 * const { secretKey } = keygen(seed); // later
 * if (publicKey.length !== 1184 || secretKey.length !== 2400) throw new Error();
 * ```
 */
export function keygen(seed: Uint8Array = randomBytes(SEED_SIZE)): MlKemKeyPair {
  checkSize("seed", seed, SEED_SIZE);
  const { encryptionKey, decryptionKey } = generateKeys(seed.subarray(0, 32));
  const secretKey = concat(decryptionKey, encryptionKey, sha3_256(encryptionKey), seed.subarray(32));
  return { publicKey: encryptionKey, secretKey };
}

/**
 * Makes a shared secret, and a ciphertext from which the owner of the public key computes the same secret (algorithms 17 and
 * 20).
 *
 * @param publicKey The peer's public key.
 * @param randomness 32 random bytes, secret and used once; fresh ones by default. Pass them only in known-answer tests.
 * @throws {TypeError} If an argument is not a Uint8Array.
 * @throws {RangeError} If `publicKey` does not have 1,184 bytes, or `randomness` 32.
 * @throws {ChannelError} `crypto` if the public key has a coefficient that is not reduced modulo q (section 7.2).
 *
 * @example
 * ```ts
 * import { decapsulate, encapsulate, keygen } from "@fesa/channel/mlkem";
 *
 * const { publicKey, secretKey } = keygen();
 * const { cipherText, sharedSecret } = encapsulate(publicKey);
 * const same = decapsulate(cipherText, secretKey);
 * if (same.some((byte, i) => byte !== sharedSecret[i])) throw new Error();
 * ```
 */
export function encapsulate(
  publicKey: Uint8Array,
  randomness: Uint8Array = randomBytes(32),
): Encapsulated {
  checkSize("publicKey", publicKey, PUBLIC_KEY_SIZE);
  checkSize("randomness", randomness, 32);
  if (!decodeVector(publicKey).every(isReduced)) {
    throw new ChannelError("crypto", "the ML-KEM public key is not reduced modulo q");
  }
  const secrets = sha3_512(concat(randomness, sha3_256(publicKey)));
  const cipherText = encrypt(publicKey, randomness, secrets.subarray(32));
  return { cipherText, sharedSecret: secrets.slice(0, 32) };
}

/**
 * Returns the 32-byte shared secret of a ciphertext (algorithms 18 and 21). A modified ciphertext gives another secret,
 * which is unpredictable but the same each time (implicit rejection). The two sides then have different secrets, and notice
 * when they use them.
 *
 * @throws {TypeError} If an argument is not a Uint8Array.
 * @throws {RangeError} If `cipherText` does not have 1,088 bytes, or `secretKey` 2,400.
 * @throws {ChannelError} `crypto` if the hash in the secret key does not match its public part (section 7.3).
 *
 * @example
 * ```ts
 * import { decapsulate, encapsulate, keygen } from "@fesa/channel/mlkem";
 *
 * const { publicKey, secretKey } = keygen();
 * const { cipherText, sharedSecret } = encapsulate(publicKey);
 * cipherText[0] ^= 1;
 * const other = decapsulate(cipherText, secretKey);
 * if (other.every((byte, i) => byte === sharedSecret[i])) throw new Error();
 * ```
 */
export function decapsulate(cipherText: Uint8Array, secretKey: Uint8Array): Uint8Array {
  checkSize("cipherText", cipherText, CIPHERTEXT_SIZE);
  checkSize("secretKey", secretKey, SECRET_KEY_SIZE);
  const decryptionKey = secretKey.subarray(0, VECTOR_SIZE);
  const encryptionKey = secretKey.subarray(VECTOR_SIZE, VECTOR_SIZE + PUBLIC_KEY_SIZE);
  const hash = secretKey.subarray(SECRET_KEY_SIZE - 64, SECRET_KEY_SIZE - 32);
  const z = secretKey.subarray(SECRET_KEY_SIZE - 32);
  if (!equalBytes(sha3_256(encryptionKey), hash)) {
    throw new ChannelError("crypto", "the hash in the ML-KEM secret key does not match its public part");
  }
  const message = decrypt(decryptionKey, cipherText);
  const secrets = sha3_512(concat(message, hash));
  const rejection = shake256(concat(z, cipherText), { dkLen: 32 });
  const expected = encrypt(encryptionKey, message, secrets.subarray(32));
  return select(expected, cipherText, secrets.subarray(0, 32), rejection);
}

/** Returns `equal` if `a` and `b` are the same, else `different`, by the same operations. */
function select(a: Uint8Array, b: Uint8Array, equal: Uint8Array, different: Uint8Array): Uint8Array {
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= a[i] ^ b[i];
  const mask = -difference >> 31; // all ones if any byte differs
  return equal.map((byte, i) => byte ^ mask & (byte ^ different[i]));
}

/** Throws unless an argument is a Uint8Array of this size. */
export function checkSize(name: string, bytes: Uint8Array, size: number): void {
  if (!(bytes instanceof Uint8Array)) throw new TypeError(`${name} must be a Uint8Array`);
  if (bytes.length !== size) throw new RangeError(`${name} must have ${size} bytes`);
}
