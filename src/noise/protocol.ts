/** What a Noise protocol is made of: a pattern, a DH function, a cipher function and a hash function. */

import type { AeadAlgorithm } from "../crypto/aead.ts";
import type { KeyAgreement } from "../crypto/ec/key_agreement.ts";
import type { Hash } from "../crypto/hash.ts";
import type { HandshakePattern } from "./pattern.ts";

/** The name of a cipher function (Noise specification, sections 12.3 and 12.4). */
export type CipherName = "ChaChaPoly" | "AESGCM";

/** A cipher function (section 4.2), under keys of 32 bytes and nonces of 12. */
export interface Cipher {
  /** ENCRYPT and DECRYPT under a key. */
  readonly aead: AeadAlgorithm;
  /** Which end of the 64-bit number in a nonce comes first. */
  readonly littleEndianNonce: boolean;
}

/** A Noise protocol: the algorithms themselves, so that who uses one protocol carries no other. */
export interface Protocol {
  /** The full name, with which every handshake begins. */
  readonly name: string;
  /** What the handshake's messages do. */
  readonly pattern: HandshakePattern;
  /** What agrees on secrets: X25519 (section 12.1). */
  readonly dh: KeyAgreement;
  /** What encrypts. */
  readonly cipher: Cipher;
  /** What hashes. */
  readonly hash: Hash;
}
