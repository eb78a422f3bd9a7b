/**
 * Three-key triple DES (EDE) in CBC mode (FIPS 46-3, SP 800-67 and SP 800-38A), for peers that support nothing newer. Its
 * 64-bit blocks make it unfit for much data under one key, and because of its tables its time depends on key and data.
 *
 * @example
 * ```ts
 * import { TripleDes } from "@fesa/channel/des";
 *
 * const cipher = new TripleDes(crypto.getRandomValues(new Uint8Array(24)));
 * const iv = crypto.getRandomValues(new Uint8Array(8));
 * const record = new Uint8Array(64); // of whole blocks
 * cipher.encryptCbc(iv, record, record); // in place
 * ```
 *
 * @module
 */

import { ChannelError } from "../errors.ts";
import { P, PC1, PC2, S, SHIFTS } from "./des_tables.ts";

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
    this.#encryption = Int32Array.from(rounds.flatMap(([odd, even]) => [odd ^ SMALL[0], even ^ SMALL[1]]));
    rounds.reverse();
    this.#decryption = Int32Array.from(rounds.flatMap(([odd, even]) => [odd ^ LARGE[0], even ^ LARGE[1]]));
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

/**
 * Returns the key schedule of one DES key (FIPS 46-3, appendix 1): sixteen rounds of two words. Each word holds four of the
 * round key's 6-bit groups, one to a byte: the first word those of S1, S3, S5 and S7, the second those of S2, S4, S6 and S8.
 */
function roundKeys(key: Uint8Array): [number, number][] {
  const bits = PC1.map((bit) => bitOf(key, bit));
  let c = bits.slice(0, 28);
  let d = bits.slice(28);
  return SHIFTS.map((shift) => {
    c = [...c.slice(shift), ...c.slice(0, shift)];
    d = [...d.slice(shift), ...d.slice(0, shift)];
    const halves = [...c, ...d];
    const words: [number, number] = [0, 0];
    PC2.forEach((bit, i) => {
      const box = Math.floor(i / 6);
      words[box % 2] |= halves[bit - 1] << (24 - 8 * (box >> 1) + 5 - i % 6);
    });
    return words;
  });
}

/** Returns the bit at a position counted from 1, the most significant. */
function bitOf(bytes: Uint8Array, bit: number): number {
  return bytes[(bit - 1) >> 3] >> (7 - (bit - 1) % 8) & 1;
}

/** Returns an S-box combined with P: 64 words, each rotated left by one, as the halves of a block are. */
function substitution(rows: string, box: number): number[] {
  return Array.from({ length: 64 }, (_, input) => {
    const row = input >> 4 & 2 | input & 1;
    const column = input >> 1 & 15;
    const output = parseInt(rows[16 * row + column], 16) << (28 - 4 * box);
    const permuted = P.reduce((word, bit) => word << 1 | output >>> (32 - bit) & 1, 0);
    return permuted << 1 | permuted >>> 31;
  });
}

const [SP1, SP2, SP3, SP4, SP5, SP6, SP7, SP8] = S.map(substitution);

// The expansion E is read from a half in two ways. Rotated right by four, the half holds the inputs of S1, S3, S5 and S7, one
// in each byte; unrotated, it holds those of S2, S4, S6 and S8. An input takes the lower six bits of its byte. The upper two
// are free for the number of the box. The round keys set them, so a look-up needs no offset.

const SMALL: readonly [number, number] = [0x004080c0, 0x004080c0];
const ODD: Int32Array = Int32Array.from([...SP1, ...SP3, ...SP5, ...SP7]);
const EVEN: Int32Array = Int32Array.from([...SP2, ...SP4, ...SP6, ...SP8]);

/** Computes the cipher function f(R, K) with small tables, which has the least latency for a single block. */
function f(r: number, oddKey: number, evenKey: number): number {
  const even = r & 0x3f3f3f3f ^ evenKey;
  const odd = (r >>> 4 | r << 28) & 0x3f3f3f3f ^ oddKey;
  return (EVEN[even & 255] ^ EVEN[even >>> 24]) ^ (ODD[odd & 255] ^ ODD[odd >>> 24]) ^
    (EVEN[even >>> 8 & 255] ^ EVEN[even >>> 16 & 255]) ^ (ODD[odd >>> 8 & 255] ^ ODD[odd >>> 16 & 255]);
}

const LARGE: readonly [number, number] = [0x00000040, 0x008000c0];
const PAIRS: readonly (readonly [number[], number[]])[] = [[SP1, SP3], [SP5, SP7], [SP2, SP4], [SP6, SP8]];
const PAIRED: Int32Array = Int32Array.from({ length: 1 << 14 }, (_, i) => {
  const [first, second] = PAIRS[i >> 6 & 3];
  return first[i >> 8] ^ second[i & 63];
});

