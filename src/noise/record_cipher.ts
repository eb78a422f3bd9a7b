/**
 * Encrypts the records of one direction. The nonce is the record's number, and the key changes after every 65,536 records.
 */

import type { DeferredAead, DeferredAeadAlgorithm } from "../crypto/aead.ts";
import { ChannelError } from "../errors.ts";
import { nextKey } from "./cipher_state.ts";
import type { Cipher } from "./protocol.ts";

/** The number of records under one key. */
const RECORDS_PER_KEY = 0x10000;

/** A cipher function with its implementation for records. */
export interface RecordSuite extends Cipher {
  readonly recordAead: DeferredAeadAlgorithm;
}

/** Encrypts or decrypts the records of one direction, in order. Results may be promises. */
export class RecordCipher {
  readonly #suite: RecordSuite;
  #key: Uint8Array;
  #aead: DeferredAead;
  #count = 0;

  /** Takes a key of 32 bytes. */
  constructor(suite: RecordSuite, key: Uint8Array) {
    this.#suite = suite;
    this.#key = key;
    this.#aead = suite.recordAead(key);
  }

  /**
   * Encrypts one record, into `output` if given, which may begin with the plaintext. The caller must not change the plaintext
   * and `output` before the result is available.
   */
  seal(ad: Uint8Array, plaintext: Uint8Array, output?: Uint8Array): Uint8Array | Promise<Uint8Array> {
    const [aead, nonce] = this.#next();
    return aead.encrypt(nonce, ad, plaintext, output);
  }

  /**
   * Decrypts one record.
   *
   * @throws {ChannelError} `"decrypt"` if the record is not authentic.
   */
  open(ad: Uint8Array, ciphertext: Uint8Array): Uint8Array | Promise<Uint8Array> {
    const [aead, nonce] = this.#next();
    return aead.decrypt(nonce, ad, ciphertext);
  }

  /** Returns the key and the nonce of the next record. */
  #next(): [DeferredAead, Uint8Array] {
    if (this.#count === Number.MAX_SAFE_INTEGER) {
      throw new ChannelError("limit", "every nonce of this key was used");
    }
    if (this.#count > 0 && this.#count % RECORDS_PER_KEY === 0) {
      this.#key = nextKey(this.#suite.aead(this.#key));
      this.#aead = this.#suite.recordAead(this.#key);
    }
    return [this.#aead, nonceOf(this.#count++, this.#suite.littleEndianNonce)];
  }
}

/** Returns a nonce: 32 zero bits, followed by the number in 64 bits. */
function nonceOf(number: number, littleEndian: boolean): Uint8Array {
  const nonce = new Uint8Array(12);
  for (let i = 0, rest = number; rest > 0; i++, rest = Math.floor(rest / 256)) {
    nonce[littleEndian ? 4 + i : 11 - i] = rest;
  }
  return nonce;
}
