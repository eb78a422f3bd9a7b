/** The protection of records in one direction. Each kind of cipher suite implements this interface. */

import type { ChannelError } from "../../errors.ts";
import { fatalAlert } from "../alerts.ts";
import type { ContentType, TlsRecord } from "./content.ts";

/** Encrypts and decrypts the fragments of one direction. */
export interface RecordProtection {
  /** The content type in the header of every record, if the protection hides the real one. */
  readonly outerType?: ContentType;
  /** Returns the length of the protected form of `length` bytes. */
  sealedLength(length: number): number;
  /**
   * Writes the protected form of `plaintext` into `output`, which must have exactly the right length and may begin with
   * `plaintext`. If the result is a promise, the output is complete when it resolves.
   */
  seal(sequence: number, type: ContentType, plaintext: Uint8Array, output: Uint8Array): unknown;
  /** Returns the plaintext. Throws or rejects with the same `bad_record_mac` error for every fault. */
  open(sequence: number, type: ContentType, sealed: Uint8Array): TlsRecord | Promise<TlsRecord>;
}

/** Returns the record with the plaintext of an AEAD, or a promise of it. Every failure of the AEAD gives the same error. */
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

/** Returns the error for every record that cannot be decrypted. */
export function badRecord(): ChannelError {
  return fatalAlert("bad_record_mac", "a record did not authenticate");
}
