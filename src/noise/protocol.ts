/** What a Noise protocol is made of: a pattern, a cipher function and a hash function, beside X25519. */

import { decryptGcm, encryptGcm } from "../crypto/aes.ts";
import { decryptChaChaPoly, encryptChaChaPoly } from "../crypto/chacha.ts";
import type { Hash } from "../crypto/hash.ts";
import type { HandshakePattern } from "./pattern.ts";

/** A cipher function, and which end of its 64-bit nonce comes first. */
export interface Cipher {
  readonly encrypt: typeof encryptChaChaPoly;
  readonly decrypt: typeof decryptChaChaPoly;
  readonly littleEndianNonce: boolean;
}

/** Noise specification, section 12.3. */
export const CHACHA_POLY: Cipher = {
  encrypt: encryptChaChaPoly,
  decrypt: decryptChaChaPoly,
  littleEndianNonce: true,
};

/** Section 12.4. */
export const AES_GCM: Cipher = { encrypt: encryptGcm, decrypt: decryptGcm, littleEndianNonce: false };

/** The algorithms themselves, so that who uses one protocol carries no other. */
export interface Protocol {
  /** The full name, with which every handshake begins. */
  readonly name: string;
  readonly pattern: HandshakePattern;
  readonly cipher: Cipher;
  readonly hash: Hash;
}
