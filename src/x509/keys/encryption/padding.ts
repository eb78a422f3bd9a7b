/** Ciphers in CBC mode, and their padding to whole blocks (RFC 8018 section 6.1.1 step 4). */

import { concat } from "../../../bytes.ts";
import { ChannelError } from "../../../errors.ts";

/** Decryption in CBC mode under one key. */
export interface CbcDecryption {
  decryptCbc(iv: Uint8Array, data: Uint8Array): Uint8Array;
}

/** Returns the data with padding. */
export function pad(data: Uint8Array, blockLength: number): Uint8Array {
  const count = blockLength - data.length % blockLength;
  return concat(data, new Uint8Array(count).fill(count));
}

/**
 * Decrypts and removes the padding. Returns undefined if the padding is wrong, as it nearly always is with a wrong passphrase.
 *
 * @throws {ChannelError} `"malformed"` if the ciphertext is not whole blocks.
 */
export function decryptPadded(
  cipher: CbcDecryption,
  iv: Uint8Array,
  ciphertext: Uint8Array,
): Uint8Array | undefined {
  const blockLength = iv.length;
  if (ciphertext.length === 0 || ciphertext.length % blockLength !== 0) {
    throw new ChannelError("malformed", "the ciphertext is not whole blocks");
  }
  const data = cipher.decryptCbc(iv, ciphertext);
  const count = data[data.length - 1];
  const padding = data.subarray(data.length - count);
  if (count < 1 || count > blockLength || padding.some((byte) => byte !== count)) return undefined;
  return data.subarray(0, data.length - count);
}
