/** Derives a shared secret from a passphrase. */

import { toUtf8 } from "../bytes.ts";
import { scryptAsync, type ScryptCost } from "../crypto/kdf.ts";
import { KEY_LENGTH } from "./cipher_state.ts";

/** The cost: 128 MiB of memory and about a second, for each guess of an attacker too. */
const COST: ScryptCost = { N: 2 ** 17, r: 8, p: 1 };

/**
 * The minimum length of the salt, in bytes. With shorter salts, one table of guesses could be used against many
 * installations.
 */
const MIN_SALT_LENGTH = 8;

/**
 * Derives the 32-byte secret of the native setting from a passphrase with scrypt (RFC 7914, N = 131,072, r = 8, p = 1). This
 * takes 128 MiB of memory and about a second, so derive the secret once and keep it. A random secret of 32 bytes is better
 * and needs no derivation.
 *
 * @param passphrase The passphrase, which is encoded as UTF-8 in Unicode normalization form C.
 * @param salt A random value, or the server's full name; at least 8 bytes, and a string is encoded as UTF-8. It must be the
 * same on both sides and should differ between installations. It is not secret.
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