/** Computes the same with two boxes in each look-up: more latency but half the look-ups, for two blocks at once. */
function pairedF(r: number, oddKey: number, evenKey: number): number {
  const even = r & 0x3f3f3f3f ^ evenKey;
  const odd = (r >>> 4 | r << 28) & 0x3f3f3f3f ^ oddKey;
  return PAIRED[even & 0xffff] ^ PAIRED[even >>> 16] ^ (PAIRED[odd & 0xffff] ^ PAIRED[odd >>> 16]);
}

/** Runs sixteen rounds three times over the block at `i`. FP and IP in between cancel out; the exchange of halves remains. */
function oneBlock(keys: Int32Array, words: Int32Array, i: number): void {
  let left = words[i];
  let right = words[i + 1];
  for (let k = 0; k < 96;) {
    for (const end = k + 32; k < end; k += 4) {
      left ^= f(right, keys[k], keys[k + 1]);
      right ^= f(left, keys[k + 2], keys[k + 3]);
    }
    const exchanged = left;
    left = right;
    right = exchanged;
  }
  words[i] = left;
  words[i + 1] = right;
}

/** Does the same over the two blocks at `i`, interleaved: one block alone does not keep a processor busy. */
function twoBlocks(keys: Int32Array, words: Int32Array, i: number): void {
  let left0 = words[i];
  let right0 = words[i + 1];
  let left1 = words[i + 2];
  let right1 = words[i + 3];
  for (let k = 0; k < 96;) {
    for (const end = k + 32; k < end; k += 4) {
      left0 ^= pairedF(right0, keys[k], keys[k + 1]);
      left1 ^= pairedF(right1, keys[k], keys[k + 1]);
      right0 ^= pairedF(left0, keys[k + 2], keys[k + 3]);
      right1 ^= pairedF(left1, keys[k + 2], keys[k + 3]);
    }
    const exchanged0 = left0;
    left0 = right0;
    right0 = exchanged0;
    const exchanged1 = left1;
    left1 = right1;
    right1 = exchanged1;
  }
  words[i] = left0;
  words[i + 1] = right0;
  words[i + 2] = left1;
  words[i + 3] = right1;
}

// IP and FP are linear, so CBC's chaining (SP 800-38A section 6.2) is done between them, on permuted blocks.

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
  const words = new Int32Array(ciphertext.length + ciphertext.length % 4); // always pairs of blocks
  words.set(ciphertext);
  for (let i = 0; i < words.length; i += 4) twoBlocks(keys, words, i);
  const chain = initialPermutation(iv);
  for (let i = 0; i < ciphertext.length; i++) words[i] ^= i < 2 ? chain[i] : ciphertext[i - 2];
  finalPermutation(words, output);
}

/** Applies the initial permutation IP to whole blocks. Returns two words for each, both rotated left by one. */
function initialPermutation(data: Uint8Array): Int32Array {
  const words = new Int32Array(data.length / 4);
  for (let i = 0, j = 0; i < words.length; i += 2, j += 8) {
    let l = data[j] << 24 | data[j + 1] << 16 | data[j + 2] << 8 | data[j + 3];
    let r = data[j + 4] << 24 | data[j + 5] << 16 | data[j + 6] << 8 | data[j + 7];
    let t = (l >>> 4 ^ r) & 0x0f0f0f0f;
    r ^= t;
    l ^= t << 4;
    t = (l >>> 16 ^ r) & 0xffff;
    r ^= t;
    l ^= t << 16;
    t = (r >>> 2 ^ l) & 0x33333333;
    l ^= t;
    r ^= t << 2;
    t = (r >>> 8 ^ l) & 0x00ff00ff;
    l ^= t;
    r ^= t << 8;
    r = r << 1 | r >>> 31;
    t = (l ^ r) & 0xaaaaaaaa;
    r ^= t;
    l ^= t;
    words[i] = l << 1 | l >>> 31;
    words[i + 1] = r;
  }
  return words;
}

/** Applies the inverse of IP, and writes as many bytes as the output has. */
function finalPermutation(words: Int32Array, output: Uint8Array): void {
  for (let i = 0, j = 0; j < output.length; i += 2, j += 8) {
    let l = words[i];
    let r = words[i + 1];
    l = l >>> 1 | l << 31;
    let t = (l ^ r) & 0xaaaaaaaa;
    l ^= t;
    r ^= t;
    r = r >>> 1 | r << 31;
    t = (r >>> 8 ^ l) & 0x00ff00ff;
    l ^= t;
    r ^= t << 8;
    t = (r >>> 2 ^ l) & 0x33333333;
    l ^= t;
    r ^= t << 2;
    t = (l >>> 16 ^ r) & 0xffff;
    r ^= t;
    l ^= t << 16;
    t = (l >>> 4 ^ r) & 0x0f0f0f0f;
    r ^= t;
    l ^= t << 4;
    output[j] = l >>> 24;
    output[j + 1] = l >>> 16;
    output[j + 2] = l >>> 8;
    output[j + 3] = l;
    output[j + 4] = r >>> 24;
    output[j + 5] = r >>> 16;
    output[j + 6] = r >>> 8;
    output[j + 7] = r;
  }
}
