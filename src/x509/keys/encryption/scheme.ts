/** The interface of encryption schemes with a passphrase, and the two encodings of passphrases. */

import { EMPTY, fromUtf8, toUtf16, toUtf8 } from "../../../bytes.ts";
import { ChannelError } from "../../../errors.ts";

/** A passphrase. Text is encoded as the scheme requires; bytes are UTF-8. Null means no passphrase, as opposed to an empty one. */
export type Passphrase = string | Uint8Array | null;

/** A scheme that was read, with its parameters. */
export interface Decryption {
  /** The cost of deriving its key, in iterations of PBKDF2 or equivalent work. */
  readonly cost: number;
  /** Decrypts; returns undefined if the padding shows that the passphrase is wrong. */
  readonly decrypt: (passphrase: Passphrase, ciphertext: Uint8Array) => Uint8Array | undefined;
}

/** Data that was encrypted. */
export interface Encrypted {
  /** The AlgorithmIdentifier, with its parameters. */
  readonly algorithm: Uint8Array;
  readonly ciphertext: Uint8Array;
}

/** Returns a passphrase in UTF-8. */
export function utf8Passphrase(passphrase: Passphrase): Uint8Array {
  return typeof passphrase === "string" ? toUtf8(passphrase) : passphrase ?? EMPTY;
}

/**
 * Returns a passphrase as PKCS#12 encodes it: UTF-16, big-endian, with a zero at its end (RFC 7292 appendix B.1). Bytes are UTF-8.
 *
 * @throws {ChannelError} `"passphrase"` if bytes are not UTF-8.
 */
export function bmpPassphrase(passphrase: Passphrase): Uint8Array {
  if (passphrase === null) return EMPTY;
  const text = typeof passphrase === "string" ? passphrase : textOf(passphrase);
  return toUtf16(`${text}\0`);
}

function textOf(passphrase: Uint8Array): string {
  try {
    return fromUtf8(passphrase);
  } catch (cause) {
    throw new ChannelError("passphrase", "the passphrase is not UTF-8, as PKCS#12 needs it", { cause });
  }
}
