/** AES in the two modes that TLS uses: GCM (SP 800-38D) and CBC (SP 800-38A). */

import { cbc, ctr } from "@noble/ciphers/aes.js";
import { equalBytes } from "../bytes.ts";
import { ChannelError } from "../errors.ts";
import { type Aead, checkNonce, TAG_LENGTH } from "./aead.ts";
import { Ghash } from "./ghash.ts";

const BLOCK = 16;

/** AES in Galois/Counter Mode under one key. */
export class AesGcm implements Aead {
  readonly #key: Uint8Array;
  readonly #ghash: Ghash;

  /** Takes a copy of a key of 16, 24 or 32 bytes. */
  constructor(key: Uint8Array) {
    this.#key = new Uint8Array(key);
    const zeros = new Uint8Array(BLOCK);
    this.#ghash = new Ghash(ctr(this.#key, zeros).encrypt(zeros));
  }

  /** Returns the ciphertext followed by its 16-byte tag, written to `output` if given (SP 800-38D section 7.1). */
  encrypt(
    nonce: Uint8Array,
    additional: Uint8Array,
    plaintext: Uint8Array,
    output: Uint8Array = new Uint8Array(plaintext.length + TAG_LENGTH),
  ): Uint8Array {
    const text = new Uint8Array(plaintext);
    this.#crypt(nonce, 2, text);
    output.set(text);
    output.set(this.#tag(nonce, additional, text), text.length);
    return output;
  }

  /** Checks the tag, then decrypts (section 7.2); throws a `decrypt` error if the tag is wrong or cut off. */
  decrypt(nonce: Uint8Array, additional: Uint8Array, ciphertext: Uint8Array): Uint8Array {
    const text = new Uint8Array(ciphertext.subarray(0, -TAG_LENGTH));
    const tag = ciphertext.subarray(text.length);
    if (!equalBytes(this.#tag(nonce, additional, text), tag)) {
      throw new ChannelError("decrypt", "the tag of an AES-GCM ciphertext is wrong");
    }
    this.#crypt(nonce, 2, text);
    return text;
  }

  #tag(nonce: Uint8Array, additional: Uint8Array, ciphertext: Uint8Array): Uint8Array {
    const tag = this.#ghash.digest(additional, ciphertext);
    this.#crypt(nonce, 1, tag);
    return tag;
  }

  /** Applies GCTR (section 6.5) in place. The counter starts at `count`: 1 for the tag, 2 for the text. */
  #crypt(nonce: Uint8Array, count: number, text: Uint8Array): void {
    checkNonce(nonce);
    const block = new Uint8Array(BLOCK);
    block.set(nonce);
    block[BLOCK - 1] = count;
    ctr(this.#key, block).encrypt(text, text);
  }
}

/** A block cipher under one key, in CBC mode on whole blocks. */
export interface CbcCipher {
  /** Encrypts whole blocks, without padding. */
  encryptCbc(iv: Uint8Array, data: Uint8Array): Uint8Array;
  /** Decrypts whole blocks, without removing padding. */
  decryptCbc(iv: Uint8Array, data: Uint8Array): Uint8Array;
}

/** AES in CBC mode under one key. */
export class Aes implements CbcCipher {
  readonly #key: Uint8Array;

  /** Takes a key of 16, 24 or 32 bytes. */
  constructor(key: Uint8Array) {
    this.#key = key;
  }

  encryptCbc(iv: Uint8Array, data: Uint8Array): Uint8Array {
    return cbc(this.#key, iv, { disablePadding: true }).encrypt(data);
  }

  decryptCbc(iv: Uint8Array, data: Uint8Array): Uint8Array {
    return cbc(this.#key, iv, { disablePadding: true }).decrypt(data);
  }
}
