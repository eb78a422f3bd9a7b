/** The rounds of triple DES (FIPS 46-3), on one block or on two at once. */

import type { RoundKey } from "./key_schedule.ts";
import { P, S } from "./tables.ts";

/** Returns an S-box combined with P: 64 words, each rotated left by one like the halves of a block. */
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

// The expansion E is read from a half in two ways. Rotated right by four, the half holds the inputs of S1, S3, S5 and S7,
// one in each byte; unrotated, it holds those of S2, S4, S6 and S8. An input takes the lower six bits of its byte. The upper
// two are free for the number of the box. The round keys set these bits, so that a look-up needs no offset.

const ODD: Int32Array = Int32Array.from([...SP1, ...SP3, ...SP5, ...SP7]);
const EVEN: Int32Array = Int32Array.from([...SP2, ...SP4, ...SP6, ...SP8]);

/** Returns the keys of 48 rounds for {@link oneBlock}, with the numbers of the boxes. */
export function keysForOne(rounds: readonly RoundKey[]): Int32Array {
  return Int32Array.from(rounds.flatMap(([odd, even]) => [odd ^ 0x004080c0, even ^ 0x004080c0]));
}

/** Computes the cipher function f(R, K) with small tables, which is the fastest way for a single block. */
function f(r: number, oddKey: number, evenKey: number): number {
  const even = r & 0x3f3f3f3f ^ evenKey;
  const odd = (r >>> 4 | r << 28) & 0x3f3f3f3f ^ oddKey;
  return (EVEN[even & 255] ^ EVEN[even >>> 24]) ^ (ODD[odd & 255] ^ ODD[odd >>> 24]) ^
    (EVEN[even >>> 8 & 255] ^ EVEN[even >>> 16 & 255]) ^ (ODD[odd >>> 8 & 255] ^ ODD[odd >>> 16 & 255]);
}

const PAIRS: readonly (readonly [number[], number[]])[] = [[SP1, SP3], [SP5, SP7], [SP2, SP4], [SP6, SP8]];
const PAIRED: Int32Array = Int32Array.from({ length: 1 << 14 }, (_, i) => {
  const [first, second] = PAIRS[i >> 6 & 3];
  return first[i >> 8] ^ second[i & 63];
});

/** Returns the keys of 48 rounds for {@link twoBlocks}, with the numbers of the pairs of boxes. */
export function keysForTwo(rounds: readonly RoundKey[]): Int32Array {
  return Int32Array.from(rounds.flatMap(([odd, even]) => [odd ^ 0x00000040, even ^ 0x008000c0]));
}

/**
 * Computes f(R, K) with two boxes in each look-up. This halves the look-ups but raises their latency, so it suits two blocks
 * at once.
 */
function pairedF(r: number, oddKey: number, evenKey: number): number {
  const even = r & 0x3f3f3f3f ^ evenKey;
  const odd = (r >>> 4 | r << 28) & 0x3f3f3f3f ^ oddKey;
  return PAIRED[even & 0xffff] ^ PAIRED[even >>> 16] ^ (PAIRED[odd & 0xffff] ^ PAIRED[odd >>> 16]);
}

/**
 * Runs sixteen rounds three times over the block at `i`. Between them FP and IP cancel out, and only the exchange of halves
 * remains.
 */
export function oneBlock(keys: Int32Array, words: Int32Array, i: number): void {
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

/** Does the same for the two blocks at `i`, interleaved, because one block alone does not keep a processor busy. */
export function twoBlocks(keys: Int32Array, words: Int32Array, i: number): void {
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
