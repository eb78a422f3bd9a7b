/** The content of records (RFC 8446 section 5.1). */

/** The content types of records (RFC 5246 section 6.2.1). */
export const ContentType = {
  changeCipherSpec: 20,
  alert: 21,
  handshake: 22,
  applicationData: 23,
} as const;

/** One of the content types. */
export type ContentType = typeof ContentType[keyof typeof ContentType];

/** A record after decryption: its type and its plaintext. */
export interface TlsRecord {
  readonly type: ContentType;
  readonly fragment: Uint8Array;
}

/** The most plaintext in a record, in bytes. */
export const MAX_PLAINTEXT: number = 2 ** 14;
