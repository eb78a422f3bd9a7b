/** Authenticated encryption with additional data (RFC 5116): what AES-GCM and ChaCha20-Poly1305 have in common. */

/** The length of an AEAD's tag here, in bytes. */
export const TAG_LENGTH = 16;

/** The length of an AEAD's nonce here, in bytes. */
const NONCE_LENGTH = 12;

/** @throws {RangeError} If a nonce does not have 12 bytes. */
export function checkNonce(nonce: Uint8Array): void {
  if (nonce.length !== NONCE_LENGTH) throw new RangeError(`a nonce has 12 bytes here, not ${nonce.length}`);
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
 * An AEAD that may be asynchronous: its methods may return a promise. Until it settles, the arrays passed in must not change.
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

/** Returns the AEAD under a key, which may be asynchronous. */
export type DeferredAeadAlgorithm = (key: Uint8Array) => DeferredAead;
