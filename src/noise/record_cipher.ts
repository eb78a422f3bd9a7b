/** Encrypts one direction's records: the key changes after every 65,536 records, and nonces count up. */

import type { DeferredAead, DeferredAeadAlgorithm } from "../crypto/aead.ts";
import { ChannelError } from "../errors.ts";
import { nextKey } from "./cipher_state.ts";
import type { Cipher } from "./protocol.ts";

/** Records under one key. */
const RECORDS_PER_KEY = 0x10000;

/** A cipher function, and its implementation for records. */
export interface RecordSuite extends Cipher {
  readonly recordAead: DeferredAeadAlgorithm;
}

/** Seals or opens the records of one direction, in order. Results may come later, as promises. */
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

  /** Seals one record, into `output` if given. The plaintext and `output` must not change before that is done. */
  seal(ad: Uint8Array, plaintext: Uint8Array, output?: Uint8Array): Uint8Array | Promise<Uint8Array> {
    const [aead, nonce] = this.#next();
    return aead.encrypt(nonce, ad, plaintext, output);
  }

  /**
   * Opens one record.
   *
   * @throws {ChannelError} `"decrypt"` if it does not authenticate.
   */
  open(ad: Uint8Array, ciphertext: Uint8Array): Uint8Array | Promise<Uint8Array> {
    const [aead, nonce] = this.#next();
    return aead.decrypt(nonce, ad, ciphertext);
  }

  /** The key and the nonce of the next record. */
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

/** 32 bits of zeros, followed by the number in 64 bits. */
function nonceOf(number: number, littleEndian: boolean): Uint8Array {
  const nonce = new Uint8Array(12);
  for (let i = 0, rest = number; rest > 0; i++, rest = Math.floor(rest / 256)) {
    nonce[littleEndian ? 4 + i : 11 - i] = rest;
  }
  return nonce;
}
