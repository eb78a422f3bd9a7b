/** ML-KEM-768 as a session uses it: with an ephemeral key pair. */

import type { RandomBytes } from "../random.ts";
import { decapsulate, encapsulate, type Encapsulated, keygen, SEED_SIZE } from "./kem.ts";

/** A key pair whose secret key is not exported. */
export interface EncapsulationKeyPair {
  /** The public key: 1,184 bytes. */
  readonly publicKey: Uint8Array;
  /** Returns the shared secret of a ciphertext; throws `RangeError` if the ciphertext does not have 1,088 bytes. */
  decapsulate(cipherText: Uint8Array): Uint8Array;
}

/** The operations of ML-KEM-768. */
export interface KeyEncapsulation {
  /** Makes a key pair. */
  generateKeyPair(random: RandomBytes): EncapsulationKeyPair;
  /**
   * Makes a shared secret, and a ciphertext from which the owner of the public key computes the same secret.
   *
   * @throws {ChannelError} `"crypto"` if the key has a coefficient that is not reduced modulo q (FIPS 203 section 7.2).
   * @throws {RangeError} If the key does not have 1,184 bytes.
   */
  encapsulate(publicKey: Uint8Array, random: RandomBytes): Encapsulated;
}

/** The reference implementation. */
export const mlKem768: KeyEncapsulation = {
  generateKeyPair(random) {
    const { publicKey, secretKey } = keygen(random(SEED_SIZE));
    return { publicKey, decapsulate: (cipherText) => decapsulate(cipherText, secretKey) };
  },

  encapsulate: (publicKey, random) => encapsulate(publicKey, random(32)),
};
