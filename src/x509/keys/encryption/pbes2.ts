/** PBES2 (RFC 8018 section 6.2) with PBKDF2 or scrypt. */

import { der, type DerReader } from "../../../asn1/mod.ts";
import { Aes } from "../../../crypto/aes.ts";
import { randomBytes } from "../../../crypto/random.ts";
import { unsupportedScheme } from "./bounds.ts";
import { CBC_SCHEMES, type CbcScheme, decryptPadded, pad } from "./cbc.ts";
import { type KeyEncryptionOptions, newPbkdf2Key, newScryptKey, readDerivation } from "./derivation.ts";
import { type Decryption, type Encrypted, utf8Passphrase } from "./scheme.ts";

/** The object identifier of PBES2. */
export const PBES2 = "1.2.840.113549.1.5.13";
const AES_256_CBC = "2.16.840.1.101.3.4.1.42";

const CIPHERS: ReadonlyMap<string, CbcScheme> = new Map([
  ["1.2.840.113549.3.7", CBC_SCHEMES["DES-EDE3-CBC"]],
  ["2.16.840.1.101.3.4.1.2", CBC_SCHEMES["AES-128-CBC"]],
  ["2.16.840.1.101.3.4.1.22", CBC_SCHEMES["AES-192-CBC"]],
  [AES_256_CBC, CBC_SCHEMES["AES-256-CBC"]],
]);

/** Reads PBES2-params. */
export function readPbes2(parameters: DerReader): Decryption {
  const derivation = parameters.sequence();
  const [cipher, iv] = parameters.within(readCipher);
  const { cost, derive } = readDerivation(derivation, cipher.keyLength);
  derivation.end();
  return {
    cost,
    decrypt: (passphrase, ciphertext) =>
      decryptPadded(cipher.create(derive(utf8Passphrase(passphrase))), iv, ciphertext),
  };
}

function readCipher(identifier: DerReader): [CbcScheme, Uint8Array] {
  const name = identifier.oid();
  const cipher = CIPHERS.get(name);
  if (cipher === undefined) throw unsupportedScheme("encryption", name);
  const iv = identifier.octetString();
  if (iv.length !== cipher.blockLength) identifier.fail("has an IV of the wrong size");
  return [cipher, iv];
}

/** Encrypts by PBES2 with AES-256-CBC. */
export function encryptPbes2(
  plain: Uint8Array,
  passphrase: string | Uint8Array,
  options: KeyEncryptionOptions,
): Encrypted {
  const { derivation = "pbkdf2", random = randomBytes } = options;
  const salt = random(16);
  const iv = random(16);
  const newKey = derivation === "scrypt" ? newScryptKey : newPbkdf2Key;
  const { key, identifier } = newKey(utf8Passphrase(passphrase), salt, options);
  const cipher = der.sequence(der.oid(AES_256_CBC), der.octetString(iv));
  return {
    algorithm: der.sequence(der.oid(PBES2), der.sequence(identifier, cipher)),
    ciphertext: new Aes(key).encryptCbc(iv, pad(plain, 16)),
  };
}
