/** Key derivation from passphrases by PBKDF2 (RFC 8018 appendix A.2) and scrypt (RFC 7914 section 7). */

import { der, type DerReader, TAG } from "../../../asn1/mod.ts";
import type { HashName } from "../../../crypto/hash.ts";
import { pbkdf2, scrypt } from "../../../crypto/kdf.ts";
import type { RandomBytes } from "../../../crypto/random.ts";
import { ChannelError } from "../../../errors.ts";
import { checkNewIterations, MAX_ITERATIONS, MAX_SALT, tooExpensive, unsupportedScheme } from "./bounds.ts";

/** Options for the encryption of a private key: how the encryption key is derived from the passphrase. */
export interface KeyEncryptionOptions {
  /**
   * The key derivation function. `"pbkdf2"` (the default) is supported everywhere; `"scrypt"` also costs an attacker memory.
   */
  readonly derivation?: "pbkdf2" | "scrypt";
  /** Iterations of PBKDF2, 600,000 by default, 2,000,000 at most. */
  readonly iterations?: number;
  /**
   * The cost N of scrypt, a power of two: 16,384 by default (with r = 8, p = 1: 16 MiB), 262,144 at most. OpenSSL accepts at
   * most 16,384.
   */
  readonly cost?: number;
  /** The random generator for salt and IV; the platform's by default. */
  readonly random?: RandomBytes;
}

const PBKDF2 = "1.2.840.113549.1.5.12";
const SCRYPT = "1.3.6.1.4.1.11591.4.11";
const HMAC_SHA256 = "1.2.840.113549.2.9";

/** HMAC with these hash functions (RFC 8018 appendix B.1). */
const HMACS: ReadonlyMap<string, HashName> = new Map([
  ["1.2.840.113549.2.7", "SHA-1"],
  ["1.2.840.113549.2.8", "SHA-224"],
  [HMAC_SHA256, "SHA-256"],
  ["1.2.840.113549.2.10", "SHA-384"],
  ["1.2.840.113549.2.11", "SHA-512"],
]);

const MAX_SCRYPT_BLOCKS = 2 ** 21; // N * r, of 128 bytes each
const MAX_SCRYPT_WORK = 2 ** 22; // N * r * p
const MAX_SCRYPT_WIDTH = 2 ** 14; // r * p, of 128 bytes each: the output and input of scrypt's PBKDF2 steps

/** A key derivation with its parameters. */
export interface Derivation {
  readonly derive: (passphrase: Uint8Array) => Uint8Array;
  /** The cost of the derivation, as a number of PBKDF2 iterations that take as long. */
  readonly cost: number;
}

/** Reads the AlgorithmIdentifier of a key derivation for a key of this length. */
export function readDerivation(identifier: DerReader, keyLength?: number): Derivation {
  const name = identifier.oid();
  if (name !== PBKDF2 && name !== SCRYPT) throw unsupportedScheme("key derivation", name);
  return identifier.within((parameters) =>
    name === PBKDF2 ? readPbkdf2(parameters, keyLength) : readScrypt(parameters, keyLength)
  );
}

function readPbkdf2(parameters: DerReader, keyLength: number | undefined): Derivation {
  const salt = readSalt(parameters);
  const iterations = parameters.smallInteger();
  const length = readKeyLength(parameters, keyLength);
  const hash = parameters.done ? "SHA-1" : parameters.within(readHmac);
  if (iterations < 1) parameters.fail("has no iterations");
  if (iterations > MAX_ITERATIONS) throw tooExpensive();
  return { cost: iterations, derive: (passphrase) => pbkdf2(hash, passphrase, salt, iterations, length) };
}

/**
 * Reads the AlgorithmIdentifier of an HMAC and returns its hash function. The parameters are a NULL (RFC 8018 appendix
 * B.1.2), which GnuTLS omits.
 */
export function readHmac(identifier: DerReader): HashName {
  const name = identifier.oid();
  const hash = HMACS.get(name);
  if (hash === undefined) throw unsupportedScheme("pseudo-random function", name);
  if (!identifier.done) identifier.null();
  return hash;
}

function readScrypt(parameters: DerReader, keyLength: number | undefined): Derivation {
  const salt = readSalt(parameters);
  const [N, r, p] = [parameters.smallInteger(), parameters.smallInteger(), parameters.smallInteger()];
  const length = readKeyLength(parameters, keyLength);
  if (!isPowerOfTwo(N) || r < 1 || p < 1) parameters.fail("has scrypt parameters out of range");
  const isBounded = N * r <= MAX_SCRYPT_BLOCKS && r * p <= MAX_SCRYPT_WIDTH && N * r * p <= MAX_SCRYPT_WORK;
  if (!isBounded) throw tooExpensive();
  // The most work of scrypt takes about as long as the most iterations of PBKDF2.
  const cost = N * r * p * MAX_ITERATIONS / MAX_SCRYPT_WORK;
  return { cost, derive: (passphrase) => scrypt(passphrase, salt, { N, r, p }, length) };
}

function readSalt(parameters: DerReader): Uint8Array {
  const salt = parameters.octetString();
  if (salt.length > MAX_SALT) throw new ChannelError("limit", "the salt is too long");
  return salt;
}

/** Returns the length of the derived key. It may be omitted if the cipher fixes it, and must match the cipher if given. */
function readKeyLength(parameters: DerReader, needed: number | undefined): number {
  if (!parameters.has(TAG.integer)) {
    return needed ?? parameters.fail("does not say how long the derived key is");
  }
  const length = parameters.smallInteger();
  if (needed !== undefined && length !== needed || length < 1 || length > 64) {
    parameters.fail("derives a key of the wrong size");
  }
  return length;
}

/** A newly derived key. */
export interface NewKey {
  readonly key: Uint8Array;
  /** The keyDerivationFunc of PBES2: the AlgorithmIdentifier of the derivation. */
  readonly identifier: Uint8Array;
}

/** Derives a key of 32 bytes by PBKDF2-HMAC-SHA-256. */
export function newPbkdf2Key(
  passphrase: Uint8Array,
  salt: Uint8Array,
  options: KeyEncryptionOptions,
): NewKey {
  const { iterations = 600_000 } = options;
  checkNewIterations(iterations);
  const prf = der.sequence(der.oid(HMAC_SHA256), der.nul());
  const parameters = der.sequence(der.octetString(salt), der.integer(iterations), prf);
  return {
    key: pbkdf2("SHA-256", passphrase, salt, iterations, 32),
    identifier: der.sequence(der.oid(PBKDF2), parameters),
  };
}

/** Derives a key of 32 bytes by scrypt. */
export function newScryptKey(
  passphrase: Uint8Array,
  salt: Uint8Array,
  options: KeyEncryptionOptions,
): NewKey {
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

function isPowerOfTwo(number: number): boolean {
  return number > 1 && Number.isInteger(Math.log2(number));
}
