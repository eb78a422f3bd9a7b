/**
 * The encryption schemes that PKCS#12 defines (RFC 7292 appendix C): SHA-1 with triple DES or RC2. Only old files use them.
 */

import { der, type DerReader } from "../../../asn1/mod.ts";
import { concat } from "../../../bytes.ts";
import { TripleDes } from "../../../crypto/des/mod.ts";
import { PKCS12_PURPOSE, pkcs12Kdf } from "../../../crypto/kdf.ts";
import { randomBytes } from "../../../crypto/random.ts";
import { Rc2 } from "../../../crypto/rc2.ts";
import { checkIterations } from "./bounds.ts";
import { type CbcDecryption, decryptPadded, pad } from "./cbc.ts";
import type { KeyEncryptionOptions } from "./derivation.ts";
import { bmpPassphrase, type Decryption, type Encrypted, type Passphrase } from "./scheme.ts";

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
  checkIterations(parameters, iterations, salt);
  return {
    // An iteration is one hash, half the work of an iteration of PBKDF2. Each block of the key takes all iterations, and so
    // does the IV.
    cost: iterations * (Math.ceil(keyLength / 20) + 1) / 2,
    decrypt(passphrase, ciphertext) {
      const { key, iv } = derive(passphrase, salt, iterations, keyLength);
      return decryptPadded(create(key), iv, ciphertext);
    },
  };
}

/** The iterations that OpenSSL and Windows use for such files. */
const LEGACY_ITERATIONS = 2048;

/** Encrypts with SHA-1 and triple DES. */
export function encryptPkcs12Pbe(
  plain: Uint8Array,
  passphrase: string | Uint8Array,
  { iterations = LEGACY_ITERATIONS, random = randomBytes }: KeyEncryptionOptions,
): Encrypted {
  const salt = random(16);
  const { key, iv } = derive(passphrase, salt, iterations, 24);
  return {
    algorithm: der.sequence(
      der.oid(TRIPLE_DES),
      der.sequence(der.octetString(salt), der.integer(iterations)),
    ),
    ciphertext: new TripleDes(key).encryptCbc(iv, pad(plain, 8)),
  };
}

function derive(
  passphrase: Passphrase,
  salt: Uint8Array,
  iterations: number,
  keyLength: number,
): { readonly key: Uint8Array; readonly iv: Uint8Array } {
  const password = bmpPassphrase(passphrase);
  return {
    key: pkcs12Kdf("SHA-1", password, salt, iterations, PKCS12_PURPOSE.key, keyLength),
    iv: pkcs12Kdf("SHA-1", password, salt, iterations, PKCS12_PURPOSE.iv, 8),
  };
}
