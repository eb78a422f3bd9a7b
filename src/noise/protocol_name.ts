/** Protocol names: which pattern, cipher and hash function (Noise specification, sections 8 and 12). */

import { blake2b, blake2s, type Hash, sha256, sha512 } from "../crypto/hash.ts";
import { handshakePattern } from "./patterns.ts";
import { AES_GCM, CHACHA_POLY, type Cipher, type Protocol } from "./protocol.ts";

/** The name of a cipher function (section 12.3 and 12.4). */
export type CipherName = "ChaChaPoly" | "AESGCM";

/** The name of a hash function (sections 12.5 to 12.8). */
export type HashFunctionName = "SHA256" | "SHA512" | "BLAKE2s" | "BLAKE2b";

const CIPHERS: ReadonlyMap<string, Cipher> = new Map<CipherName, Cipher>([
  ["ChaChaPoly", CHACHA_POLY],
  ["AESGCM", AES_GCM],
]);

const HASHES: ReadonlyMap<string, Hash> = new Map<HashFunctionName, Hash>([
  ["SHA256", sha256],
  ["SHA512", sha512],
  ["BLAKE2s", blake2s],
  ["BLAKE2b", blake2b],
]);

/**
 * The cipher function of this name.
 *
 * @throws {RangeError} no cipher has this name.
 * @example
 * ```ts
 * import { cipherByName, CipherState } from "@fesa/channel/noise";
 *
 * const cipher = new CipherState(cipherByName("AESGCM"));
 * console.log(cipher.hasKey()); // false
 * ```
 */
export function cipherByName(name: CipherName): Cipher {
  const cipher = CIPHERS.get(name);
  if (cipher === undefined) throw new RangeError(`no Noise cipher is called ${name}`);
  return cipher;
}

/**
 * The protocol of this name: a pattern, perhaps with modifiers, and algorithms.
 *
 * @param name Such as `Noise_XXpsk3_25519_ChaChaPoly_SHA256`.
 * @throws {RangeError} the protocol name is not known.
 * @example
 * ```ts
 * import { protocolByName } from "@fesa/channel/noise";
 *
 * console.log(protocolByName("Noise_XX_25519_AESGCM_BLAKE2b").pattern.messages.length); // 3
 * ```
 */
export function protocolByName(name: string): Protocol {
  const [prefix, pattern, dh, cipherName, hashName, ...rest] = name.split("_");
  const cipher = CIPHERS.get(cipherName);
  const hash = HASHES.get(hashName);
  if (prefix !== "Noise" || dh !== "25519" || !cipher || !hash || rest.length > 0) {
    throw new RangeError(`no Noise protocol is called ${name}`);
  }
  return { name, pattern: handshakePattern(pattern), cipher, hash };
}
