/** Protocol names: which pattern, cipher and hash function (Noise specification, sections 8 and 12). */

import { decryptGcm, encryptGcm } from "../crypto/aes.ts";
import { decryptChaChaPoly, encryptChaChaPoly } from "../crypto/chacha.ts";
import { blake2b, blake2s, type Hash, sha256, sha512 } from "../crypto/hash.ts";
import { type HandshakePattern, handshakePattern } from "./patterns.ts";

/** The name of a cipher function (section 12.3 and 12.4). */
export type CipherName = "ChaChaPoly" | "AESGCM";

/** The name of a hash function (sections 12.5 to 12.8). */
export type HashFunctionName = "SHA256" | "SHA512" | "BLAKE2s" | "BLAKE2b";

/** A cipher function, and which end of its 64-bit nonce comes first. */
export interface Cipher {
  readonly encrypt: typeof encryptChaChaPoly;
  readonly decrypt: typeof decryptChaChaPoly;
  readonly littleEndianNonce: boolean;
}

const CIPHERS: ReadonlyMap<string, Cipher> = new Map<CipherName, Cipher>([
  ["ChaChaPoly", { encrypt: encryptChaChaPoly, decrypt: decryptChaChaPoly, littleEndianNonce: true }],
  ["AESGCM", { encrypt: encryptGcm, decrypt: decryptGcm, littleEndianNonce: false }],
]);

const HASHES: ReadonlyMap<string, Hash> = new Map<HashFunctionName, Hash>([
  ["SHA256", sha256],
  ["SHA512", sha512],
  ["BLAKE2s", blake2s],
  ["BLAKE2b", blake2b],
]);

/** What a protocol name stands for. */
export interface Protocol {
  readonly name: string;
  readonly pattern: HandshakePattern;
  readonly cipherName: CipherName;
  readonly hash: Hash;
}

/** The cipher function of this name; throws `RangeError` where there is none. */
export function cipherByName(name: string): Cipher {
  const cipher = CIPHERS.get(name);
  if (cipher === undefined) throw new RangeError(`no Noise cipher is called ${name}`);
  return cipher;
}

/** Reads a name such as `Noise_XX_25519_ChaChaPoly_SHA256`; throws `RangeError` on one that is not known. */
export function parseProtocolName(name: string): Protocol {
  const [prefix, pattern, dh, cipher, hash, ...rest] = name.split("_");
  const hashFunction = HASHES.get(hash);
  if (prefix !== "Noise" || dh !== "25519" || !CIPHERS.has(cipher) || !hashFunction || rest.length > 0) {
    throw new RangeError(`no Noise protocol is called ${name}`);
  }
  return {
    name,
    pattern: handshakePattern(pattern),
    cipherName: cipher as CipherName,
    hash: hashFunction,
  };
}
