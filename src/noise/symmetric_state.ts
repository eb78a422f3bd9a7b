/** The hash and the chaining key of a handshake (Noise specification, section 5.2). */

import { concat, EMPTY, toUtf8 } from "../bytes.ts";
import { hmac } from "../crypto/hmac.ts";
import { CipherState, KEY_LENGTH } from "./cipher_state.ts";
import type { Protocol } from "./protocol.ts";

/**
 * The SymmetricState of the specification: the hash and the chaining key of a handshake so far.
 *
 * @example
 * ```ts
 * import { protocolByName, SymmetricState } from "@fesa/channel/noise";
 *
 * const protocol = protocolByName("Noise_NN_25519_ChaChaPoly_SHA256");
 * const [here, there] = [1, 2].map(() => new SymmetricState(protocol));
 * for (const state of [here, there]) state.mixKey(new Uint8Array(32));
 * const ciphertext = here.encryptAndHash(new TextEncoder().encode("hello"));
 * console.log(new TextDecoder().decode(there.decryptAndHash(ciphertext)));
 * ```
 */
export class SymmetricState {
  readonly #protocol: Protocol;
  readonly #cipher: CipherState;
  #chainingKey: Uint8Array;
  #hash: Uint8Array;

  /** InitializeSymmetric: begins with the name of the protocol. */
  constructor(protocol: Protocol) {
    this.#protocol = protocol;
    this.#cipher = new CipherState(protocol.cipher);
    this.#hash = initialHash(protocol);
    this.#chainingKey = this.#hash;
  }

  /** GetHandshakeHash: a hash that is unique to the completed handshake, for channel binding (section 11.2). */
  get handshakeHash(): Uint8Array {
    return this.#hash.slice();
  }

  /** MixKey: mixes a secret into the chaining key. From then on, `encryptAndHash` encrypts. */
  mixKey(inputKeyMaterial: Uint8Array): void {
    const [chainingKey, key] = this.#hkdf(inputKeyMaterial, 2);
    this.#chainingKey = chainingKey;
    this.#cipher.initializeKey(key.subarray(0, KEY_LENGTH));
  }

  /** MixHash: mixes public data into the hash. */
  mixHash(data: Uint8Array): void {
    this.#hash = this.#protocol.hash.create().update(this.#hash).update(data).digest();
  }

  /** MixKeyAndHash: mixes a pre-shared key into the chaining key and the hash (section 9.2). */
  mixKeyAndHash(inputKeyMaterial: Uint8Array): void {
    const [chainingKey, hashInput, key] = this.#hkdf(inputKeyMaterial, 3);
    this.#chainingKey = chainingKey;
    this.mixHash(hashInput);
    this.#cipher.initializeKey(key.subarray(0, KEY_LENGTH));
  }

  /** EncryptAndHash: encrypts with the hash as associated data if there is a key, and mixes the ciphertext into the hash. */
  encryptAndHash(plaintext: Uint8Array): Uint8Array {
    const ciphertext = this.#cipher.encryptWithAd(this.#hash, plaintext);
    this.mixHash(ciphertext);
    return ciphertext;
  }

  /**
   * DecryptAndHash: the inverse of {@link SymmetricState.encryptAndHash}.
   *
   * @throws {ChannelError} `decrypt` if the ciphertext is not authentic.
   */
  decryptAndHash(ciphertext: Uint8Array): Uint8Array {
    const plaintext = this.#cipher.decryptWithAd(this.#hash, ciphertext);
    this.mixHash(ciphertext);
    return plaintext;
  }

  /** Returns whether there is a key. If so, static keys and payloads are encrypted and followed by a tag. */
  hasKey(): boolean {
    return this.#cipher.hasKey();
  }

  /** Split: returns the ciphers for data from the initiator and for data from the responder. */
  split(): [CipherState, CipherState] {
    const [first, second] = this.splitKeys().map((key) => {
      const cipher = new CipherState(this.#protocol.cipher);
      cipher.initializeKey(key);
      return cipher;
    });
    return [first, second];
  }

  /** Returns the keys of the ciphers that `split` returns, for transports with their own encryption. */
  splitKeys(): [Uint8Array, Uint8Array] {
    const [first, second] = this.#hkdf(EMPTY, 2);
    return [first.subarray(0, KEY_LENGTH), second.subarray(0, KEY_LENGTH)];
  }

  /** Computes HKDF (section 4.3): RFC 5869 with the chaining key as salt and no info. */
  #hkdf(inputKeyMaterial: Uint8Array, count: 2 | 3): Uint8Array[] {
    const { hash } = this.#protocol;
    const temporaryKey = hmac(hash, this.#chainingKey, inputKeyMaterial);
    const outputs: Uint8Array[] = [];
    for (let i = 1; i <= count; i++) {
      outputs.push(hmac(hash, temporaryKey, concat(outputs.at(-1) ?? EMPTY, Uint8Array.of(i))));
    }
    return outputs;
  }
}

/** Returns the first hash. A name that is not longer than a hash value is padded with zeros; a longer name is hashed. */
function initialHash({ name: text, hash }: Protocol): Uint8Array {
  const name = toUtf8(text);
  if (name.length > hash.outputLen) return hash(name);
  const padded = new Uint8Array(hash.outputLen);
  padded.set(name);
  return padded;
}
