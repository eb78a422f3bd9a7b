/** Encrypted private keys: PBES2 (RFC 8018 section 6.2) with PBKDF2 or scrypt, as PKCS#8 uses it. */

import { der, type DerReader, TAG } from "../../asn1/mod.ts";
import { concat, toUtf8 } from "../../bytes.ts";
import { Aes, type CbcCipher } from "../../crypto/aes.ts";
import { TripleDes } from "../../crypto/des.ts";
import type { HashName } from "../../crypto/hash.ts";
import { pbkdf2, scrypt } from "../../crypto/kdf.ts";
import { randomBytes } from "../../crypto/random.ts";
import type { RandomBytes } from "../../crypto/random.ts";
import { ChannelError } from "../../errors.ts";

/** How a passphrase becomes a key when a private key is encrypted. */
export interface KeyEncryptionOptions {
  /** `"pbkdf2"` (the default) is read everywhere; `"scrypt"` costs an attacker memory too. */
  readonly derivation?: "pbkdf2" | "scrypt";
  /** Iterations of PBKDF2, 600,000 by default, 2,000,000 at most. */
  readonly iterations?: number;
  /**
   * The cost N of scrypt, a power of two: 16,384 by default (with r = 8, p = 1: 16 MiB), 262,144 at most. OpenSSL reads
   * no more than 16,384.
   */
  readonly cost?: number;
  /** Where salt and IV come from. */
  readonly random?: RandomBytes;
}

const PBES2 = "1.2.840.113549.1.5.13";
const PBKDF2 = "1.2.840.113549.1.5.12";
const SCRYPT = "1.3.6.1.4.1.11591.4.11";
const HMAC_SHA256 = "1.2.840.113549.2.9";
const AES_256_CBC = "2.16.840.1.101.3.4.1.42";

const PRFS: ReadonlyMap<string, HashName> = new Map([
  ["1.2.840.113549.2.7", "SHA-1"],
  ["1.2.840.113549.2.8", "SHA-224"],
  [HMAC_SHA256, "SHA-256"],
  ["1.2.840.113549.2.10", "SHA-384"],
  ["1.2.840.113549.2.11", "SHA-512"],
]);

interface Cipher {
  readonly keyLength: number;
  readonly blockLength: number;
  readonly create: (key: Uint8Array) => CbcCipher;
}

const CIPHERS: ReadonlyMap<string, Cipher> = new Map([
  ["1.2.840.113549.3.7", { keyLength: 24, blockLength: 8, create: (key) => new TripleDes(key) }],
  ["2.16.840.1.101.3.4.1.2", { keyLength: 16, blockLength: 16, create: (key) => new Aes(key) }],
  ["2.16.840.1.101.3.4.1.22", { keyLength: 24, blockLength: 16, create: (key) => new Aes(key) }],
  [AES_256_CBC, { keyLength: 32, blockLength: 16, create: (key) => new Aes(key) }],
]);

/** Encryption that is known by name and not done. */
const OTHER_SCHEMES: ReadonlyMap<string, string> = new Map([
  ["1.2.840.113549.1.5.3", "PBES1 with MD5 and DES"],
  ["1.2.840.113549.1.5.6", "PBES1 with MD5 and RC2"],
  ["1.2.840.113549.1.5.10", "PBES1 with SHA-1 and DES"],
  ["1.2.840.113549.1.5.11", "PBES1 with SHA-1 and RC2"],
  ["1.2.840.113549.1.12.1.1", "PKCS#12 encryption with 128-bit RC4"],
  ["1.2.840.113549.1.12.1.2", "PKCS#12 encryption with 40-bit RC4"],
  ["1.2.840.113549.1.12.1.3", "PKCS#12 encryption with triple DES"],
  ["1.2.840.113549.1.12.1.4", "PKCS#12 encryption with two-key triple DES"],
  ["1.2.840.113549.1.12.1.5", "PKCS#12 encryption with 128-bit RC2"],
  ["1.2.840.113549.1.12.1.6", "PKCS#12 encryption with 40-bit RC2"],
  ["1.3.14.3.2.7", "DES"],
]);

/** Bounds on what a file may make its reader do: about ten seconds, and 256 MiB. */
const MAX_ITERATIONS = 2_000_000;
const MAX_SCRYPT_BLOCKS = 2 ** 21; // N * r, of 128 bytes each
const MAX_SCRYPT_WORK = 2 ** 22; // N * r * p
const MAX_SCRYPT_WIDTH = 2 ** 14; // r * p, of 128 bytes each, which PBKDF2 makes before and reads after, whatever N is
const MAX_SALT = 1024;

