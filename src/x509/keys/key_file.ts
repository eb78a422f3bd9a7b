/** RSA private keys in files: PKCS#8 (RFC 5958) and PKCS#1 (RFC 8017 appendix A.1.2), plain and encrypted. */

import {
  constructed,
  context,
  decodePem,
  der,
  type DerReader,
  encodePem,
  readDer,
  TAG,
} from "../../asn1/mod.ts";
import { checkPrivateKey } from "../../crypto/rsa/mod.ts";
import type { RsaPrivateKey } from "../../crypto/rsa/mod.ts";
import { ChannelError } from "../../errors.ts";
import { algorithmName, hasNullParameters, readAlgorithm } from "./algorithm.ts";
import { decryptKey, encryptKey } from "./encryption.ts";
import type { KeyEncryptionOptions } from "./encryption.ts";
import { RSA_ENCRYPTION } from "../oids.ts";

/**
 * Reads an RSA private key: PKCS#8, PKCS#1 or encrypted PKCS#8 (PBES2 with PBKDF2 or scrypt, AES-CBC or triple DES),
 * as PEM text (the first private key in it) or as the bytes of a PEM or DER file. The numbers must fit
 * each other; the modulus has 1024 to 8192 bits, and whoever uses the key decides whether less than 2048 will do.
 *
 * @param passphrase opens an encrypted key; text is taken as UTF-8. Deriving its key takes as long as whoever encrypted
 *   it chose, from milliseconds to about ten seconds.
 * @throws ChannelError `passphrase` where one is missing or wrong; `malformed` where the file is broken or holds no
 *   private key; `unsupported` for other kinds of key or encryption, which it names; `limit` where the derivation
 *   would cost too much.
 *
 * @example
 * ```ts
 * import { exportPrivateKey, parsePrivateKey } from "@fesa/channel/x509";
 * import { generateKeyPair } from "@fesa/channel/rsa";
 *
 * const { privateKey } = await generateKeyPair({ bits: 1024, allowWeak: true });
 * const pem = exportPrivateKey(privateKey, { passphrase: "correct horse", iterations: 1000 });
 * if (parsePrivateKey(pem, "correct horse").n !== privateKey.n) throw new Error("another key");
 * ```
 */
export function parsePrivateKey(file: string | Uint8Array, passphrase?: string | Uint8Array): RsaPrivateKey {
  return readDer(privateKeyDer(file), "the private key", (reader) => {
    return reader.within((fields) => {
      if (fields.has(TAG.sequence)) return readEncrypted(fields, passphrase);
      const version = fields.smallInteger();
      if (fields.has(TAG.sequence)) return readPkcs8(fields, version);
      if (fields.has(TAG.integer)) return readPkcs1(fields, version);
      if (fields.has(TAG.octetString)) throw unsupported("EC private keys");
      return fields.fail("is of no known form");
    });
  });
}

/** How {@link exportPrivateKey} writes a key. */
export interface PrivateKeyOptions extends KeyEncryptionOptions {
  /** `"pkcs8"` (the default), or the older `"pkcs1"`, which cannot be encrypted. */
  readonly format?: "pkcs8" | "pkcs1";
  /** Encrypts the key under this passphrase; text is taken as UTF-8. */
  readonly passphrase?: string | Uint8Array;
}

/**
 * Writes an RSA private key as PEM; with a passphrase, as encrypted PKCS#8 with AES-256-CBC, its key derived by
 * PBKDF2-HMAC-SHA-256 or scrypt.
 *
 * @throws TypeError where the format is `"pkcs1"` and a passphrase is given; RangeError where the cost is out of range.
 *
 * @example
 * ```ts
 * import { exportPrivateKey } from "@fesa/channel/x509";
 * import { generateKeyPair } from "@fesa/channel/rsa";
 *
 * const { privateKey } = await generateKeyPair({ bits: 1024, allowWeak: true });
 * if (!exportPrivateKey(privateKey).startsWith("-----BEGIN PRIVATE KEY-----")) throw new Error("not PKCS#8");
 * ```
 */
export function exportPrivateKey(key: RsaPrivateKey, options: PrivateKeyOptions = {}): string {
  const label = options.format === "pkcs1"
    ? "RSA PRIVATE KEY"
    : options.passphrase === undefined
    ? "PRIVATE KEY"
    : "ENCRYPTED PRIVATE KEY";
  return encodePem(label, exportPrivateKeyDer(key, options));
}

