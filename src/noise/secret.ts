/** Derives a shared secret from a passphrase. */

import { toUtf8 } from "../bytes.ts";
import { scryptAsync, type ScryptCost } from "../crypto/kdf.ts";
import { KEY_LENGTH } from "./cipher_state.ts";

/** 128 MiB of memory and about a second, which each guess costs an attacker too. */
const COST: ScryptCost = { N: 2 ** 17, r: 8, p: 1 };

/** A shorter salt would let one table of guesses be used against many installations. */
const MIN_SALT_LENGTH = 8;

/**
 * Stretches a passphrase into the 32-byte secret of the native setting by scrypt (RFC 7914) with N = 131,072, r = 8 and
 * p = 1, which takes 128 MiB of memory and about a second. Do it once and keep the result. A random secret of 32 bytes is
 * better still and needs no derivation.
 *
 * @param passphrase Taken in Unicode normalization form C, as UTF-8.
 * @param salt Not secret, the same on both sides, different for each installation, at least 8 bytes (a string is taken as its
 * UTF-8): a random value, or the server's full name.
 * @throws {RangeError} If the passphrase is empty, or the salt too short.
 * @example
 * ```ts
 * import { deriveSecret } from "@fesa/channel/noise";
 *
 * const secret = await deriveSecret("correct horse battery staple", "app.example.com");
 * console.log(secret.length);
 * ```
 */
export async function deriveSecret(passphrase: string, salt: Uint8Array | string): Promise<Uint8Array> {
  const saltBytes = typeof salt === "string" ? toUtf8(salt) : salt;
  if (passphrase === "") throw new RangeError("a passphrase must not be empty");
  if (saltBytes.length < MIN_SALT_LENGTH) {
    throw new RangeError(`a salt must have at least ${MIN_SALT_LENGTH} bytes`);
  }
  return await scryptAsync(toUtf8(passphrase.normalize("NFC")), saltBytes, COST, KEY_LENGTH);
}
