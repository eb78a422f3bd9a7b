/** Elliptic-curve Diffie-Hellman: what X25519 and ECDH on the NIST curves have in common. */

import type { RandomBytes } from "../random.ts";

/** The two halves of a key for key agreement. */
export interface KeyPair {
  /** The secret half, which is never shown. */
  readonly secretKey: Uint8Array;
  /** The half for everybody: 32 bytes for X25519, the point `04 X Y` for a NIST curve. */
  readonly publicKey: Uint8Array;
}

/** Key agreement on one curve. A secret key of the wrong size throws `RangeError`. */
export interface KeyAgreement {
  /** Makes a key pair. */
  generateKeyPair(random?: RandomBytes): KeyPair;
  /** Returns the public key that belongs to a secret key. */
  publicKey(secretKey: Uint8Array): Uint8Array;
  /**
   * Returns the secret that both sides share: for X25519 see RFC 7748 section 6.1, for NIST curves SEC 1 section 3.3.1.
   *
   * @throws {ChannelError} `"crypto"` or `"malformed"` if the peer's public key is not one to agree with: a point of small
   * order, or not on the curve.
   */
  sharedSecret(secretKey: Uint8Array, publicKey: Uint8Array): Uint8Array;
}
