/** AES in CBC mode. */

import { equalBytes } from "../bytes.ts";
import { Aes, type CbcCipher } from "../crypto/aes.ts";
import { chooser, type CryptoChoice } from "./choose.ts";
import { type Cipher, type Decipher, type NodeCrypto, plainBytes } from "./node_crypto.ts";

/** Returns AES in CBC mode, for keys of 16, 24 and 32 bytes. */
export const aesCbc: (choice: CryptoChoice) => (key: Uint8Array) => CbcCipher = chooser("AES-CBC", {
  pure: (key: Uint8Array): CbcCipher => new Aes(key),
  node: (crypto) => (key) => key.length === 24 ? new Aes(key) : new NodeAesCbc(crypto, key), // Deno lacks AES-192
  works: (native) => {
    const data = Uint8Array.from({ length: 32 }, (_, i) => i);
    const [iv, cipher] = [data.subarray(16), native(data)];
    const encrypted = cipher.encryptCbc(iv, data);
    return equalBytes(encrypted, new Aes(data).encryptCbc(iv, data)) &&
      equalBytes(cipher.decryptCbc(iv, encrypted), data);
  },
});

/** AES in CBC mode by `node:crypto`, under one key. */
class NodeAesCbc implements CbcCipher {
  readonly #crypto: NodeCrypto;
  readonly #algorithm: string;
  readonly #key: Uint8Array;

  /** Takes a copy of a key of 16, 24 or 32 bytes. */
  constructor(crypto: NodeCrypto, key: Uint8Array) {
    this.#crypto = crypto;
    this.#algorithm = `aes-${8 * key.length}-cbc`;
    this.#key = new Uint8Array(key);
  }

  encryptCbc(iv: Uint8Array, data: Uint8Array): Uint8Array {
    return wholeBlocks(this.#crypto.createCipheriv(this.#algorithm, this.#key, iv), data);
  }

  decryptCbc(iv: Uint8Array, data: Uint8Array): Uint8Array {
    return wholeBlocks(this.#crypto.createDecipheriv(this.#algorithm, this.#key, iv), data);
  }
}

/** Encrypts or decrypts whole blocks, without padding. */
function wholeBlocks(cipher: Cipher | Decipher, data: Uint8Array): Uint8Array {
  cipher.setAutoPadding(false);
  const output = cipher.update(data);
  cipher.final();
  return plainBytes(output);
}
