/** Triple DES in CBC mode, with and without padding. */

import { ChannelError } from "../../errors.ts";
import { roundKeys } from "./key_schedule.ts";
import { finalPermutation, initialPermutation } from "./permutations.ts";
import { keysForOne, keysForTwo, oneBlock, twoBlocks } from "./rounds.ts";

const BLOCK = 8;

/**
 * Triple DES in CBC mode under one key, for whole blocks, without padding. The key schedule is computed once.
 *
 * @example
 * ```ts
 * import { TripleDes } from "@fesa/channel/des";
 *
 * const cipher = new TripleDes(crypto.getRandomValues(new Uint8Array(24)));
 * const iv = crypto.getRandomValues(new Uint8Array(8));
 * const record = new Uint8Array(64);
 * cipher.encryptCbc(iv, record, record); // in place
 * cipher.decryptCbc(iv, record, record);
 * if (record.some((byte) => byte !== 0)) throw new Error("not the same again");
 * ```
 */
export class TripleDes {
  readonly #encryption: Int32Array;
  readonly #decryption: Int32Array;

  /**
   * Computes the key schedule of `key`: K1, K2 and K3, 24 bytes in all. Parity bits are ignored.
   *
   * @throws {RangeError} If the key does not have 24 bytes.
   */
  constructor(key: Uint8Array) {
    if (key.length !== 24) throw new RangeError(`a triple DES key has 24 bytes, not ${key.length}`);
    const [k1, k2, k3] = [0, 8, 16].map((start) => roundKeys(key.subarray(start, start + 8)));
    const rounds = [...k1, ...k2.toReversed(), ...k3];
    this.#encryption = keysForOne(rounds);
    this.#decryption = keysForTwo(rounds.toReversed());
  }

  /**
   * Encrypts whole blocks of `data` into `output`, which may be `data` itself, and returns `output`.
   *
   * @throws {RangeError} If the IV does not have 8 bytes, `data` is not whole blocks, or `output` is not as long as `data`.
   */
  encryptCbc(iv: Uint8Array, data: Uint8Array, output: Uint8Array = new Uint8Array(data.length)): Uint8Array {
    checkSizes(iv, data, output);
    encryptBlocks(this.#encryption, iv, data, output);
    return output;
  }

  /**
   * Decrypts whole blocks of `data` into `output`, which may be `data` itself, and returns `output`.
   *
   * @throws {RangeError} If the IV does not have 8 bytes, `data` is not whole blocks, or `output` is not as long as `data`.
   */
  decryptCbc(iv: Uint8Array, data: Uint8Array, output: Uint8Array = new Uint8Array(data.length)): Uint8Array {
    checkSizes(iv, data, output);
    decryptBlocks(this.#decryption, iv, data, output);
    return output;
  }
}

/** The options of {@link tripleDesCbc}. */
export interface TripleDesOptions {
  /** Omits the PKCS#7 padding: the data must be whole blocks. */
  readonly disablePadding?: boolean;
}

/** Triple DES under one key and IV, returned by {@link tripleDesCbc}. */
export interface TripleDesCbc {
  /** Encrypts; throws `RangeError` if padding is disabled and the data is not whole blocks of 8 bytes. */
  encrypt(plaintext: Uint8Array): Uint8Array;
  /** Decrypts; throws a {@link ChannelError} `decrypt` if the data is not whole blocks or the padding is wrong. */
  decrypt(ciphertext: Uint8Array): Uint8Array;
}

/**
 * Returns triple DES in CBC mode with PKCS#7 padding (RFC 5652 section 6.3). It does not authenticate: compute a MAC over
 * the ciphertext, and verify it before decrypting.
 *
 * @param key K1, K2 and K3: 24 bytes; parity bits are ignored.
 * @param iv 8 unpredictable bytes.
 * @throws {RangeError} If the key does not have 24 bytes, or the IV 8.
 *
 * @example
 * ```ts
 * import { tripleDesCbc } from "@fesa/channel/des";
 *
 * const key = crypto.getRandomValues(new Uint8Array(24));
 * const iv = crypto.getRandomValues(new Uint8Array(8));
 * const ciphertext = tripleDesCbc(key, iv).encrypt(new TextEncoder().encode("attack at dawn"));
 * const plaintext = tripleDesCbc(key, iv).decrypt(ciphertext);
 * if (new TextDecoder().decode(plaintext) !== "attack at dawn") throw new Error("not the same again");
 * ```
 */
export function tripleDesCbc(key: Uint8Array, iv: Uint8Array, options: TripleDesOptions = {}): TripleDesCbc {
  const cipher = new TripleDes(key);
  checkIv(iv);
  const padded = !options.disablePadding;
  return {
    encrypt: (plaintext) => cipher.encryptCbc(iv, padded ? pad(plaintext) : plaintext),
    decrypt: (ciphertext) => {
      if (ciphertext.length % BLOCK !== 0) {
        throw new ChannelError("decrypt", "the ciphertext is not whole blocks");
      }
      const plaintext = cipher.decryptCbc(iv, ciphertext);
      return padded ? unpad(plaintext) : plaintext;
    },
  };
}

function pad(data: Uint8Array): Uint8Array {
  const count = BLOCK - data.length % BLOCK;
  const padded = new Uint8Array(data.length + count).fill(count, data.length);
  padded.set(data);
  return padded;
}

/** Removes the padding. All faults give the same error and take the same time, but only a MAC is a defence. */
function unpad(data: Uint8Array): Uint8Array {
  if (data.length === 0) throw new ChannelError("decrypt", "the ciphertext is empty");
  const count = data[data.length - 1];
  let wrong = Number(count < 1) | Number(count > BLOCK);
  for (let i = 1; i <= BLOCK; i++) wrong |= Number(i <= count) & Number(data[data.length - i] !== count);
  if (wrong) throw new ChannelError("decrypt", "the padding is wrong");
  return data.slice(0, data.length - count);
}

function checkIv(iv: Uint8Array): void {
  if (iv.length !== BLOCK) throw new RangeError(`a triple DES IV has 8 bytes, not ${iv.length}`);
}

function checkSizes(iv: Uint8Array, data: Uint8Array, output: Uint8Array): void {
  checkIv(iv);
  if (data.length % BLOCK !== 0) throw new RangeError(`${data.length} bytes are not whole blocks of 8`);
  if (output.length !== data.length) throw new RangeError("the output is not as long as the data");
}

// IP and FP are linear, so the XORs of CBC (SP 800-38A section 6.2) are applied to the permuted blocks.

function encryptBlocks(keys: Int32Array, iv: Uint8Array, data: Uint8Array, output: Uint8Array): void {
  const words = initialPermutation(data);
  let [left, right] = initialPermutation(iv);
  for (let i = 0; i < words.length; i += 2) {
    words[i] ^= left;
    words[i + 1] ^= right;
    oneBlock(keys, words, i);
    left = words[i];
    right = words[i + 1];
  }
  finalPermutation(words, output);
}

function decryptBlocks(keys: Int32Array, iv: Uint8Array, data: Uint8Array, output: Uint8Array): void {
  const ciphertext = initialPermutation(data);
  const words = new Int32Array(ciphertext.length + ciphertext.length % 4); // an even number of blocks
  words.set(ciphertext);
  for (let i = 0; i < words.length; i += 4) twoBlocks(keys, words, i);
  const chain = initialPermutation(iv);
  for (let i = 0; i < ciphertext.length; i++) words[i] ^= i < 2 ? chain[i] : ciphertext[i - 2];
  finalPermutation(words, output);
}
