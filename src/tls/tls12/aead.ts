/** Protection of records with an AEAD cipher (RFC 5246 section 6.2.3.3). */

import { concat } from "../../bytes.ts";
import { type DeferredAead, TAG_LENGTH } from "../../crypto/aead.ts";
import type { ContentType, TlsRecord } from "../record/content.ts";
import { badRecord, openedBy, type RecordProtection } from "../record/protection.ts";
import { additionalData, sequenceBytes } from "./additional_data.ts";

const EXPLICIT_NONCE_LENGTH = 8;

/** AES-GCM (RFC 5288). The explicit part of the nonce is the sequence number, which never repeats under a key. */
export class GcmProtection implements RecordProtection {
  readonly #aead: DeferredAead;
  readonly #fixedIv: Uint8Array;

  constructor(aead: DeferredAead, fixedIv: Uint8Array) {
    this.#aead = aead;
    this.#fixedIv = fixedIv;
  }

  sealedLength(length: number): number {
    return EXPLICIT_NONCE_LENGTH + length + TAG_LENGTH;
  }

  seal(sequence: number, type: ContentType, plaintext: Uint8Array, output: Uint8Array): unknown {
    const explicit = sequenceBytes(sequence);
    const data = additionalData(sequence, type, plaintext.length);
    const sealed = output.subarray(EXPLICIT_NONCE_LENGTH);
    sealed.set(plaintext);
    output.set(explicit);
    return this.#aead.encrypt(this.#nonce(explicit), data, sealed.subarray(0, plaintext.length), sealed);
  }

  open(sequence: number, type: ContentType, sealed: Uint8Array): TlsRecord | Promise<TlsRecord> {
    const length = sealed.length - EXPLICIT_NONCE_LENGTH - TAG_LENGTH;
    if (length < 0) throw badRecord();
    const nonce = this.#nonce(sealed.subarray(0, EXPLICIT_NONCE_LENGTH));
    const data = additionalData(sequence, type, length);
    return openedBy(
      () => this.#aead.decrypt(nonce, data, sealed.subarray(EXPLICIT_NONCE_LENGTH)),
      (fragment) => ({ type, fragment }),
    );
  }

  #nonce(explicit: Uint8Array): Uint8Array {
    return concat(this.#fixedIv, explicit);
  }
}

/** ChaCha20-Poly1305 (RFC 7905). The nonce is the sequence number XOR an IV that is never sent. */
export class ChaChaProtection implements RecordProtection {
  readonly #aead: DeferredAead;
  readonly #iv: Uint8Array;

  constructor(aead: DeferredAead, iv: Uint8Array) {
    this.#aead = aead;
    this.#iv = iv;
  }

  sealedLength(length: number): number {
    return length + TAG_LENGTH;
  }

  seal(sequence: number, type: ContentType, plaintext: Uint8Array, output: Uint8Array): unknown {
    const data = additionalData(sequence, type, plaintext.length);
    return this.#aead.encrypt(this.#nonce(sequence), data, plaintext, output);
  }

  open(sequence: number, type: ContentType, sealed: Uint8Array): TlsRecord | Promise<TlsRecord> {
    const length = sealed.length - TAG_LENGTH;
    if (length < 0) throw badRecord();
    const data = additionalData(sequence, type, length);
    return openedBy(
      () => this.#aead.decrypt(this.#nonce(sequence), data, sealed),
      (fragment) => ({ type, fragment }),
    );
  }

  #nonce(sequence: number): Uint8Array {
    const nonce = this.#iv.slice();
    sequenceBytes(sequence).forEach((byte, i) => nonce[i + 4] ^= byte);
    return nonce;
  }
}
