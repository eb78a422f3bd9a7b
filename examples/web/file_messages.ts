/**
 * How the page sends a file over a channel: an announcement, the file's bytes in messages of any size, and the server's
 * receipt. Every other message is text, which never begins with a zero byte.
 */

/** The announcement before a file's bytes. */
export interface Announcement {
  readonly size: number;
}

/** The server's receipt for a complete file. */
export interface Receipt {
  readonly size: number;
  /** The SHA-256 of its bytes, in hexadecimal. */
  readonly sha256: string;
}

const MARK = "\0";

/** Encodes an announcement. */
export function encodeAnnouncement(announcement: Announcement): Uint8Array {
  return new TextEncoder().encode(MARK + JSON.stringify(announcement));
}

/** Reads an announcement; returns undefined for any other message. */
export function readAnnouncement(message: Uint8Array): Announcement | undefined {
  if (message[0] !== 0) return undefined;
  const { size } = JSON.parse(new TextDecoder().decode(message.subarray(1))) as Announcement;
  if (!Number.isSafeInteger(size) || size < 0) throw new Error("a file's size is not a number of bytes");
  return { size };
}

/** Makes the receipt. */
export function encodeReceipt(receipt: Receipt): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(receipt));
}

/** Reads the receipt. */
export function readReceipt(message: Uint8Array): Receipt {
  return JSON.parse(new TextDecoder().decode(message)) as Receipt;
}
