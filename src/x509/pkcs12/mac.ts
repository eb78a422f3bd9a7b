/** The MAC of a PKCS#12 file: MacData (RFC 7292 section 4), with PKCS#12's own key derivation or with PBMAC1 (RFC 9579). */

import { der, type DerReader, TAG } from "../../asn1/mod.ts";
import { equalBytes } from "../../bytes.ts";
import { hashByName, type HashName } from "../../crypto/hash.ts";
import { hmac } from "../../crypto/hmac.ts";
import { PKCS12_PURPOSE, pkcs12Kdf } from "../../crypto/kdf.ts";
import { encodeHashAlgorithm, HASH_OIDS } from "../keys/algorithm.ts";
import { checkIterations, unsupportedScheme } from "../keys/encryption/bounds.ts";
import { readDerivation, readHmac } from "../keys/encryption/derivation.ts";
import { bmpPassphrase, type Passphrase, utf8Passphrase } from "../keys/encryption/scheme.ts";
import { PBMAC1 } from "./oids.ts";

/** The MAC of a file, with its parameters. */
export interface Mac {
  /** The cost of the key derivation, as a number of PBKDF2 iterations that take as long. */
  readonly cost: number;
  /** Returns whether the file's MAC is the MAC of `content` under the passphrase. */
  readonly verify: (passphrase: Passphrase, content: Uint8Array) => boolean;
}

type MakeMac = (passphrase: Passphrase, content: Uint8Array) => Uint8Array;

/** Reads MacData. */
export function readMac(data: DerReader): Mac {
  const digestInfo = data.sequence();
  const algorithm = digestInfo.sequence();
  const digest = digestInfo.octetString();
  digestInfo.end();
  const salt = data.octetString();
  const iterations = data.optional(TAG.integer, (reader) => reader.smallInteger()) ?? 1;
  const oid = algorithm.oid();
  const { cost, make } = oid === PBMAC1
    ? algorithm.within(readPbmac1)
    : readPkcs12Mac(oid, algorithm, salt, iterations);
  algorithm.end();
  return { cost, verify: (passphrase, content) => equalBytes(make(passphrase, content), digest) };
}

/** Reads a MAC with PKCS#12's own key derivation. The key is as long as the hash value (appendix B.1). */
function readPkcs12Mac(
  oid: string,
  algorithm: DerReader,
  salt: Uint8Array,
  iterations: number,
): { readonly cost: number; readonly make: MakeMac } {
  const hash = HASH_OIDS.get(oid);
  if (hash === undefined) throw unsupportedScheme("MAC", oid);
  if (!algorithm.done) algorithm.null();
  checkIterations(algorithm, iterations, salt);
  return {
    cost: iterations / 2, // an iteration is one hash, half the work of an iteration of PBKDF2
    make: (passphrase, content) => pkcs12Mac(hash, passphrase, salt, iterations, content),
  };
}

function pkcs12Mac(
  hash: HashName,
  passphrase: Passphrase,
  salt: Uint8Array,
  iterations: number,
  content: Uint8Array,
): Uint8Array {
  const { outputLen } = hashByName(hash);
  const password = bmpPassphrase(passphrase);
  const key = pkcs12Kdf(hash, password, salt, iterations, PKCS12_PURPOSE.mac, outputLen);
  return hmac(hashByName(hash), key, content);
}

/** Reads PBMAC1-params (RFC 8018 appendix A.5). The length of the key is required (RFC 9579 section 5). */
function readPbmac1(parameters: DerReader): { readonly cost: number; readonly make: MakeMac } {
  const { cost, derive } = parameters.within((identifier) => readDerivation(identifier));
  const hash = hashByName(parameters.within(readHmac));
  return { cost, make: (passphrase, content) => hmac(hash, derive(utf8Passphrase(passphrase)), content) };
}

/** Encodes MacData with PKCS#12's own key derivation, which every program supports. */
export function encodeMac(
  hash: "SHA-1" | "SHA-256",
  passphrase: string | Uint8Array,
  salt: Uint8Array,
  iterations: number,
  content: Uint8Array,
): Uint8Array {
  const digest = pkcs12Mac(hash, passphrase, salt, iterations, content);
  return der.sequence(
    der.sequence(encodeHashAlgorithm(hash), der.octetString(digest)),
    der.octetString(salt),
    der.integer(iterations),
  );
}