/**
 * Reads and decrypts the fields of EncryptedPrivateKeyInfo (RFC 5958 section 3).
 *
 * Nothing authenticates the data, so a wrong passphrase is told by what comes out: the padding is wrong, or it is not
 * one SEQUENCE of just that length.
 */
export function decryptKey(fields: DerReader, passphrase: string | Uint8Array | undefined): Uint8Array {
  const decrypt = fields.within(readScheme);
  const ciphertext = fields.octetString();
  if (passphrase === undefined) {
    throw new ChannelError("passphrase", "the private key is encrypted: a passphrase is needed");
  }
  const plain = decrypt(passphraseBytes(passphrase), ciphertext);
  if (plain === undefined || !isOneSequence(plain)) {
    throw new ChannelError("passphrase", "the passphrase is wrong");
  }
  return plain;
}

/** Encrypts the DER of a PKCS#8 key and gives EncryptedPrivateKeyInfo: PBES2 with AES-256-CBC. */
export function encryptKey(
  plain: Uint8Array,
  passphrase: string | Uint8Array,
  options: KeyEncryptionOptions,
): Uint8Array {
  const { derivation = "pbkdf2", random = randomBytes } = options;
  const salt = random(16);
  const iv = random(16);
  const { key, identifier } = (derivation === "scrypt" ? newScryptKey : newPbkdf2Key)(
    passphraseBytes(passphrase),
    salt,
    options,
  );
  const scheme = der.sequence(identifier, der.sequence(der.oid(AES_256_CBC), der.octetString(iv)));
  return der.sequence(
    der.sequence(der.oid(PBES2), scheme),
    der.octetString(new Aes(key).encryptCbc(iv, pad(plain, 16))),
  );
}

type Decrypt = (passphrase: Uint8Array, ciphertext: Uint8Array) => Uint8Array | undefined;
type Derive = (passphrase: Uint8Array) => Uint8Array;

function readScheme(identifier: DerReader): Decrypt {
  const scheme = identifier.oid();
  if (scheme !== PBES2) throw unsupported("key encryption", scheme);
  return identifier.within((parameters) => {
    const derivation = parameters.sequence();
    const [cipher, iv] = parameters.within(readCipher);
    const derive = readDerivation(derivation, cipher.keyLength);
    return (passphrase, ciphertext) => {
      if (ciphertext.length === 0 || ciphertext.length % cipher.blockLength !== 0) {
        throw new ChannelError("malformed", "the encrypted private key is not whole blocks");
      }
      return unpad(cipher.create(derive(passphrase)).decryptCbc(iv, ciphertext), cipher.blockLength);
    };
  });
}

function readCipher(identifier: DerReader): [Cipher, Uint8Array] {
  const name = identifier.oid();
  const cipher = CIPHERS.get(name);
  if (cipher === undefined) throw unsupported("key encryption", name);
  const iv = identifier.octetString();
  if (iv.length !== cipher.blockLength) identifier.fail("has an IV of the wrong size");
  return [cipher, iv];
}

function readDerivation(identifier: DerReader, keyLength: number): Derive {
  const name = identifier.oid();
  if (name !== PBKDF2 && name !== SCRYPT) throw unsupported("key derivation", name);
  const derive = identifier.within((parameters) =>
    name === PBKDF2 ? readPbkdf2(parameters, keyLength) : readScrypt(parameters, keyLength)
  );
  identifier.end();
  return derive;
}

/** PBKDF2-params (RFC 8018 appendix A.2). */
function readPbkdf2(parameters: DerReader, keyLength: number): Derive {
  const salt = readSalt(parameters);
  const iterations = parameters.smallInteger();
  checkKeyLength(parameters, keyLength);
  const hash = parameters.done ? "SHA-1" : parameters.within(readPrf);
  if (iterations < 1) parameters.fail("has no iterations");
  if (iterations > MAX_ITERATIONS) throw tooExpensive();
  return (passphrase) => pbkdf2(hash, passphrase, salt, iterations, keyLength);
}

function readPrf(identifier: DerReader): HashName {
  const name = identifier.oid();
  const hash = PRFS.get(name);
  if (hash === undefined) throw unsupported("pseudo-random function", name);
  identifier.null();
  return hash;
}

