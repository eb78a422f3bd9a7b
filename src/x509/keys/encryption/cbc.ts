/** Ciphers in CBC mode, and their padding to whole blocks (RFC 8018 section 6.1.1 step 4). */

import { concat } from "../../../bytes.ts";
import { Aes } from "../../../crypto/aes.ts";
import { TripleDes } from "../../../crypto/des/mod.ts";
import { ChannelError } from "../../../errors.ts";

/** Decryption in CBC mode under one key. */
export interface CbcDecryption {
  decryptCbc(iv: Uint8Array, data: Uint8Array): Uint8Array;
}

/** A block cipher in CBC mode, with its lengths in bytes. */
export interface CbcScheme {
  readonly keyLength: number;
  readonly blockLength: number;
  readonly create: (key: Uint8Array) => CbcDecryption;
}

/** Ciphers by OpenSSL's names, which the PEM header DEK-Info has too. */
export const CBC_SCHEMES: {
  readonly [Name in "AES-128-CBC" | "AES-192-CBC" | "AES-256-CBC" | "DES-EDE3-CBC"]: CbcScheme;
} = {
  "AES-128-CBC": { keyLength: 16, blockLength: 16, create: (key) => new Aes(key) },
  "AES-192-CBC": { keyLength: 24, blockLength: 16, create: (key) => new Aes(key) },
  "AES-256-CBC": { keyLength: 32, blockLength: 16, create: (key) => new Aes(key) },
  "DES-EDE3-CBC": { keyLength: 24, blockLength: 8, create: (key) => new TripleDes(key) },
};

/** Returns the data with padding. */
export function pad(data: Uint8Array, blockLength: number): Uint8Array {
  const count = blockLength - data.length % blockLength;
  return concat(data, new Uint8Array(count).fill(count));
}

/**
 * Decrypts and removes the padding. Returns undefined if the padding is wrong, which nearly always happens with a wrong
 * passphrase.
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
