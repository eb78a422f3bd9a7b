/** The protection of one direction's records: the interface that each kind of cipher suite implements. */

import type { ChannelError } from "../../errors.ts";
import { fatalAlert } from "../alerts.ts";
import type { ContentType, TlsRecord } from "./content.ts";

/** The keys of one direction, from the key block. */
export interface DirectionKeys {
  readonly macKey: Uint8Array;
  readonly key: Uint8Array;
  /** The implicit part of an AEAD nonce (RFC 5288 section 3); empty for CBC suites. */
  readonly fixedIv: Uint8Array;
}

/** Protects and opens the fragments of one direction. */
export interface RecordProtection {
  /** The content type in the header of every record, if the protection hides the content's own. */
  readonly outerType?: ContentType;
  /** Returns the length of the protected form of `length` bytes. */
  sealedLength(length: number): number;
  /**
   * Writes the protected form of `plaintext` into `output`, which has exactly its length. If a promise is returned, the output is
   * complete once that resolves.
   */
  seal(sequence: number, type: ContentType, plaintext: Uint8Array, output: Uint8Array): unknown;
  /** Returns the plaintext; throws or rejects with the same `bad_record_mac` error whatever is wrong. */
  open(sequence: number, type: ContentType, sealed: Uint8Array): TlsRecord | Promise<TlsRecord>;
}

/** The length of {@link additionalData}. */
export const ADDITIONAL_DATA_LENGTH = 13;
const VERSION = 0x0303;

/** seq_num + type + version + length: the additional data of RFC 5246 sections 6.2.3.1 and 6.2.3.3. */
export function additionalData(sequence: number, type: number, length: number): Uint8Array {
  const header = new Uint8Array(ADDITIONAL_DATA_LENGTH);
  header.set(sequenceBytes(sequence));
  header[8] = type;
  header[9] = VERSION >> 8;
  header[10] = VERSION & 0xff;
  header[11] = length >> 8;
  header[12] = length & 0xff;
  return header;
}

/** Returns a sequence number as 8 bytes. */
export function sequenceBytes(sequence: number): Uint8Array {
  const bytes = new Uint8Array(8);
  for (let i = 7, rest = sequence; rest > 0; i--, rest = Math.floor(rest / 256)) bytes[i] = rest;
  return bytes;
}

/** Returns the record that an AEAD opens, at once or later; every failure of the AEAD is the same error. */
export function openedBy(
  decrypt: () => Uint8Array | Promise<Uint8Array>,
  recordOf: (plaintext: Uint8Array) => TlsRecord,
): TlsRecord | Promise<TlsRecord> {
  let plaintext: Uint8Array | Promise<Uint8Array>;
  try {
    plaintext = decrypt();
  } catch {
    throw badRecord();
  }
  if (!(plaintext instanceof Promise)) return recordOf(plaintext);
  return plaintext.then(recordOf, () => {
    throw badRecord();
  });
}

/** Returns the one error for every record that does not open. */
export function badRecord(): ChannelError {
  return fatalAlert("bad_record_mac", "a record did not authenticate");
}
