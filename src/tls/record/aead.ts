/** Records under an AEAD cipher (RFC 5246 section 6.2.3.3). */

import { concat } from "../../bytes.ts";
import { AesGcm } from "../../crypto/aes.ts";
import type { ContentType, TlsRecord } from "./content.ts";
import {
  additionalData,
  badRecord,
  type DirectionKeys,
  type RecordProtection,
  sequenceBytes,
} from "./protection.ts";

const TAG_LENGTH = 16;
const EXPLICIT_NONCE_LENGTH = 8;

/** AES-GCM (RFC 5288): the explicit half of the nonce is the sequence number, which never repeats under a key. */
export class GcmProtection implements RecordProtection {
  readonly #cipher: AesGcm;
  readonly #fixedIv: Uint8Array;

  constructor(keys: DirectionKeys) {
    this.#cipher = new AesGcm(keys.key);
    this.#fixedIv = keys.fixedIv;
  }

  sealedLength(length: number): number {
    return EXPLICIT_NONCE_LENGTH + length + TAG_LENGTH;
  }

  seal(sequence: number, type: ContentType, plaintext: Uint8Array, output: Uint8Array): void {
    const explicit = sequenceBytes(sequence);
    const data = additionalData(sequence, type, plaintext.length);
    output.set(explicit);
    const nonce = this.#nonce(explicit);
    this.#cipher.encrypt(nonce, data, plaintext, output.subarray(EXPLICIT_NONCE_LENGTH));
  }

  open(sequence: number, type: ContentType, sealed: Uint8Array): TlsRecord {
    const length = sealed.length - EXPLICIT_NONCE_LENGTH - TAG_LENGTH;
    if (length < 0) throw badRecord();
    const nonce = this.#nonce(sealed.subarray(0, EXPLICIT_NONCE_LENGTH));
    const data = additionalData(sequence, type, length);
    try {
      return { type, fragment: this.#cipher.decrypt(nonce, data, sealed.subarray(EXPLICIT_NONCE_LENGTH)) };
    } catch {
      throw badRecord();
    }
  }

  #nonce(explicit: Uint8Array): Uint8Array {
    return concat(this.#fixedIv, explicit);
  }
}
