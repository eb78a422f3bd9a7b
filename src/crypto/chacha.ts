/** ChaCha20-Poly1305 (RFC 8439 section 2.8). */

import { chacha20 } from "@noble/ciphers/chacha.js";
import { equalBytes } from "../bytes.ts";
import { ChannelError } from "../errors.ts";
import { Poly1305 } from "./poly1305.ts";

const TAG_LENGTH = 16;

/** Block 0 of the key stream gives the one-time key of the tag; the data begins with block 1. */
const FIRST_DATA_BLOCK = 1;

/**
 * Encrypts under a 32-byte key and a 12-byte nonce: the ciphertext with its 16-byte tag behind it, in `output` where it
 * is given. Fastest where `output` begins on a multiple of 4 bytes.
 */
export function encryptChaChaPoly(
  key: Uint8Array,
  nonce: Uint8Array,
  additional: Uint8Array,
  plaintext: Uint8Array,
  output: Uint8Array = new Uint8Array(plaintext.length + TAG_LENGTH),
): Uint8Array {
  if (output.length !== plaintext.length + TAG_LENGTH) {
    throw new RangeError("the output has the wrong length");
  }
  const ciphertext = output.subarray(0, plaintext.length);
  ciphertext.set(plaintext);
  chacha20(key, nonce, ciphertext, ciphertext, FIRST_DATA_BLOCK);
  output.set(tagOf(key, nonce, additional, ciphertext), plaintext.length);
  return output;
}

/** Checks the tag, then decrypts; throws a `decrypt` error where the tag is wrong or cut off. */
export function decryptChaChaPoly(
  key: Uint8Array,
  nonce: Uint8Array,
  additional: Uint8Array,
  ciphertext: Uint8Array,
): Uint8Array {
  const length = ciphertext.length - TAG_LENGTH;
  const data = ciphertext.subarray(0, Math.max(length, 0));
  if (length < 0 || !equalBytes(ciphertext.subarray(length), tagOf(key, nonce, additional, data))) {
    throw new ChannelError("decrypt", "the tag of a ChaCha20-Poly1305 ciphertext is wrong");
  }
  const plaintext = new Uint8Array(data); // slice() of a Node Buffer would be a view of it
  return chacha20(key, nonce, plaintext, plaintext, FIRST_DATA_BLOCK);
}

function tagOf(
  key: Uint8Array,
  nonce: Uint8Array,
  additional: Uint8Array,
  ciphertext: Uint8Array,
): Uint8Array {
  const lengths = new DataView(new ArrayBuffer(16));
  lengths.setUint32(0, additional.length, true);
  lengths.setUint32(8, ciphertext.length, true);
  return new Poly1305(chacha20(key, nonce, new Uint8Array(32)))
    .update(additional)
    .update(ciphertext)
    .update(new Uint8Array(lengths.buffer))
    .digest();
}
