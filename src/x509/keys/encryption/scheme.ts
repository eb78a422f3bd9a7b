/** The interface of passphrase-based encryption schemes, and the two encodings of passphrases. */

import { EMPTY, fromUtf8, toUtf8 } from "../../../bytes.ts";
import { ChannelError } from "../../../errors.ts";

/**
 * A passphrase. Text is encoded as the scheme requires; bytes must be UTF-8. Null means no passphrase, which differs from an
 * empty one.
 */
export type Passphrase = string | Uint8Array | null;

/** An encryption scheme with its parameters. */
export interface Decryption {
  /** The cost of deriving the key, as a number of PBKDF2 iterations that take as long. */
  readonly cost: number;
  /** Decrypts the ciphertext. Returns undefined if the padding shows that the passphrase is wrong. */
  readonly decrypt: (passphrase: Passphrase, ciphertext: Uint8Array) => Uint8Array | undefined;
}

/** Encrypted data. */
export interface Encrypted {
  /** The AlgorithmIdentifier of the encryption scheme, including its parameters. */
  readonly algorithm: Uint8Array;
  readonly ciphertext: Uint8Array;
}

/** Returns a passphrase in UTF-8. */
export function utf8Passphrase(passphrase: Passphrase): Uint8Array {
  return typeof passphrase === "string" ? toUtf8(passphrase) : passphrase ?? EMPTY;
}

/**
 * Returns a passphrase as PKCS#12 encodes it: UTF-16, big-endian, with a zero at its end (RFC 7292 appendix B.1). Bytes must
 * be UTF-8.
 *
 * @throws {ChannelError} `"passphrase"` if bytes are not UTF-8.
 */
export function bmpPassphrase(passphrase: Passphrase): Uint8Array {
  if (passphrase === null) return EMPTY;
  const text = typeof passphrase === "string" ? passphrase : textOf(passphrase);
  return toUtf16(`${text}\0`);
}

/** Encodes text as UTF-16, big-endian, without a byte order mark. */
export function toUtf16(text: string): Uint8Array {
  const bytes = new Uint8Array(2 * text.length);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < text.length; i++) view.setUint16(2 * i, text.charCodeAt(i));
  return bytes;
}

function textOf(passphrase: Uint8Array): string {
  try {
    return fromUtf8(passphrase);
  } catch (cause) {
    throw new ChannelError("passphrase", "the passphrase is not UTF-8, which PKCS#12 requires", { cause });
  }
}
