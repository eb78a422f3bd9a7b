/** The key and nonce of one direction (Noise specification, section 5.1). */

import { EMPTY } from "../bytes.ts";
import { type Aead, TAG_LENGTH } from "../crypto/aead.ts";
import { ChannelError } from "../errors.ts";
import type { Cipher } from "./protocol.ts";

/** The maximum length of a Noise message, in bytes (section 3). */
export const MAX_MESSAGE_LENGTH = 65_535;

/** The length of keys, X25519 public keys and pre-shared keys, in bytes. */
export const KEY_LENGTH = 32;

/** The nonce that is reserved for rekeying (section 4.2). No message is encrypted with it. */
const LAST_NONCE = 0xffff_ffff_ffff_ffffn;

/**
 * The CipherState of the specification: a key, and a nonce that counts the messages under the key. Without a key, data is
 * not encrypted.
 *
 * @example
 * ```ts
 * import { cipherByName, CipherState } from "@fesa/channel/noise";
 *
 * const key = crypto.getRandomValues(new Uint8Array(32));
 * const sender = new CipherState(cipherByName("ChaChaPoly"));
 * const receiver = new CipherState(cipherByName("ChaChaPoly"));
 * sender.initializeKey(key);
 * receiver.initializeKey(key);
 * const none = new Uint8Array();
 * const ciphertext = sender.encryptWithAd(none, new TextEncoder().encode("hello"));
 * console.log(new TextDecoder().decode(receiver.decryptWithAd(none, ciphertext)));
 * ```
 */
export class CipherState {
  readonly #cipher: Cipher;
  readonly #nonceBytes: Uint8Array = new Uint8Array(12); // 32 bits of zeros, then the nonce
  readonly #nonceView: DataView = new DataView(this.#nonceBytes.buffer);
  #aead: Aead | undefined;
  #nonce = 0n;

  /** Makes a CipherState without a key. */
  constructor(cipher: Cipher) {
    this.#cipher = cipher;
  }

  /** The nonce of the next message. */
  get nonce(): bigint {
    return this.#nonce;
  }

  /**
   * InitializeKey: takes a copy of a key of 32 bytes, or no key, and sets the nonce to 0.
   *
   * @throws {RangeError} If the key has another length.
   */
  initializeKey(key: Uint8Array | null): void {
    if (key !== null && key.length !== KEY_LENGTH) throw new RangeError("a key must have 32 bytes");
    this.#aead = key === null ? undefined : this.#cipher.aead(key);
    this.#nonce = 0n;
  }

  /** HasKey: returns whether there is a key, so that data is encrypted. */
  hasKey(): boolean {
    return this.#aead !== undefined;
  }

  /**
   * SetNonce: sets the nonce of the next message. It is for transports that lose or reorder messages and therefore send the
   * nonce with each message.
   *
   * @throws {RangeError} If the nonce is not from 0 to 2^64-1. (2^64-1 can be set, but not used to encrypt.)
   */
  setNonce(nonce: bigint): void {
    if (nonce < 0n || nonce > LAST_NONCE) throw new RangeError("a nonce must be between 0 and 2^64-1");
    this.#nonce = nonce;
  }

  /**
   * EncryptWithAd: encrypts and authenticates, and increments the nonce.
   *
   * @param ad Associated data, authenticated with the plaintext.
   * @param plaintext At most 65,519 bytes.
   * @param output Receives the ciphertext; a new array by default. It must be 16 bytes longer than the plaintext and must
   * not overlap it.
   * @returns The ciphertext, or the plaintext itself if there is no key.
   * @throws {RangeError} If the plaintext is too long, or `output` has another length.
   * @throws {ChannelError} `limit` if every nonce of this key has been used.
   */
  encryptWithAd(ad: Uint8Array, plaintext: Uint8Array, output?: Uint8Array): Uint8Array {
    if (this.#aead === undefined) return plaintext;
    if (plaintext.length > MAX_MESSAGE_LENGTH - TAG_LENGTH) {
      throw new RangeError("a Noise message has at most 65,535 bytes");
    }
    const ciphertext = this.#aead.encrypt(this.#currentNonce(), ad, plaintext, output);
    this.#nonce++;
    return ciphertext;
  }

  /**
   * DecryptWithAd: authenticates and decrypts. The nonce is incremented only if the ciphertext is authentic.
   *
   * @returns The plaintext in a new array, or the ciphertext itself if there is no key.
   * @throws {ChannelError} `decrypt` if the ciphertext is not authentic; `limit` if it is longer than 65,535 bytes, or every
   * nonce of this key has been used.
   */
  decryptWithAd(ad: Uint8Array, ciphertext: Uint8Array): Uint8Array {
    if (this.#aead === undefined) return ciphertext;
    if (ciphertext.length > MAX_MESSAGE_LENGTH) {
      throw new ChannelError("limit", "a Noise message has at most 65,535 bytes");
    }
    const plaintext = this.#aead.decrypt(this.#currentNonce(), ad, ciphertext);
    this.#nonce++;
    return plaintext;
  }

  /**
   * Rekey: replaces the key (section 4.2). The nonce does not change.
   *
   * @throws {TypeError} If there is no key.
   */
  rekey(): void {
    if (this.#aead === undefined) throw new TypeError("a CipherState without a key cannot rekey");
    this.#aead = this.#cipher.aead(nextKey(this.#aead));
  }

  #currentNonce(): Uint8Array {
    if (this.#nonce === LAST_NONCE) throw new ChannelError("limit", "every nonce of this key was used");
    this.#nonceView.setBigUint64(4, this.#nonce, this.#cipher.littleEndianNonce);
    return this.#nonceBytes;
  }
}

/**
 * REKEY (section 4.2): returns the first 32 bytes of the encryption of 32 zeros with the last nonce. The old key cannot be
 * computed from the new key.
 */
export function nextKey(aead: Aead): Uint8Array {
  const nonce = new Uint8Array(12).fill(0xff, 4);
  return aead.encrypt(nonce, EMPTY, new Uint8Array(KEY_LENGTH)).subarray(0, KEY_LENGTH);
}
