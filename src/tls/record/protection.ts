/** The protection of one direction's records: the interface that each kind of cipher suite implements. */

import type { ChannelError } from "../../errors.ts";
import { fatalAlert } from "../alerts.ts";
import type { ContentType, TlsRecord } from "./content.ts";

/** Protects and opens the fragments of one direction. */
export interface RecordProtection {
  /** The content type in the header of every record, if the protection hides the real one. */
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