/**
 * The same as {@link exportPrivateKey}, as DER.
 *
 * @throws TypeError where the format is `"pkcs1"` and a passphrase is given; RangeError where the cost is out of range.
 *
 * @example
 * ```ts
 * import { exportPrivateKeyDer, parsePrivateKey } from "@fesa/channel/x509";
 * import { generateKeyPair } from "@fesa/channel/rsa";
 *
 * const { privateKey } = await generateKeyPair({ bits: 1024, allowWeak: true });
 * if (parsePrivateKey(exportPrivateKeyDer(privateKey)).n !== privateKey.n) throw new Error("another key");
 * ```
 */
export function exportPrivateKeyDer(key: RsaPrivateKey, options: PrivateKeyOptions = {}): Uint8Array {
  if (options.format === "pkcs1") {
    if (options.passphrase !== undefined) throw new TypeError("a PKCS#1 key cannot be encrypted: use PKCS#8");
    return encodePkcs1(key);
  }
  const plain = encodePkcs8(key);
  return options.passphrase === undefined ? plain : encryptKey(plain, options.passphrase, options);
}

function privateKeyDer(file: string | Uint8Array): Uint8Array {
  if (typeof file !== "string" && file[0] === TAG.sequence) return file;
  const block = decodePem(file).find(({ label }) => label.endsWith("PRIVATE KEY"));
  if (block === undefined) throw new ChannelError("malformed", "the file holds no private key");
  if (block.headers.has("DEK-Info")) {
    throw unsupported("keys with the encryption headers of old OpenSSL (convert with openssl pkcs8 -topk8)");
  }
  return block.bytes;
}

/** EncryptedPrivateKeyInfo (RFC 5958 section 3). */
function readEncrypted(fields: DerReader, passphrase: string | Uint8Array | undefined): RsaPrivateKey {
  const plain = decryptKey(fields, passphrase);
  return readDer(plain, "the decrypted private key", (reader) => {
    return reader.within((fields) => readPkcs8(fields, fields.smallInteger()));
  });
}

/** OneAsymmetricKey after its version (RFC 5958 section 2); version 1 may carry the public key, which says nothing new. */
function readPkcs8(fields: DerReader, version: number): RsaPrivateKey {
  if (version > 1) fields.fail(`has version ${version}, which PKCS#8 does not know`);
  const algorithm = readAlgorithm(fields);
  if (algorithm.oid !== RSA_ENCRYPTION) throw unsupported(`${algorithmName(algorithm.oid)} private keys`);
  if (!hasNullParameters(algorithm)) fields.fail("has no NULL as its parameters");
  const key = fields.octetString();
  fields.optional(constructed(0), (attributes) => attributes.any());
  if (version === 1) fields.optional(context(1), (publicKey) => publicKey.any());
  return readDer(key, "the RSA private key", (reader) => {
    return reader.within((fields) => readPkcs1(fields, fields.smallInteger()));
  });
}

/** RSAPrivateKey after its version (RFC 8017 appendix A.1.2). */
function readPkcs1(fields: DerReader, version: number): RsaPrivateKey {
  if (version === 1) throw unsupported("RSA keys with more than two primes");
  if (version !== 0) fields.fail(`has version ${version}, which PKCS#1 does not know`);
  const [n, e, d, p, q, dp, dq, qi] = Array.from({ length: 8 }, () => fields.integer());
  const key: RsaPrivateKey = { type: "rsa", n, e, d, p, q, dp, dq, qi };
  checkPrivateKey(key, { allowWeak: true });
  return key;
}

function encodePkcs8(key: RsaPrivateKey): Uint8Array {
  return der.sequence(
    der.integer(0),
    der.sequence(der.oid(RSA_ENCRYPTION), der.nul()),
    der.octetString(encodePkcs1(key)),
  );
}

function encodePkcs1({ n, e, d, p, q, dp, dq, qi }: RsaPrivateKey): Uint8Array {
  return der.sequence(...[0n, n, e, d, p, q, dp, dq, qi].map(der.integer));
}

function unsupported(what: string): ChannelError {
  return new ChannelError("unsupported", `${what} are not supported`);
}
