/** The encryption of PKCS#12 itself (RFC 7292 appendix C), by SHA-1 with triple DES or RC2, for old files only. */

import { der, type DerReader } from "../../../asn1/mod.ts";
import { concat } from "../../../bytes.ts";
import { TripleDes } from "../../../crypto/des.ts";
import { PKCS12_PURPOSE, pkcs12Kdf } from "../../../crypto/kdf.ts";
import { randomBytes } from "../../../crypto/random.ts";
import { Rc2 } from "../../../crypto/rc2.ts";
import { MAX_ITERATIONS, tooExpensive } from "./bounds.ts";
import type { KeyEncryptionOptions } from "./derivation.ts";
import { type CbcDecryption, decryptPadded, pad } from "./padding.ts";
import { bmpPassphrase, type Decryption, type Encrypted } from "./scheme.ts";

interface Cipher {
  readonly keyLength: number;
  readonly create: (key: Uint8Array) => CbcDecryption;
}

const TRIPLE_DES = "1.2.840.113549.1.12.1.3";

const CIPHERS: ReadonlyMap<string, Cipher> = new Map([
  [TRIPLE_DES, { keyLength: 24, create: (key) => new TripleDes(key) }],
  ["1.2.840.113549.1.12.1.4", {
    keyLength: 16,
    create: (key) => new TripleDes(concat(key, key.subarray(0, 8))),
  }],
  ["1.2.840.113549.1.12.1.5", { keyLength: 16, create: (key) => new Rc2(key, 128) }],
  ["1.2.840.113549.1.12.1.6", { keyLength: 5, create: (key) => new Rc2(key, 40) }],
]);

/** Returns whether an object identifier names one of these schemes. */
export function isPkcs12Pbe(oid: string): boolean {
  return CIPHERS.has(oid);
}

/** Reads pkcs-12PbeParams. */
export function readPkcs12Pbe(oid: string, parameters: DerReader): Decryption {
  const { keyLength, create } = CIPHERS.get(oid)!;
  const salt = parameters.octetString();
  const iterations = parameters.smallInteger();
  if (iterations < 1 || salt.length === 0) parameters.fail("has no iterations or no salt");
  if (iterations > MAX_ITERATIONS || salt.length > 1024) throw tooExpensive();
  return {
    // An iteration is one hash, half the work of one of PBKDF2's. Each block of the key takes all iterations, as does the IV.
    cost: iterations * (Math.ceil(keyLength / 20) + 1) / 2,
    decrypt(passphrase, ciphertext) {
      const password = bmpPassphrase(passphrase);
      const key = pkcs12Kdf("SHA-1", password, salt, iterations, PKCS12_PURPOSE.key, keyLength);
      const iv = pkcs12Kdf("SHA-1", password, salt, iterations, PKCS12_PURPOSE.iv, 8);
      return decryptPadded(create(key), iv, ciphertext);
    },
  };
}

/** The iterations that OpenSSL and Windows use for such files. */
const LEGACY_ITERATIONS = 2048;

/** Encrypts by SHA-1 and triple DES. */
export function encryptPkcs12Pbe(
  plain: Uint8Array,
  passphrase: string | Uint8Array,
  { iterations = LEGACY_ITERATIONS, random = randomBytes }: KeyEncryptionOptions,
): Encrypted {
  const salt = random(16);
  const password = bmpPassphrase(passphrase);
  const key = pkcs12Kdf("SHA-1", password, salt, iterations, PKCS12_PURPOSE.key, 24);
  const iv = pkcs12Kdf("SHA-1", password, salt, iterations, PKCS12_PURPOSE.iv, 8);
  return {
    algorithm: der.sequence(
      der.oid(TRIPLE_DES),
      der.sequence(der.octetString(salt), der.integer(iterations)),
    ),
    ciphertext: new TripleDes(key).encryptCbc(iv, pad(plain, 8)),
  };
}
