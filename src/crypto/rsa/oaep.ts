/** RSAES-OAEP (RFC 8017 section 7.1). */

import { concat, EMPTY } from "../../bytes.ts";
import { ChannelError } from "../../errors.ts";
import { type Hash, hashByName, type HashName } from "../hash.ts";
import { type RandomBytes, randomBytes } from "../random.ts";
import { modulusLength, type RsaNumbers, type RsaPrivateNumbers } from "./key.ts";
import { maskIfZero } from "./mask.ts";
import { applyMask } from "./mgf1.ts";
import { privateOperation, publicOperation } from "./raw.ts";

/** The parameters of OAEP, on which both sides must agree. */
export interface OaepOptions {
  /** The hash function over the label: SHA-256 by default. */
  readonly hash?: HashName;
  /** The hash function inside MGF1: the same as `hash` by default. */
  readonly mgfHash?: HashName;
  /** Public data that must be the same for encryption and decryption; empty by default. */
  readonly label?: Uint8Array;
  /** The random generator, for tests; the platform's by default. */
  readonly random?: RandomBytes;
}

/**
 * Encrypts a message of at most `modulusLength(key) - 2 * hashLength - 2` bytes (RFC 8017 section 7.1.1).
 *
 * @throws {RangeError} If the message is too long for the key and the hash.
 * @throws {ChannelError} If the key is not within the bounds of {@link checkPublicKey}.
 *
 * @example
 * ```ts
 * import { decryptOaep, encryptOaep, generateKeyPair } from "@fesa/channel/rsa";
 *
 * const { publicKey, privateKey } = await generateKeyPair();
 * const ciphertext = encryptOaep(publicKey, new TextEncoder().encode("hello"));
 * const message = decryptOaep(privateKey, ciphertext);
 * if (new TextDecoder().decode(message) !== "hello") throw new Error();
 * ```
 */
export function encryptOaep(key: RsaNumbers, message: Uint8Array, options: OaepOptions = {}): Uint8Array {
  const { hash, mgfHash, labelHash } = parameters(options);
  const room = modulusLength(key) - 2 * hash.outputLen - 2;
  if (message.length > room) {
    throw new RangeError(`the message is longer than ${room} bytes`);
  }
  const seed = (options.random ?? randomBytes)(hash.outputLen);
  const data = concat(labelHash, new Uint8Array(room - message.length), Uint8Array.of(1), message);
  applyMask(mgfHash, seed, data);
  applyMask(mgfHash, data, seed);
  return publicOperation(key, concat(Uint8Array.of(0), seed, data))!;
}

/**
 * Decrypts a message (RFC 8017 section 7.1.2).
 *
 * @throws {ChannelError} `"crypto"`, the same error for every fault of the ciphertext, so that an attacker does not learn
 * which one it was (Manger 2001).
 *
 * @example
 * ```ts
 * import { decryptOaep, encryptOaep, generateKeyPair } from "@fesa/channel/rsa";
 *
 * const { publicKey, privateKey } = await generateKeyPair();
 * const label = new TextEncoder().encode("backup key");
 * const ciphertext = encryptOaep(publicKey, new Uint8Array(32), { hash: "SHA-512", label });
 * if (decryptOaep(privateKey, ciphertext, { hash: "SHA-512", label }).length !== 32) throw new Error();
 * ```
 */
export function decryptOaep(
  key: RsaPrivateNumbers,
  ciphertext: Uint8Array,
  options: OaepOptions = {},
): Uint8Array {
  const { hash, mgfHash, labelHash } = parameters(options);
  if (modulusLength(key) < 2 * hash.outputLen + 2) throw new RangeError("the key is too short for the hash");
  const block = privateOperation(key, ciphertext, options.random);
  const start = block === null ? 0 : unmask(block, mgfHash, labelHash);
  if (block === null || start === 0) throw new ChannelError("crypto", "RSA decryption failed");
  return block.slice(start);
}

interface Parameters {
  readonly hash: Hash;
  readonly mgfHash: Hash;
  readonly labelHash: Uint8Array;
}

function parameters(options: OaepOptions): Parameters {
  const { hash: hashName = "SHA-256", mgfHash = hashName, label = EMPTY } = options;
  const hash = hashByName(hashName);
  return { hash, mgfHash: hashByName(mgfHash), labelHash: hash(label) };
}

/**
 * Removes the masks in place and returns where the message starts, or 0 if anything is wrong (RFC 8017 section 7.1.2 step 3).
 * The time depends on the length alone.
 */
function unmask(block: Uint8Array, mgfHash: Hash, labelHash: Uint8Array): number {
  const seed = block.subarray(1, 1 + labelHash.length);
  const data = block.subarray(1 + labelHash.length);
  applyMask(mgfHash, data, seed);
  applyMask(mgfHash, seed, data);
  let faults = block[0];
  for (let i = 0; i < labelHash.length; i++) faults |= data[i] ^ labelHash[i];
  let searching = -1;
  let start = 0;
  for (let i = 1 + 2 * labelHash.length; i < block.length; i++) {
    const isOne = maskIfZero(block[i] ^ 1);
    start |= (i + 1) & searching & isOne;
    searching &= ~isOne;
    faults |= block[i] & searching;
  }
  return start & maskIfZero(faults);
}
