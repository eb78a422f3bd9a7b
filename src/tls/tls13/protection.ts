/** Record protection (RFC 8446 section 5.2): an AEAD algorithm that also encrypts the content type. */

import { type DeferredAead, TAG_LENGTH } from "../../crypto/aead.ts";
import { fatalAlert } from "../alerts.ts";
import { ContentType, type TlsRecord } from "../record/content.ts";
import { badRecord, openedBy, type RecordProtection } from "../record/protection.ts";
import type { Tls13Suite } from "./cipher_suites.ts";
import { trafficKeys } from "./key_schedule.ts";

const TYPE_LENGTH = 1;

/** The protection of one direction under one traffic secret. */
export class Tls13Protection implements RecordProtection {
  /** Every protected record looks like application data. */
  readonly outerType: ContentType = ContentType.applicationData;
  readonly #aead: DeferredAead;
  readonly #iv: Uint8Array;

  constructor({ hash, keyBits, aead }: Tls13Suite, trafficSecret: Uint8Array) {
    const { key, iv } = trafficKeys(hash, trafficSecret, keyBits / 8);
    this.#aead = aead(key);
    this.#iv = iv;
  }

  sealedLength(length: number): number {
    return length + TYPE_LENGTH + TAG_LENGTH;
  }

  seal(sequence: number, type: ContentType, plaintext: Uint8Array, output: Uint8Array): unknown {
    output.set(plaintext);
    output[plaintext.length] = type;
    const inner = output.subarray(0, plaintext.length + TYPE_LENGTH);
    return this.#aead.encrypt(this.#nonce(sequence), additionalData(output.length), inner, output);
  }

  open(sequence: number, _outerType: ContentType, sealed: Uint8Array): TlsRecord | Promise<TlsRecord> {
    if (sealed.length < TYPE_LENGTH + TAG_LENGTH) throw badRecord();
    const decrypt = () => this.#aead.decrypt(this.#nonce(sequence), additionalData(sealed.length), sealed);
    return openedBy(decrypt, innerRecord);
  }

  /** Returns the nonce: the sequence number, padded on the left, XOR the initialization vector (section 5.3). */
  #nonce(sequence: number): Uint8Array {
    const nonce = this.#iv.slice();
    for (let i = nonce.length - 1, rest = sequence; rest > 0; i--, rest = Math.floor(rest / 256)) {
      nonce[i] ^= rest % 256;
    }
    return nonce;
  }
}

/** Returns the additional data, which is the record's header. */
function additionalData(length: number): Uint8Array {
  return Uint8Array.of(ContentType.applicationData, 3, 3, length >> 8, length & 0xff);
}

/** Separates the content from its type, and removes the padding of zeros (section 5.4). */
function innerRecord(inner: Uint8Array): TlsRecord {
  let end = inner.length;
  while (end > 0 && inner[end - 1] === 0) end--;
  const type = inner[end - 1];
  if (type !== ContentType.alert && type !== ContentType.handshake && type !== ContentType.applicationData) {
    throw fatalAlert("unexpected_message", "a protected record has no content type, or an unexpected one");
  }
  return { type, fragment: inner.subarray(0, end - 1) };
}
