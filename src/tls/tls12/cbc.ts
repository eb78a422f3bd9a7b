/** Protection of records with a block cipher in CBC mode and a MAC (RFC 5246 section 6.2.3.2). */

import { equalBytes } from "../../bytes.ts";
import type { CbcCipher } from "../../crypto/aes.ts";
import type { Hash } from "../../crypto/hash.ts";
import { createHmac } from "../../crypto/hmac.ts";
import type { RandomBytes } from "../../crypto/random.ts";
import type { ContentType, TlsRecord } from "../record/content.ts";
import { badRecord, type RecordProtection } from "../record/protection.ts";
import { ADDITIONAL_DATA_LENGTH, additionalData } from "./additional_data.ts";
import type { DirectionKeys } from "./key_schedule.ts";

/** The algorithms of a CBC suite. */
export interface CbcAlgorithms {
  readonly blockLength: number;
  readonly mac: Hash;
  readonly cipher: (key: Uint8Array) => CbcCipher;
  readonly random: RandomBytes;
}

/** The common part of the two ways to combine CBC and a MAC. */
class Cbc {
  readonly algorithms: CbcAlgorithms;
  readonly cipher: CbcCipher;
  readonly #macKey: Uint8Array;

  constructor(keys: DirectionKeys, algorithms: CbcAlgorithms) {
    this.algorithms = algorithms;
    this.cipher = algorithms.cipher(keys.key);
    this.#macKey = keys.macKey;
  }

  mac(sequence: number, type: number, data: Uint8Array): Uint8Array {
    return createHmac(this.algorithms.mac, this.#macKey)
      .update(additionalData(sequence, type, data.length)).update(data).digest();
  }
}

/** CBC with the MAC over the ciphertext (RFC 7366), which is checked before decryption. */
export class EncryptThenMacProtection extends Cbc implements RecordProtection {
  sealedLength(length: number): number {
    const { blockLength, mac } = this.algorithms;
    return blockLength + paddedLength(length, blockLength) + mac.outputLen;
  }

  seal(sequence: number, type: ContentType, plaintext: Uint8Array, output: Uint8Array): void {
    const { blockLength, mac, random } = this.algorithms;
    const encrypted = output.subarray(0, output.length - mac.outputLen);
    encryptBlocks(this.cipher, random(blockLength), [plaintext], encrypted);
    output.set(this.mac(sequence, type, encrypted), encrypted.length);
  }

  open(sequence: number, type: ContentType, sealed: Uint8Array): TlsRecord {
    const { blockLength, mac } = this.algorithms;
    const length = sealed.length - mac.outputLen;
    if (length < 2 * blockLength || length % blockLength !== 0) throw badRecord();
    const encrypted = sealed.subarray(0, length);
    if (!equalBytes(this.mac(sequence, type, encrypted), sealed.subarray(length))) throw badRecord();
    const padded = decryptBlocks(this.cipher, encrypted, blockLength);
    const padding = paddingLength(padded, padded.length);
    if (padding === 0) throw badRecord();
    return { type, fragment: padded.subarray(0, padded.length - padding) };
  }
}

/** CBC with the MAC over the plaintext, before the padding (RFC 5246 section 6.2.3.2). */
export class MacThenEncryptProtection extends Cbc implements RecordProtection {
  sealedLength(length: number): number {
    const { blockLength, mac } = this.algorithms;
    return blockLength + paddedLength(length + mac.outputLen, blockLength);
  }

  seal(sequence: number, type: ContentType, plaintext: Uint8Array, output: Uint8Array): void {
    const mac = this.mac(sequence, type, plaintext);
    const { blockLength, random } = this.algorithms;
    encryptBlocks(this.cipher, random(blockLength), [plaintext, mac], output);
  }

  /**
   * Checks the padding and the MAC together. If the padding is wrong, the MAC is computed as if there were no padding (RFC
   * 5246 section 6.2.3.2). The hash function always runs over as many blocks as the longest plaintext needs, so that the
   * time reveals little about the padding ("Lucky Thirteen").
   */
  open(sequence: number, type: ContentType, sealed: Uint8Array): TlsRecord {
    const { blockLength, mac } = this.algorithms;
    const length = sealed.length - blockLength;
    if (length <= mac.outputLen || length % blockLength !== 0) throw badRecord();
    const padded = decryptBlocks(this.cipher, sealed, blockLength);
    const most = length - mac.outputLen;
    const padding = paddingLength(padded, most);
    const plaintext = padded.subarray(0, most - padding);
    const expected = this.mac(sequence, type, plaintext);
    this.#equalizeTime(plaintext.length, most);
    const authentic = equalBytes(
      expected,
      padded.subarray(plaintext.length, plaintext.length + mac.outputLen),
    );
    if (!authentic || padding === 0) throw badRecord();
    return { type, fragment: plaintext };
  }

  /**
   * Hashes one block for each block by which the longest plaintext exceeds this one, and one more, so that it always hashes
   * something.
   */
  #equalizeTime(length: number, most: number): void {
    const { mac } = this.algorithms;
    const lengthField = mac.blockLen / 8;
    const blocks = (size: number) =>
      Math.ceil((ADDITIONAL_DATA_LENGTH + size + 1 + lengthField) / mac.blockLen);
    mac.create().update(MORE_BLOCKS.subarray(0, (blocks(most) - blocks(length) + 1) * mac.blockLen));
  }
}

/** The bytes that are hashed only to take time. They are longer than the longest padding and a block together. */
const MORE_BLOCKS = new Uint8Array(512);

/** Returns the length with padding: at least one byte more, and a multiple of the block length. */
function paddedLength(length: number, blockLength: number): number {
  return length + blockLength - length % blockLength;
}

/** Writes the IV and the encrypted blocks into `output`, padded as RFC 5246 section 6.2.3.2 requires. */
function encryptBlocks(
  cipher: CbcCipher,
  iv: Uint8Array,
  parts: readonly Uint8Array[],
  output: Uint8Array,
): void {
  const padded = new Uint8Array(output.length - iv.length);
  let length = 0;
  for (const part of parts) {
    padded.set(part, length);
    length += part.length;
  }
  padded.fill(padded.length - length - 1, length);
  output.set(iv);
  output.set(cipher.encryptCbc(iv, padded), iv.length);
}

function decryptBlocks(cipher: CbcCipher, encrypted: Uint8Array, blockLength: number): Uint8Array {
  return cipher.decryptCbc(encrypted.subarray(0, blockLength), encrypted.subarray(blockLength));
}

/**
 * Returns the number of padding bytes at the end of `padded`, including the length byte, or 0 if they are not all equal or
 * more than `most`. Always reads the same number of bytes.
 */
function paddingLength(padded: Uint8Array, most: number): number {
  const last = padded[padded.length - 1];
  const looked = Math.min(256, padded.length);
  let difference = 0;
  for (let i = 0; i < looked; i++) {
    const inside = (i - last - 1) >> 31; // -1 within the padding, 0 outside it
    difference |= inside & (padded[padded.length - 1 - i] ^ last);
  }
  const tooLong = (most - last - 1) >> 31;
  const good = ((difference - 1) >> 31) & ~tooLong;
  return (last + 1) & good;
}
