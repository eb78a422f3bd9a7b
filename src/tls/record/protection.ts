/** How one direction's records are protected: AEAD (RFC 5246 section 6.2.3.3) and CBC with a MAC (6.2.3.2). */

import { concat, equalBytes } from "../../bytes.ts";
import type { ChannelError } from "../../errors.ts";
import { AesGcm, type CbcCipher } from "../../crypto/aes.ts";
import { type Hash, hmac } from "../../crypto/hash.ts";
import type { RandomBytes } from "../../crypto/random.ts";
import { fatalAlert } from "../alerts.ts";
import type { ContentType, TlsRecord } from "./content.ts";

/** The keys of one direction, as the key block gives them. */
export interface DirectionKeys {
  readonly macKey: Uint8Array;
  readonly key: Uint8Array;
  /** The implicit part of an AEAD nonce (RFC 5288 section 3); empty for CBC suites. */
  readonly fixedIv: Uint8Array;
}

/** Protects and opens the fragments of one direction. */
export interface RecordProtection {
  /** The content type that stands in the header of every record, if the protection hides the content's own. */
  readonly outerType?: ContentType;
  /** How long the protected form of `length` bytes is. */
  sealedLength(length: number): number;
  /** Writes the protected form of `plaintext` into `output`, which is exactly as long as that. */
  seal(sequence: number, type: ContentType, plaintext: Uint8Array, output: Uint8Array): void;
  /** Returns what was protected; throws one and the same `bad_record_mac` whatever is wrong. */
  open(sequence: number, type: ContentType, sealed: Uint8Array): TlsRecord;
}

const TAG_LENGTH = 16;
const EXPLICIT_NONCE_LENGTH = 8;

/** AES-GCM (RFC 5288): the explicit half of the nonce is the sequence number, which never repeats under a key. */
export class GcmProtection implements RecordProtection {
  readonly #cipher: AesGcm;
  readonly #fixedIv: Uint8Array;

  constructor(keys: DirectionKeys) {
    this.#cipher = new AesGcm(keys.key);
    this.#fixedIv = keys.fixedIv;
  }

  sealedLength(length: number): number {
    return EXPLICIT_NONCE_LENGTH + length + TAG_LENGTH;
  }

  seal(sequence: number, type: ContentType, plaintext: Uint8Array, output: Uint8Array): void {
    const explicit = sequenceBytes(sequence);
    const additional = pseudoHeader(sequence, type, plaintext.length);
    output.set(explicit);
    const nonce = this.#nonce(explicit);
    this.#cipher.encrypt(nonce, additional, plaintext, output.subarray(EXPLICIT_NONCE_LENGTH));
  }

  open(sequence: number, type: ContentType, sealed: Uint8Array): TlsRecord {
    const length = sealed.length - EXPLICIT_NONCE_LENGTH - TAG_LENGTH;
    if (length < 0) throw badRecord();
    const nonce = this.#nonce(sealed.subarray(0, EXPLICIT_NONCE_LENGTH));
    const additional = pseudoHeader(sequence, type, length);
    try {
      return {
        type,
        fragment: this.#cipher.decrypt(nonce, additional, sealed.subarray(EXPLICIT_NONCE_LENGTH)),
      };
    } catch {
      throw badRecord();
    }
  }

  #nonce(explicit: Uint8Array): Uint8Array {
    return concat(this.#fixedIv, explicit);
  }
}

/** What a CBC suite is made of. */
export interface CbcAlgorithms {
  readonly blockLength: number;
  readonly mac: Hash;
  readonly cipher: (key: Uint8Array) => CbcCipher;
  readonly random: RandomBytes;
}

/** What both ways of joining CBC and a MAC are made of. */
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
    return hmac.create(this.algorithms.mac, this.#macKey)
      .update(pseudoHeader(sequence, type, data.length)).update(data).digest();
  }
}

/** CBC with the MAC over the ciphertext (RFC 7366): checked before anything is decrypted. */
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

/** CBC with the MAC over the plaintext, inside the padding, as RFC 5246 section 6.2.3.2 has it. */
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
   * The padding and the MAC are judged together: with bad padding the MAC is computed as if there were none
   * (RFC 5246 section 6.2.3.2), and the hash function runs over as many blocks as the longest plaintext would
   * need, so that the time tells little about the padding ("Lucky Thirteen").
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

  #equalizeTime(length: number, most: number): void {
    const { mac } = this.algorithms;
    const lengthField = mac.blockLen / 8;
    const blocks = (size: number) =>
      Math.ceil((PSEUDO_HEADER_LENGTH + size + 1 + lengthField) / mac.blockLen);
    mac.create().update(new Uint8Array((blocks(most) - blocks(length)) * mac.blockLen));
  }
}

const PSEUDO_HEADER_LENGTH = 13;
const VERSION = 0x0303;

/** seq_num + type + version + length: what a MAC and an AEAD authenticate beside the data. */
function pseudoHeader(sequence: number, type: number, length: number): Uint8Array {
  const header = new Uint8Array(PSEUDO_HEADER_LENGTH);
  header.set(sequenceBytes(sequence));
  header[8] = type;
  header[9] = VERSION >> 8;
  header[10] = VERSION & 0xff;
  header[11] = length >> 8;
  header[12] = length & 0xff;
  return header;
}

function sequenceBytes(sequence: number): Uint8Array {
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, Math.floor(sequence / 2 ** 32));
  view.setUint32(4, sequence >>> 0);
  return bytes;
}

/** The length with at least one byte of padding, in whole blocks. */
function paddedLength(length: number, blockLength: number): number {
  return length + blockLength - length % blockLength;
}

/** IV and encrypted blocks into `output`, padded as RFC 5246 section 6.2.3.2 says. */
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
 * How many bytes of padding end `padded`, its length byte included; 0 where they are not all alike or are
 * more than `most`. Looks at the same number of bytes whatever it finds.
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

/** The one error of every record that cannot be opened. */
export function badRecord(): ChannelError {
  return fatalAlert("bad_record_mac", "a record did not authenticate");
}
