/** ChaCha20-Poly1305 (RFC 8439 section 2.8). */

import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { ChannelError } from "../errors.ts";

/**
 * Encrypts under a 32-byte key and a 12-byte nonce: the ciphertext with its 16-byte tag behind it, in `output` where it
 * is given. Fastest where `output` begins on a multiple of 4 bytes.
 */
export function encryptChaChaPoly(
  key: Uint8Array,
  nonce: Uint8Array,
  additional: Uint8Array,
  plaintext: Uint8Array,
  output?: Uint8Array,
): Uint8Array {
  return chacha20poly1305(key, nonce, additional).encrypt(plaintext, output);
}

/** Checks the tag, then decrypts; throws a `decrypt` error where the tag is wrong or cut off. */
export function decryptChaChaPoly(
  key: Uint8Array,
  nonce: Uint8Array,
  additional: Uint8Array,
  ciphertext: Uint8Array,
): Uint8Array {
  try {
    return chacha20poly1305(key, nonce, additional).decrypt(ciphertext);
  } catch (cause) {
    throw new ChannelError("decrypt", "the tag of a ChaCha20-Poly1305 ciphertext is wrong", { cause });
  }
}
