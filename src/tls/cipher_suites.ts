/** The cipher suites: what each is made of, and the three that are used unless others are named. */

import { Aes, type CbcCipher } from "../crypto/aes.ts";
import { type Hash, sha1, sha256, sha384 } from "../crypto/hash.ts";
import type { RandomBytes } from "../crypto/random.ts";
import {
  type DirectionKeys,
  EncryptThenMacProtection,
  GcmProtection,
  MacThenEncryptProtection,
  type RecordProtection,
} from "./record/protection.ts";

/** The IANA name of a cipher suite that this library knows. */
export type CipherSuiteName =
  | "TLS_RSA_WITH_AES_256_GCM_SHA384"
  | "TLS_RSA_WITH_AES_256_CBC_SHA256"
  | "TLS_RSA_WITH_AES_256_CBC_SHA"
  | "TLS_RSA_WITH_3DES_EDE_CBC_SHA";

/** A cipher suite: its number and name, its sizes in bytes, and how it protects records. */
export interface CipherSuite {
  readonly id: number;
  readonly name: CipherSuiteName;
  /** The size of the symmetric key in bits, counted as the standards write it: 192 for three-key 3DES. */
  readonly keyBits: number;
  /** The hash function of the PRF, of Finished and of the transcript (RFC 5246 section 5). */
  readonly hash: Hash;
  readonly macLength: number;
  readonly keyLength: number;
  readonly fixedIvLength: number;
  /** Whether this is a CBC suite, to which encrypt-then-MAC applies (RFC 7366 section 3). */
  readonly cbc: boolean;
  /** How many bytes may be protected under one key, unless the caller says otherwise. */
  readonly keyLimit: number;
  /** The protection of one direction. */
  protection(keys: DirectionKeys, encryptThenMac: boolean, random: RandomBytes): RecordProtection;
}

function gcmSuite(id: number, name: CipherSuiteName, hash: Hash): CipherSuite {
  return {
    id,
    name,
    keyBits: 256,
    hash,
    macLength: 0,
    keyLength: 32,
    fixedIvLength: 4,
    cbc: false,
    keyLimit: Infinity,
    protection: (keys) => new GcmProtection(keys),
  };
}

/** What a CBC suite encrypts with; sizes in bytes. */
export interface BlockCipher {
  readonly keyLength: number;
  readonly blockLength: number;
  readonly keyLimit: number;
  readonly create: (key: Uint8Array) => CbcCipher;
}

const AES_256: BlockCipher = {
  keyLength: 32,
  blockLength: 16,
  keyLimit: Infinity,
  create: (key) => new Aes(key),
};

/** A suite of a block cipher and HMAC, with the PRF of SHA-256. */
export function cbcSuite(id: number, name: CipherSuiteName, cipher: BlockCipher, mac: Hash): CipherSuite {
  return {
    id,
    name,
    keyBits: cipher.keyLength * 8,
    hash: sha256,
    macLength: mac.outputLen,
    keyLength: cipher.keyLength,
    fixedIvLength: 0,
    cbc: true,
    keyLimit: cipher.keyLimit,
    protection: (keys, encryptThenMac, random) => {
      const algorithms = { blockLength: cipher.blockLength, mac, cipher: cipher.create, random };
      return encryptThenMac
        ? new EncryptThenMacProtection(keys, algorithms)
        : new MacThenEncryptProtection(keys, algorithms);
    },
  };
}

/** The suites that are used where none are named, the best first. `every_suite.ts` has 3DES beside them. */
export const AES_SUITES: readonly CipherSuite[] = [
  gcmSuite(0x009d, "TLS_RSA_WITH_AES_256_GCM_SHA384", sha384), // RFC 5288
  cbcSuite(0x003d, "TLS_RSA_WITH_AES_256_CBC_SHA256", AES_256, sha256), // RFC 5246 appendix A.5
  cbcSuite(0x0035, "TLS_RSA_WITH_AES_256_CBC_SHA", AES_256, sha1),
];

/**
 * Those of the known suites that have these names, in the names' order, or the AES suites where there are no names; throws
 * `TypeError` for a name that is none, or for an empty list.
 */
export function suitesByName(
  names: readonly CipherSuiteName[] | undefined,
  known: readonly CipherSuite[],
): readonly CipherSuite[] {
  if (names === undefined) return AES_SUITES;
  if (names.length === 0) throw new TypeError("no cipher suite is named");
  return names.map((name) => {
    const suite = known.find((suite) => suite.name === name);
    if (suite === undefined) throw new TypeError(`no cipher suite is called ${name}`);
    return suite;
  });
}

/** TLS_EMPTY_RENEGOTIATION_INFO_SCSV (RFC 5746 section 3.3). */
export const RENEGOTIATION_SCSV = 0x00ff;
/** TLS_FALLBACK_SCSV (RFC 7507). */
export const FALLBACK_SCSV = 0x5600;
