/**
 * Encrypted private keys: EncryptedPrivateKeyInfo (RFC 5958 section 3) with PBES2 or the encryption of old PKCS#12 files.
 */

import { der, type DerReader, TAG } from "../../../asn1/mod.ts";
import { ChannelError } from "../../../errors.ts";
import { unsupportedScheme } from "./bounds.ts";
import type { KeyEncryptionOptions } from "./derivation.ts";
import { encryptPbes2, PBES2, readPbes2 } from "./pbes2.ts";
import { isPkcs12Pbe, readPkcs12Pbe } from "./pkcs12_pbe.ts";
import type { Decryption, Encrypted } from "./scheme.ts";

/** Reads the contents of the AlgorithmIdentifier of an encryption scheme. */
export function readEncryption(identifier: DerReader): Decryption {
  const oid = identifier.oid();
  if (oid === PBES2) return identifier.within(readPbes2);
  if (isPkcs12Pbe(oid)) return identifier.within((parameters) => readPkcs12Pbe(oid, parameters));
  throw unsupportedScheme("encryption", oid);
}

/**
 * Reads and decrypts the fields of EncryptedPrivateKeyInfo.
 *
 * The data is not authenticated. A wrong passphrase is therefore detected by wrong padding, or by a plaintext that is not
 * exactly one SEQUENCE.
 */
export function decryptKey(fields: DerReader, passphrase: string | Uint8Array | undefined): Uint8Array {
  const { decrypt } = fields.within(readEncryption);
  const ciphertext = fields.octetString();
  return checkedPlaintext(decrypt(requirePassphrase(passphrase), ciphertext));
}

/** Returns the passphrase for an encrypted key. Throws if it is missing. */
export function requirePassphrase(passphrase: string | Uint8Array | undefined): string | Uint8Array {
  if (passphrase === undefined) {
    throw new ChannelError("passphrase", "the private key is encrypted: a passphrase is needed");
  }
  return passphrase;
}

/** Returns the plaintext if it is exactly one SEQUENCE; otherwise the passphrase is wrong. */
export function checkedPlaintext(plain: Uint8Array | undefined): Uint8Array {
  if (plain === undefined || !isOneSequence(plain)) {
    throw new ChannelError("passphrase", "the passphrase is wrong");
  }
  return plain;
}

/** Encrypts the DER of a PKCS#8 key and returns EncryptedPrivateKeyInfo: PBES2 with AES-256-CBC. */
export function encryptKey(
  plain: Uint8Array,
  passphrase: string | Uint8Array,
  options: KeyEncryptionOptions,
): Uint8Array {
  return encodeEncryptedKey(encryptPbes2(plain, passphrase, options));
}

/** Returns EncryptedPrivateKeyInfo. */
export function encodeEncryptedKey({ algorithm, ciphertext }: Encrypted): Uint8Array {
  return der.sequence(algorithm, der.octetString(ciphertext));
}

function isOneSequence(bytes: Uint8Array): boolean {
  const [tag, first] = bytes;
  if (tag !== TAG.sequence || bytes.length < 2) return false;
  if (first < 0x80) return bytes.length === 2 + first;
  let length = 0;
  const count = first & 0x7f;
  for (const byte of bytes.subarray(2, 2 + count)) length = length * 256 + byte;
  return bytes.length === 2 + count + length;
}
