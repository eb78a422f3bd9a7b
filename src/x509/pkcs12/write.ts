/** Writes PKCS#12 files (RFC 7292). */

import { der, TAG } from "../../asn1/mod.ts";
import { sha1 } from "../../crypto/hash.ts";
import { type RandomBytes, randomBytes } from "../../crypto/random.ts";
import { checkNewIterations } from "../keys/encryption/bounds.ts";
import { encodeEncryptedKey } from "../keys/encryption/mod.ts";
import { encryptPbes2 } from "../keys/encryption/pbes2.ts";
import { encryptPkcs12Pbe } from "../keys/encryption/pkcs12_pbe.ts";
import { type Encrypted, toUtf16 } from "../keys/encryption/scheme.ts";
import { encodePkcs8 } from "../keys/pkcs8.ts";
import { exportPublicKey } from "../keys/public_key.ts";
import { ANY_EXTENDED_KEY_USAGE } from "../oids.ts";
import { encodeMac } from "./mac.ts";
import {
  CERT_BAG,
  FRIENDLY_NAME,
  ID_DATA,
  ID_ENCRYPTED_DATA,
  LOCAL_KEY_ID,
  SHROUDED_KEY_BAG,
  X509_CERTIFICATE,
} from "./oids.ts";
import type { Pkcs12, Pkcs12Certificate, Pkcs12Key } from "./read.ts";

/** The options of {@link createPkcs12}. */
export interface Pkcs12Options {
  /**
   * Uses triple DES and SHA-1, for macOS's keychain, Windows before 10 and Java before 8u301, which support nothing else.
   * These algorithms are outdated, and the passphrase protects less.
   */
  readonly legacy?: boolean;
  /**
   * The iterations of each of the three key derivations: 100,000 by default (2,048 with `legacy`), 2,000,000 at most.
   * Windows accepts at most 600,000 in total.
   */
  readonly iterations?: number;
  /** The random generator for salts and IVs; the platform's by default. */
  readonly random?: RandomBytes;
}

/** The contents for {@link createPkcs12}; either list may be omitted. */
export type Pkcs12Contents = Partial<Pkcs12>;

/** The attribute that marks a trusted certificate in Java's trust stores. */
const TRUSTED_KEY_USAGE = "2.16.840.1.113894.746875.1.1";

/**
 * Returns a PKCS#12 file. It is encrypted with PBES2 (AES-256-CBC, PBKDF2-HMAC-SHA-256) and has an HMAC-SHA-256. Windows 10
 * and later, Java 8u301 and later, OpenSSL and GnuTLS read it.
 *
 * @param contents Keys, each with its certificate chain, and other certificates.
 * @param passphrase Encrypts the file. Use ASCII characters only, because programs encode other characters differently.
 * @throws {TypeError} If there is neither a key nor a certificate, or the passphrase is missing.
 * @throws {RangeError} If `iterations` is out of range.
 *
 * @example
 * ```ts
 * import { createPkcs12, generateKey, parsePkcs12 } from "@fesa/channel/x509";
 *
 * const key = await generateKey("rsa");
 * const file = createPkcs12({ keys: [{ key, certificates: [], friendlyName: "mine" }] }, "secret");
 * if (parsePkcs12(file, "secret").keys[0].friendlyName !== "mine") throw new Error("another key");
 * ```
 */
export function createPkcs12(
  contents: Pkcs12Contents,
  passphrase: string | Uint8Array,
  options: Pkcs12Options = {},
): Uint8Array {
  const { keys = [], certificates = [] } = contents;
  const { legacy = false, iterations = legacy ? 2048 : 100_000, random = randomBytes } = options;
  if (keys.length === 0 && certificates.length === 0) throw new TypeError("there is nothing to write");
  if (typeof passphrase !== "string" && !(passphrase instanceof Uint8Array)) {
    throw new TypeError("passphrase is missing");
  }
  checkNewIterations(iterations);
  const encrypt = (plain: Uint8Array) =>
    (legacy ? encryptPkcs12Pbe : encryptPbes2)(plain, passphrase, { iterations, random });
  const issuers = new Map(
    keys.flatMap((one) => one.certificates.slice(1)).map((one) => [one.fingerprint, one.der]),
  );
  const certificateBags = [
    ...keys.flatMap(ownCertificateBag),
    ...Array.from(issuers.values(), (bytes) => certificateBag(bytes, [])),
    ...certificates.map(trustedBag),
  ];
  const parts = [
    ...(certificateBags.length > 0 ? [encryptedPart(encrypt(der.sequence(...certificateBags)))] : []),
    ...(keys.length > 0 ? [dataPart(der.sequence(...keys.map((one) => keyBag(one, encrypt))))] : []),
  ];
  const content = der.sequence(...parts);
  const mac = encodeMac(legacy ? "SHA-1" : "SHA-256", passphrase, random(16), iterations, content);
  return der.sequence(der.integer(3), dataPart(content), mac);
}

function dataPart(content: Uint8Array): Uint8Array {
  return der.sequence(der.oid(ID_DATA), der.explicit(0, der.octetString(content)));
}

function encryptedPart({ algorithm, ciphertext }: Encrypted): Uint8Array {
  const info = der.sequence(der.oid(ID_DATA), algorithm, der.implicit(0, der.octetString(ciphertext)));
  return der.sequence(der.oid(ID_ENCRYPTED_DATA), der.explicit(0, der.sequence(der.integer(0), info)));
}

function keyBag(entry: Pkcs12Key, encrypt: (plain: Uint8Array) => Encrypted): Uint8Array {
  const shrouded = encodeEncryptedKey(encrypt(encodePkcs8(entry.key)));
  return bag(SHROUDED_KEY_BAG, shrouded, keyAttributes(entry));
}

/**
 * Encodes the key's certificate with the same attributes as the key, by which programs match the two. Certificates of
 * issuers have no attributes.
 */
function ownCertificateBag(entry: Pkcs12Key): Uint8Array[] {
  return entry.certificates.slice(0, 1).map(({ der: bytes }) => certificateBag(bytes, keyAttributes(entry)));
}

function trustedBag({ certificate, friendlyName }: Pkcs12Certificate): Uint8Array {
  const trusted = attribute(TRUSTED_KEY_USAGE, der.oid(ANY_EXTENDED_KEY_USAGE));
  return certificateBag(certificate.der, [trusted, ...friendlyNameAttribute(friendlyName)]);
}

function certificateBag(certificate: Uint8Array, attributes: readonly Uint8Array[]): Uint8Array {
  const value = der.sequence(der.oid(X509_CERTIFICATE), der.explicit(0, der.octetString(certificate)));
  return bag(CERT_BAG, value, attributes);
}

function bag(type: string, value: Uint8Array, attributes: readonly Uint8Array[]): Uint8Array {
  return der.sequence(
    der.oid(type),
    der.explicit(0, value),
    ...(attributes.length > 0 ? [der.setOf(...attributes)] : []),
  );
}

function keyAttributes({ key, friendlyName }: Pkcs12Key): Uint8Array[] {
  const identifier = sha1(exportPublicKey(key)); // any bytes, the same for key and certificate
  return [attribute(LOCAL_KEY_ID, der.octetString(identifier)), ...friendlyNameAttribute(friendlyName)];
}

function friendlyNameAttribute(name: string | undefined): Uint8Array[] {
  if (name === undefined) return [];
  return [attribute(FRIENDLY_NAME, der.element(TAG.bmpString, toUtf16(name)))];
}

function attribute(type: string, value: Uint8Array): Uint8Array {
  return der.sequence(der.oid(type), der.setOf(value));
}
