/** One direction's key and nonce (Noise specification, section 5.1). */

import { EMPTY } from "../bytes.ts";
import { type Aead, TAG_LENGTH } from "../crypto/aead.ts";
import { ChannelError } from "../errors.ts";
import type { Cipher } from "./protocol.ts";

/** A Noise message is never longer (section 3). */
export const MAX_MESSAGE_LENGTH = 65_535;

/** The length of keys, X25519 public keys and pre-shared keys, in bytes. */
export const KEY_LENGTH = 32;

/** The nonce reserved for rekeying (section 4.2): no message is sent under it. */
const LAST_NONCE = 0xffff_ffff_ffff_ffffn;

/**
 * A key and a nonce that counts the messages under it: the CipherState of the specification. Without a key it leaves data
 * unencrypted.
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

  /** A CipherState without a key. */
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

  /** HasKey: whether it encrypts. */
  hasKey(): boolean {
    return this.#aead !== undefined;
  }

  /**
   * SetNonce: for transports that lose or reorder messages, and so send each nonce along.
   *
   * @throws {RangeError} If the nonce is not between 0 and 2^64-1. (2^64-1 can be set, but not used to encrypt.)
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
   * @param output Gets the ciphertext: an array 16 bytes longer than the plaintext that does not overlap it. A new one by
   * default.
   * @returns The ciphertext; the plaintext itself if there is no key.
   * @throws {RangeError} If the plaintext is too long, or `output` has another length.
   * @throws {ChannelError} `limit` if every nonce of this key was used.
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
   * DecryptWithAd: the reverse. The nonce is incremented only if the ciphertext authenticates.
   *
   * @returns The plaintext, a new array; the ciphertext itself if there is no key.
   * @throws {ChannelError} `decrypt` if it does not authenticate; `limit` if it is longer than 65,535 bytes, or every nonce
   * of this key was used.
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
   * Rekey: see {@link nextKey}. The nonce stays.
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
 * REKEY (section 4.2): returns the first 32 bytes of 32 zeros encrypted under the last nonce. The old key cannot be computed
 * from the new one.
 */
export function nextKey(aead: Aead): Uint8Array {
  const nonce = new Uint8Array(12).fill(0xff, 4);
  return aead.encrypt(nonce, EMPTY, new Uint8Array(KEY_LENGTH)).subarray(0, KEY_LENGTH);
}
