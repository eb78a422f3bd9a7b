/** AES-256 in the two modes that TLS uses: GCM (SP 800-38D) and CBC (SP 800-38A). */

import { cbc, gcm } from "@noble/ciphers/aes.js";
import { ChannelError } from "../errors.ts";

/** AES in Galois/Counter Mode: the ciphertext with its 16-byte tag behind it, in `output` where it is given. */
export function encryptGcm(
  key: Uint8Array,
  nonce: Uint8Array,
  additional: Uint8Array,
  plaintext: Uint8Array,
  output?: Uint8Array,
): Uint8Array {
  const sealed = gcm(key, nonce, additional).encrypt(plaintext);
  if (output === undefined) return sealed;
  output.set(sealed);
  return output;
}

/** Checks the tag, then decrypts; throws a `decrypt` error where the tag is wrong or cut off. */
export function decryptGcm(
  key: Uint8Array,
  nonce: Uint8Array,
  additional: Uint8Array,
  ciphertext: Uint8Array,
): Uint8Array {
  try {
    return gcm(key, nonce, additional).decrypt(ciphertext);
  } catch (cause) {
    throw new ChannelError("decrypt", "the tag of an AES-GCM ciphertext is wrong", { cause });
  }
}

/** A block cipher under one key, in CBC mode on whole blocks. */
export interface CbcCipher {
  /** Encrypts whole blocks, without padding. */
  encryptCbc(iv: Uint8Array, data: Uint8Array): Uint8Array;
  /** Decrypts whole blocks, without looking at padding. */
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
