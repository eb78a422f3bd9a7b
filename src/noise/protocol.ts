/** The parts of a Noise protocol: a pattern, a DH function, a cipher function and a hash function. */

import type { AeadAlgorithm } from "../crypto/aead.ts";
import type { KeyAgreement } from "../crypto/ec/key_agreement.ts";
import type { Hash } from "../crypto/hash.ts";
import type { HandshakePattern } from "./pattern.ts";

/** The name of a cipher function (Noise specification, sections 12.3 and 12.4). */
export type CipherName = "ChaChaPoly" | "AESGCM";

/** A cipher function (section 4.2), with keys of 32 bytes and nonces of 12 bytes. */
export interface Cipher {
  /** ENCRYPT and DECRYPT under a key. */
  readonly aead: AeadAlgorithm;
  /** Whether the 64-bit number in a nonce is little-endian. */
  readonly littleEndianNonce: boolean;
}

/** A Noise protocol. It refers to the algorithms themselves, so that a program bundles only those that it uses. */
export interface Protocol {
  /** The full name, which is the first input of every handshake. */
  readonly name: string;
  /** The handshake pattern. */
  readonly pattern: HandshakePattern;
  /** The DH function: X25519 (section 12.1). */
  readonly dh: KeyAgreement;
  /** The cipher function. */
  readonly cipher: Cipher;
  /** The hash function. */
  readonly hash: Hash;
}
