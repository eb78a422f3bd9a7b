/** What a Noise protocol is made of: a pattern, a cipher function and a hash function, beside X25519. */

import { decryptGcm, encryptGcm } from "../crypto/aes.ts";
import { decryptChaChaPoly, encryptChaChaPoly } from "../crypto/chacha.ts";
import type { Hash } from "../crypto/hash.ts";
import type { HandshakePattern } from "./pattern.ts";

/** A cipher function (Noise specification, section 4.2), under keys of 32 bytes and nonces of 12. */
export interface Cipher {
  /** ENCRYPT: the ciphertext with its 16-byte tag behind it, in `output` where that is given. */
  encrypt(
    key: Uint8Array,
    nonce: Uint8Array,
    ad: Uint8Array,
    plaintext: Uint8Array,
    output?: Uint8Array,
  ): Uint8Array;
  /** DECRYPT: the plaintext; throws a {@link ChannelError} `decrypt` where the ciphertext does not authenticate. */
  decrypt(key: Uint8Array, nonce: Uint8Array, ad: Uint8Array, ciphertext: Uint8Array): Uint8Array;
  /** Which end of the 64-bit number in a nonce comes first. */
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

/** A Noise protocol: the algorithms themselves, so that who uses one protocol carries no other. */
export interface Protocol {
  /** The full name, with which every handshake begins. */
  readonly name: string;
  /** What the handshake's messages do. */
  readonly pattern: HandshakePattern;
  /** What encrypts. */
  readonly cipher: Cipher;
  /** What hashes. */
  readonly hash: Hash;
}
