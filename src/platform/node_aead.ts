/** AEADs of `node:crypto`. */

import { type Aead, checkNonce, TAG_LENGTH } from "../crypto/aead.ts";
import { ChannelError } from "../errors.ts";
import { type NodeCrypto, plainBytes } from "./node_crypto.ts";

const OPTIONS = { authTagLength: TAG_LENGTH } as const;

/** An AEAD under one key. */
export class NodeAead implements Aead {
  readonly #crypto: NodeCrypto;
  readonly #algorithm: string;
  readonly #key: Uint8Array;

  /** Takes OpenSSL's name of the algorithm, and a copy of the key. */
  constructor(crypto: NodeCrypto, algorithm: string, key: Uint8Array) {
    this.#crypto = crypto;
    this.#algorithm = algorithm;
    this.#key = new Uint8Array(key);
  }

  encrypt(
    nonce: Uint8Array,
    additional: Uint8Array,
    plaintext: Uint8Array,
    output: Uint8Array = new Uint8Array(plaintext.length + TAG_LENGTH),
  ): Uint8Array {
    checkNonce(nonce);
    const cipher = this.#crypto.createCipheriv(this.#algorithm, this.#key, nonce, OPTIONS);
    cipher.setAAD(additional);
    output.set(cipher.update(plaintext));
    cipher.final();
    output.set(cipher.getAuthTag(), plaintext.length);
    return output;
  }

  decrypt(nonce: Uint8Array, additional: Uint8Array, ciphertext: Uint8Array): Uint8Array {
    checkNonce(nonce);
    const length = ciphertext.length - TAG_LENGTH;
    if (length < 0) throw wrongTag();
    const decipher = this.#crypto.createDecipheriv(this.#algorithm, this.#key, nonce, OPTIONS);
    decipher.setAAD(additional);
    decipher.setAuthTag(ciphertext.subarray(length));
    try {
      const plaintext = decipher.update(ciphertext.subarray(0, length));
      decipher.final();
      return plainBytes(plaintext);
    } catch {
      throw wrongTag(); // workerd throws in update, the others in final
    }
  }
}

function wrongTag(): ChannelError {
  return new ChannelError("decrypt", "the tag of a ciphertext is wrong");
}
