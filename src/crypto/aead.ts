/** Authenticated encryption with additional data (RFC 5116): what AES-GCM and ChaCha20-Poly1305 have in common. */

/** The tag length of every AEAD in this library, in bytes. */
export const TAG_LENGTH = 16;

/** The nonce length of every AEAD in this library, in bytes. */
const NONCE_LENGTH = 12;

/** @throws {RangeError} If a nonce does not have 12 bytes. */
export function checkNonce(nonce: Uint8Array): void {
  if (nonce.length !== NONCE_LENGTH) throw new RangeError(`a nonce must have 12 bytes, not ${nonce.length}`);
}

/** An AEAD under one key, with nonces of 12 bytes and tags of 16. */
export interface Aead {
  /**
   * Returns the ciphertext followed by its tag, written to `output` if given. `plaintext` may be the beginning of `output`, but
   * must not overlap it otherwise.
   *
   * @throws {RangeError} If the nonce does not have 12 bytes.
   */
  encrypt(nonce: Uint8Array, additional: Uint8Array, plaintext: Uint8Array, output?: Uint8Array): Uint8Array;
  /**
   * Checks the tag and returns the plaintext, in a new array.
   *
   * @throws {ChannelError} `"decrypt"` if the tag is wrong or cut off.
   */
  decrypt(nonce: Uint8Array, additional: Uint8Array, ciphertext: Uint8Array): Uint8Array;
}

/**
 * An AEAD whose methods may return a promise. The caller must not change the arrays it passed in until the promise settles.
 */
export interface DeferredAead {
  /** As {@link Aead.encrypt}. */
  encrypt(
    nonce: Uint8Array,
    additional: Uint8Array,
    plaintext: Uint8Array,
    output?: Uint8Array,
  ): Uint8Array | Promise<Uint8Array>;
  /** As {@link Aead.decrypt}. */
  decrypt(
    nonce: Uint8Array,
    additional: Uint8Array,
    ciphertext: Uint8Array,
  ): Uint8Array | Promise<Uint8Array>;
}

/** Returns the AEAD under a key. */
export type AeadAlgorithm = (key: Uint8Array) => Aead;

/** Returns an AEAD under a key. The AEAD may be asynchronous. */
export type DeferredAeadAlgorithm = (key: Uint8Array) => DeferredAead;