/** scrypt-params (RFC 7914 section 7). */
function readScrypt(parameters: DerReader, keyLength: number): Derive {
  const salt = readSalt(parameters);
  const [N, r, p] = [parameters.smallInteger(), parameters.smallInteger(), parameters.smallInteger()];
  checkKeyLength(parameters, keyLength);
  if (!isPowerOfTwo(N) || r < 1 || p < 1) parameters.fail("has scrypt parameters out of range");
  const isBounded = N * r <= MAX_SCRYPT_BLOCKS && r * p <= MAX_SCRYPT_WIDTH && N * r * p <= MAX_SCRYPT_WORK;
  if (!isBounded) throw tooExpensive();
  return (passphrase) => scrypt(passphrase, salt, { N, r, p }, keyLength);
}

function readSalt(parameters: DerReader): Uint8Array {
  const salt = parameters.octetString();
  if (salt.length > MAX_SALT) throw new ChannelError("limit", "the private key's salt is too long");
  return salt;
}

/** The optional length of the derived key: it can only repeat what the cipher needs. */
function checkKeyLength(parameters: DerReader, keyLength: number): void {
  if (!parameters.has(TAG.integer)) return;
  if (parameters.smallInteger() !== keyLength) parameters.fail("derives a key of the wrong size");
}

interface NewKey {
  readonly key: Uint8Array;
  /** How the key was derived: the AlgorithmIdentifier of PBES2's first half. */
  readonly identifier: Uint8Array;
}

function newPbkdf2Key(passphrase: Uint8Array, salt: Uint8Array, options: KeyEncryptionOptions): NewKey {
  const { iterations = 600_000 } = options;
  if (!Number.isInteger(iterations) || iterations < 1 || iterations > MAX_ITERATIONS) {
    throw new RangeError(`iterations must be 1 to ${MAX_ITERATIONS}`);
  }
  const prf = der.sequence(der.oid(HMAC_SHA256), der.nul());
  const parameters = der.sequence(der.octetString(salt), der.integer(iterations), prf);
  return {
    key: pbkdf2("SHA-256", passphrase, salt, iterations, 32),
    identifier: der.sequence(der.oid(PBKDF2), parameters),
  };
}

function newScryptKey(passphrase: Uint8Array, salt: Uint8Array, options: KeyEncryptionOptions): NewKey {
  const { cost: N = 16_384 } = options;
  const [r, p] = [8, 1];
  if (!isPowerOfTwo(N) || N * r > MAX_SCRYPT_BLOCKS) {
    throw new RangeError(`cost must be a power of two from 2 to ${MAX_SCRYPT_BLOCKS / r}`);
  }
  const parameters = der.sequence(der.octetString(salt), ...[N, r, p].map(der.integer));
  return {
    key: scrypt(passphrase, salt, { N, r, p }, 32),
    identifier: der.sequence(der.oid(SCRYPT), parameters),
  };
}

/** Padding to whole blocks (RFC 8018 section 6.1.1 step 4). */
function pad(data: Uint8Array, blockLength: number): Uint8Array {
  const count = blockLength - data.length % blockLength;
  return concat(data, new Uint8Array(count).fill(count));
}

/** The data without its padding, or undefined where the padding is wrong. */
function unpad(data: Uint8Array, blockLength: number): Uint8Array | undefined {
  const count = data[data.length - 1];
  const padding = data.subarray(data.length - count);
  if (count < 1 || count > blockLength || padding.some((byte) => byte !== count)) return undefined;
  return data.subarray(0, data.length - count);
}

function isPowerOfTwo(number: number): boolean {
  return number > 1 && Number.isInteger(Math.log2(number));
}

/** Whether the bytes look like one SEQUENCE and nothing else, as the right passphrase gives. */
function isOneSequence(bytes: Uint8Array): boolean {
  const [tag, first] = bytes;
  if (tag !== TAG.sequence || bytes.length < 2) return false;
  if (first < 0x80) return bytes.length === 2 + first;
  let length = 0;
  const count = first & 0x7f;
  for (const byte of bytes.subarray(2, 2 + count)) length = length * 256 + byte;
  return bytes.length === 2 + count + length;
}

function passphraseBytes(passphrase: string | Uint8Array): Uint8Array {
  return typeof passphrase === "string" ? toUtf8(passphrase) : passphrase;
}

function unsupported(what: string, oid: string): ChannelError {
  return new ChannelError("unsupported", `the ${what} ${OTHER_SCHEMES.get(oid) ?? oid} is not supported`);
}

function tooExpensive(): ChannelError {
  return new ChannelError("limit", "deriving the private key's encryption key would cost too much");
}
