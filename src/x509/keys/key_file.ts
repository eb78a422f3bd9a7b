/** Private keys in files: PKCS#8, PKCS#1 and SEC 1, plain and encrypted, as PEM and DER. */

import { decodePem, encodePem, readDer, TAG } from "../../asn1/mod.ts";
import { ChannelError } from "../../errors.ts";
import { decryptPemBlock } from "./dek_info.ts";
import type { KeyEncryptionOptions } from "./encryption/derivation.ts";
import { encryptKey } from "./encryption/mod.ts";
import { encodePkcs8, readEncryptedPkcs8, readPkcs8 } from "./pkcs8.ts";
import type { PrivateKey } from "./private_key.ts";
import {
  encodeEcPrivateKey,
  encodeRsaPrivateKey,
  readEcPrivateKey,
  readRsaPrivateKey,
} from "./traditional.ts";

/**
 * Reads a private key from PEM text or from the bytes of a PEM or DER file. Of a PEM text with several private keys, it
 * reads the first. It accepts:
 *
 * - PKCS#8;
 * - encrypted PKCS#8: PBES2 (PBKDF2 or scrypt; AES-CBC or triple DES), or PKCS#12's schemes with triple DES or RC2;
 * - PKCS#1 and SEC 1, plain or with the PEM encryption of old OpenSSL (the DEK-Info header).
 *
 * The parts of the key must belong together. An RSA modulus must have 1024 to 8192 bits; a function that uses the key may
 * refuse moduli below 2048 bits.
 *
 * @param passphrase Decrypts an encrypted key; text is encoded as UTF-8. Deriving the key takes from milliseconds to about ten
 *   seconds, depending on how the file was encrypted.
 * @throws {ChannelError} `"passphrase"` if it is missing or wrong; `"malformed"` if the file is broken or has no private
 *   key; `"unsupported"`, naming the algorithm, for other kinds of key or encryption; `"limit"` if the key derivation would
 *   take too long.
 *
 * @example
 * ```ts
 * import { exportPrivateKey, generateKey, parsePrivateKey } from "@fesa/channel/x509";
 *
 * const pem = exportPrivateKey(await generateKey("p256"), { passphrase: "correct horse", iterations: 1000 });
 * if (parsePrivateKey(pem, "correct horse").type !== "ec") throw new Error("another key");
 * ```
 */
export function parsePrivateKey(file: string | Uint8Array, passphrase?: string | Uint8Array): PrivateKey {
  return readDer(privateKeyDer(file, passphrase), "the private key", (reader) => {
    return reader.within((fields) => {
      if (fields.has(TAG.sequence)) return readEncryptedPkcs8(fields, passphrase);
      const version = fields.smallInteger();
      if (version === 3) {
        throw new ChannelError("unsupported", "this is a PKCS#12 file: parsePkcs12 reads it");
      }
      if (fields.has(TAG.sequence)) return readPkcs8(fields, version);
      if (fields.has(TAG.integer)) return { type: "rsa", ...readRsaPrivateKey(fields, version) };
      if (fields.has(TAG.octetString)) return readEcPrivateKey(fields, version);
      return fields.fail("has an unknown format");
    });
  });
}

/** The options of {@link exportPrivateKey}. */
export interface PrivateKeyOptions extends KeyEncryptionOptions {
  /** `"pkcs8"` (the default), or the older `"pkcs1"` for RSA and `"sec1"` for EC keys, which cannot be encrypted. */
  readonly format?: "pkcs8" | "pkcs1" | "sec1";
  /** Encrypts the key with this passphrase; text is encoded as UTF-8. */
  readonly passphrase?: string | Uint8Array;
}

/**
 * Returns a private key as PEM. With a passphrase it is encrypted PKCS#8: AES-256-CBC, with a key derived by
 * PBKDF2-HMAC-SHA-256 or scrypt.
 *
 * @throws {TypeError} If the format is not for this type of key, or a passphrase is given and the format cannot be encrypted.
 * @throws {RangeError} If `iterations` or `cost` is out of range.
 *
 * @example
 * ```ts
 * import { exportPrivateKey, generateKey } from "@fesa/channel/x509";
 *
 * const pem = exportPrivateKey(await generateKey("ed25519"));
 * if (!pem.startsWith("-----BEGIN PRIVATE KEY-----")) throw new Error("not PKCS#8");
 * ```
 */
export function exportPrivateKey(key: PrivateKey, options: PrivateKeyOptions = {}): string {
  const { format = "pkcs8", passphrase } = options;
  const label = passphrase === undefined ? LABELS[format] : "ENCRYPTED PRIVATE KEY";
  return encodePem(label, exportPrivateKeyDer(key, options));
}

const LABELS = { pkcs8: "PRIVATE KEY", pkcs1: "RSA PRIVATE KEY", sec1: "EC PRIVATE KEY" } as const;

/**
 * Returns a private key as DER. The options are those of {@link exportPrivateKey}.
 *
 * @throws {TypeError} If the format is not for this type of key, or a passphrase is given and the format cannot be encrypted.
 * @throws {RangeError} If `iterations` or `cost` is out of range.
 *
 * @example
 * ```ts
 * import { exportPrivateKeyDer, generateKey, parsePrivateKey } from "@fesa/channel/x509";
 *
 * const der = exportPrivateKeyDer(await generateKey("p384"), { format: "sec1" });
 * if (parsePrivateKey(der).type !== "ec") throw new Error("another key");
 * ```
 */
export function exportPrivateKeyDer(key: PrivateKey, options: PrivateKeyOptions = {}): Uint8Array {
  const { format = "pkcs8", passphrase } = options;
  if (format === "pkcs8") {
    return passphrase === undefined ? encodePkcs8(key) : encryptKey(encodePkcs8(key), passphrase, options);
  }
  if (passphrase !== undefined) throw new TypeError(`format "${format}" cannot be encrypted: use "pkcs8"`);
  if (format === "pkcs1" && key.type === "rsa") return encodeRsaPrivateKey(key);
  if (format === "sec1" && key.type === "ec") return encodeEcPrivateKey(key, true);
  throw new TypeError(`format "${format}" is not for keys of type "${key.type}"`);
}

/** Returns the DER of the first private key in a file. Decrypts it if it has a DEK-Info header. */
function privateKeyDer(file: string | Uint8Array, passphrase: string | Uint8Array | undefined): Uint8Array {
  if (typeof file !== "string" && file[0] === TAG.sequence) return file;
  const blocks = decodePem(file);
  const block = blocks.find(({ label }) => label.endsWith("PRIVATE KEY"));
  if (block === undefined) {
    const labels = [...new Set(blocks.map(({ label }) => label))].join(", ");
    throw new ChannelError(
      "malformed",
      `the file contains no private key${labels === "" ? "" : `, but ${labels}`}`,
    );
  }
  const other = OTHER_FORMS.get(block.label);
  if (other !== undefined) throw new ChannelError("unsupported", other);
  return block.headers.has("DEK-Info") ? decryptPemBlock(block, passphrase) : block.bytes;
}

/** Errors for formats of private keys that are not supported, by their labels. */
const OTHER_FORMS: ReadonlyMap<string, string> = new Map([
  ["OPENSSH PRIVATE KEY", "OpenSSH keys are not read: convert with ssh-keygen -p -m PKCS8 -f FILE"],
  ["DSA PRIVATE KEY", "DSA private keys are not supported"],
]);
