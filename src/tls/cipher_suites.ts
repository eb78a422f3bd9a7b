/** The cipher suites: what each is made of, and which are used unless others are named. */

import { Aes } from "../crypto/aes.ts";
import { TripleDes } from "../crypto/des.ts";
import { type Hash, sha1, sha256, sha384 } from "../crypto/hash.ts";
import type { RandomBytes } from "../crypto/random.ts";
import {
  type DirectionKeys,
  EncryptThenMacProtection,
  GcmProtection,
  MacThenEncryptProtection,
  type RecordProtection,
} from "./record_protection.ts";

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

interface BlockCipher {
  readonly keyLength: number;
  readonly blockLength: number;
  readonly keyLimit: number;
  readonly create: (key: Uint8Array) => Aes | TripleDes;
}

const AES_256: BlockCipher = {
  keyLength: 32,
  blockLength: 16,
  keyLimit: Infinity,
  create: (key) => new Aes(key),
};

const TRIPLE_DES: BlockCipher = {
  keyLength: 24,
  blockLength: 8,
  keyLimit: 8 * 2 ** 20, // 2^20 blocks: SP 800-67 revision 2, section 3.3
  create: (key) => new TripleDes(key),
};

function cbcSuite(id: number, name: CipherSuiteName, cipher: BlockCipher, mac: Hash): CipherSuite {
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

const SUITES: readonly CipherSuite[] = [
  gcmSuite(0x009d, "TLS_RSA_WITH_AES_256_GCM_SHA384", sha384), // RFC 5288
  cbcSuite(0x003d, "TLS_RSA_WITH_AES_256_CBC_SHA256", AES_256, sha256), // RFC 5246 appendix A.5
  cbcSuite(0x0035, "TLS_RSA_WITH_AES_256_CBC_SHA", AES_256, sha1),
  cbcSuite(0x000a, "TLS_RSA_WITH_3DES_EDE_CBC_SHA", TRIPLE_DES, sha1),
];

/** The suites that are used where none are named, the best first. 3DES is not among them. */
export const DEFAULT_SUITES: readonly CipherSuiteName[] = [
  "TLS_RSA_WITH_AES_256_GCM_SHA384",
  "TLS_RSA_WITH_AES_256_CBC_SHA256",
  "TLS_RSA_WITH_AES_256_CBC_SHA",
];

/** The suites of these names, in this order; throws `TypeError` for a name that is none, or for no name. */
export function suitesByName(names: readonly CipherSuiteName[] = DEFAULT_SUITES): readonly CipherSuite[] {
  if (names.length === 0) throw new TypeError("no cipher suite is named");
  return names.map((name) => {
    const suite = SUITES.find((suite) => suite.name === name);
    if (suite === undefined) throw new TypeError(`no cipher suite is called ${name}`);
    return suite;
  });
}

/** TLS_EMPTY_RENEGOTIATION_INFO_SCSV (RFC 5746 section 3.3). */
export const RENEGOTIATION_SCSV = 0x00ff;
/** TLS_FALLBACK_SCSV (RFC 7507). */
export const FALLBACK_SCSV = 0x5600;
