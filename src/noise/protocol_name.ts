/** Protocol names and the algorithms that they stand for (Noise specification, sections 8 and 12). */

import { blake2b, blake2s, type Hash, sha256, sha512 } from "../crypto/hash.ts";
import { aesGcm } from "../platform/aes_gcm.ts";
import { chaChaPoly } from "../platform/chacha_poly.ts";
import { checkCryptoChoice, type CryptoChoice } from "../platform/choose.ts";
import { x25519 } from "../platform/x25519.ts";
import { handshakePattern } from "./patterns.ts";
import type { Cipher, CipherName, Protocol } from "./protocol.ts";

/** The name of a hash function (sections 12.5 to 12.8). */
export type HashFunctionName = "SHA256" | "SHA512" | "BLAKE2s" | "BLAKE2b";

/** The choice of the cryptographic implementation. */
export interface CryptoOptions {
  /**
   * `"platform"`, the default, uses the runtime's own cryptography if that works and is faster; `"pure"` uses this library's
   * TypeScript alone.
   */
  readonly crypto?: CryptoChoice;
}

const HASHES: ReadonlyMap<string, Hash> = new Map<HashFunctionName, Hash>([
  ["SHA256", sha256],
  ["SHA512", sha512],
  ["BLAKE2s", blake2s],
  ["BLAKE2b", blake2b],
]);

/**
 * Returns the cipher function with this name.
 *
 * @throws {RangeError} If no cipher has this name.
 * @throws {TypeError} If `crypto` is unknown.
 * @example
 * ```ts
 * import { cipherByName, CipherState } from "@fesa/channel/noise";
 *
 * const cipher = new CipherState(cipherByName("AESGCM"));
 * console.log(cipher.hasKey()); // false
 * ```
 */
export function cipherByName(name: CipherName, { crypto = "platform" }: CryptoOptions = {}): Cipher {
  checkCryptoChoice(crypto);
  if (name === "ChaChaPoly") return { aead: chaChaPoly(crypto), littleEndianNonce: true };
  if (name === "AESGCM") return { aead: aesGcm(crypto), littleEndianNonce: false };
  throw new RangeError(`no Noise cipher is called ${name}`);
}

/**
 * Returns the protocol with this name: a pattern, optionally with modifiers, and algorithms.
 *
 * @param name Such as `Noise_XXpsk3_25519_ChaChaPoly_SHA256`.
 * @throws {RangeError} If the protocol name is unknown.
 * @throws {TypeError} If `crypto` is unknown.
 * @example
 * ```ts
 * import { protocolByName } from "@fesa/channel/noise";
 *
 * console.log(protocolByName("Noise_XX_25519_AESGCM_BLAKE2b").pattern.messages.length); // 3
 * ```
 */
export function protocolByName(name: string, options: CryptoOptions = {}): Protocol {
  const [prefix, pattern, dh, cipherName, hashName, ...rest] = name.split("_");
  const hash = HASHES.get(hashName);
  const known = cipherName === "ChaChaPoly" || cipherName === "AESGCM";
  if (prefix !== "Noise" || dh !== "25519" || !known || !hash || rest.length > 0) {
    throw new RangeError(`no Noise protocol is called ${name}`);
  }
  const cipher = cipherByName(cipherName, options);
  return { name, pattern: handshakePattern(pattern), dh: x25519(options.crypto ?? "platform"), cipher, hash };
}
