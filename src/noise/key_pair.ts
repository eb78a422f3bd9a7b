/** Generates key pairs, so that users of this module need no other module. */

import { type RandomBytes, randomBytes } from "../crypto/random.ts";
import type { KeyPair } from "../crypto/ec/key_agreement.ts";
import { x25519 } from "../crypto/ec/x25519.ts";

/**
 * Returns a fresh X25519 key pair (RFC 7748). Each key has 32 bytes.
 *
 * @param random The source of the secret key; the platform's random generator by default.
 * @example
 * ```ts
 * import { generateKeyPair } from "@fesa/channel/noise";
 *
 * const { publicKey, secretKey } = generateKeyPair();
 * console.log(publicKey.length, secretKey.length);
 * ```
 */
export function generateKeyPair(random: RandomBytes = randomBytes): KeyPair {
  return x25519.generateKeyPair(random);
}
