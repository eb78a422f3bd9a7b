/** ChaCha20-Poly1305 (RFC 8439 section 2.8). */

import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { ChannelError } from "../errors.ts";
import { type Aead, checkNonce } from "./aead.ts";

/** ChaCha20-Poly1305 under one key. It is fastest if `output` begins at a multiple of 4 bytes in its buffer. */
export class ChaChaPoly implements Aead {
  readonly #key: Uint8Array;

  /** Takes a copy of a key of 32 bytes. */
  constructor(key: Uint8Array) {
    if (key.length !== 32) throw new RangeError("a ChaCha20 key has 32 bytes");
    this.#key = new Uint8Array(key);
  }

  encrypt(
    nonce: Uint8Array,
    additional: Uint8Array,
    plaintext: Uint8Array,
    output?: Uint8Array,
  ): Uint8Array {
    checkNonce(nonce);
    return chacha20poly1305(this.#key, nonce, additional).encrypt(plaintext, output);
  }

  decrypt(nonce: Uint8Array, additional: Uint8Array, ciphertext: Uint8Array): Uint8Array {
    checkNonce(nonce);
    try {
      return chacha20poly1305(this.#key, nonce, additional).decrypt(ciphertext);
    } catch (cause) {
      throw new ChannelError("decrypt", "the tag of a ChaCha20-Poly1305 ciphertext is wrong", { cause });
    }
  }
}
