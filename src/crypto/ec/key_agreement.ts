/** Elliptic-curve Diffie-Hellman: what X25519 and ECDH on the NIST curves have in common. */

import type { RandomBytes } from "../random.ts";

/** A key pair for key agreement. */
export interface KeyPair {
  /** The secret key. */
  readonly secretKey: Uint8Array;
  /** The public key: 32 bytes for X25519, the point `04 X Y` for a NIST curve. */
  readonly publicKey: Uint8Array;
}

/** Key agreement on one curve. A secret key of the wrong size throws `RangeError`. */
export interface KeyAgreement {
  /** Makes a key pair. */
  generateKeyPair(random?: RandomBytes): KeyPair;
  /** Returns the public key that belongs to a secret key. */
  publicKey(secretKey: Uint8Array): Uint8Array;
  /**
   * Returns the shared secret (RFC 7748 section 6.1 for X25519, SEC 1 section 3.3.1 for NIST curves).
   *
   * @throws {ChannelError} `"crypto"` if the peer's public key is a point of small order, `"malformed"` if it is not on the
   * curve.
   */
  sharedSecret(secretKey: Uint8Array, publicKey: Uint8Array): Uint8Array;
}
