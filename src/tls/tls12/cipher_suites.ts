/** The cipher suites of TLS 1.2, and their algorithms. */

import type { DeferredAeadAlgorithm } from "../../crypto/aead.ts";
import type { CbcCipher } from "../../crypto/aes.ts";
import { TripleDes } from "../../crypto/des/mod.ts";
import type { Hash } from "../../crypto/hash.ts";
import type { TlsOperations } from "../../crypto/operations.ts";
import type { RandomBytes } from "../../crypto/random.ts";
import { ecdheEcdsa, ecdheRsa } from "../key_exchange/ecdhe.ts";
import type { KeyExchange } from "../key_exchange/key_exchange.ts";
import { rsaKeyExchange } from "../key_exchange/rsa.ts";
import type { RecordProtection } from "../record/protection.ts";
import { ChaChaProtection, GcmProtection } from "./aead.ts";
import { EncryptThenMacProtection, MacThenEncryptProtection } from "./cbc.ts";
import type { DirectionKeys } from "./key_schedule.ts";

/** The IANA name of a cipher suite of TLS 1.2 that this library knows. */
export type Tls12SuiteName =
  | "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"
  | "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"
  | "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"
  | "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"
  | "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"
  | "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"
  | "TLS_RSA_WITH_AES_256_GCM_SHA384"
  | "TLS_RSA_WITH_AES_128_GCM_SHA256"
  | "TLS_RSA_WITH_AES_256_CBC_SHA256"
  | "TLS_RSA_WITH_AES_256_CBC_SHA"
  | "TLS_RSA_WITH_AES_128_CBC_SHA256"
  | "TLS_RSA_WITH_AES_128_CBC_SHA"
  | "TLS_RSA_WITH_3DES_EDE_CBC_SHA";

/** A cipher suite: its number and name, its sizes in bytes, its key exchange, and its protection of records. */
export interface Tls12Suite {
  readonly version: "TLS 1.2";
  readonly id: number;
  readonly name: Tls12SuiteName;
  readonly keyExchange: KeyExchange;
  /** The nominal size of the symmetric key in bits: 192 for three-key 3DES. */
  readonly keyBits: number;
  /** The hash function of the PRF, of Finished and of the transcript (RFC 5246 section 5). */
  readonly hash: Hash;
  readonly macLength: number;
  readonly keyLength: number;
  readonly fixedIvLength: number;
  /** Whether this is a CBC suite, to which encrypt-then-MAC applies (RFC 7366 section 3). */
  readonly cbc: boolean;
  /** The default limit of bytes that may be protected under one key. */
  readonly keyLimit: number;
  /** Returns the protection of one direction. */
  protection(keys: DirectionKeys, encryptThenMac: boolean, random: RandomBytes): RecordProtection;
}

/** The cipher of a suite. Sizes are in bytes. */
type Cipher = Pick<
  Tls12Suite,
  "keyLength" | "macLength" | "fixedIvLength" | "cbc" | "keyLimit" | "protection"
>;

/** AES in Galois/counter mode (RFC 5288 section 3). */
function gcm(keyLength: number, algorithm: DeferredAeadAlgorithm): Cipher {
  return {
    keyLength,
    macLength: 0,
    fixedIvLength: 4,
    cbc: false,
    keyLimit: Infinity,
    protection: ({ key, fixedIv }) => new GcmProtection(algorithm(key), fixedIv),
  };
}

/** ChaCha20-Poly1305 (RFC 7905 section 2). */
function chaCha20Poly1305(algorithm: DeferredAeadAlgorithm): Cipher {
  return {
    keyLength: 32,
    macLength: 0,
    fixedIvLength: 12,
    cbc: false,
    keyLimit: Infinity,
    protection: ({ key, fixedIv }) => new ChaChaProtection(algorithm(key), fixedIv),
  };
}

/** The block cipher of a CBC suite. Sizes are in bytes. */
interface BlockCipher {
  readonly keyLength: number;
  readonly blockLength: number;
  readonly keyLimit: number;
  readonly create: (key: Uint8Array) => CbcCipher;
}

function aes(keyLength: number, create: (key: Uint8Array) => CbcCipher): BlockCipher {
  return { keyLength, blockLength: 16, keyLimit: Infinity, create };
}

const TRIPLE_DES: BlockCipher = {
  keyLength: 24,
  blockLength: 8,
  keyLimit: 8 * 2 ** 20, // 2^20 blocks: SP 800-67 revision 2, section 3.3
  create: (key) => new TripleDes(key),
};

/** A block cipher in CBC mode with an HMAC. */
function cbc({ keyLength, blockLength, keyLimit, create }: BlockCipher, mac: Hash): Cipher {
  return {
    keyLength,
    macLength: mac.outputLen,
    fixedIvLength: 0,
    cbc: true,
    keyLimit,
    protection: (keys, encryptThenMac, random) => {
      const algorithms = { blockLength, mac, cipher: create, random };
      return encryptThenMac
        ? new EncryptThenMacProtection(keys, algorithms)
        : new MacThenEncryptProtection(keys, algorithms);
    },
  };
}

function suite(
  id: number,
  name: Tls12SuiteName,
  keyExchange: KeyExchange,
  cipher: Cipher,
  hash: Hash,
): Tls12Suite {
  return { version: "TLS 1.2", id, name, keyExchange, keyBits: cipher.keyLength * 8, hash, ...cipher };
}

/**
 * Returns all suites, the most preferred first (RFC 5289, RFC 7905, RFC 5288, RFC 5246 appendix A.5). They use the given
 * cryptographic operations.
 */
export function tls12Suites(operations: TlsOperations): readonly Tls12Suite[] {
  const { aesGcm, chaChaPoly, aesCbc, sha1, sha256, sha384 } = operations;
  const [gcm256, gcm128] = [gcm(32, aesGcm), gcm(16, aesGcm)];
  const [aes256, aes128] = [aes(32, aesCbc), aes(16, aesCbc)];
  const chaCha = chaCha20Poly1305(chaChaPoly);
  return [
    suite(0xc02c, "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", ecdheEcdsa, gcm256, sha384),
    suite(0xc030, "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", ecdheRsa, gcm256, sha384),
    suite(0xc02b, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", ecdheEcdsa, gcm128, sha256),
    suite(0xc02f, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", ecdheRsa, gcm128, sha256),
    suite(0xcca9, "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", ecdheEcdsa, chaCha, sha256),
    suite(0xcca8, "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", ecdheRsa, chaCha, sha256),
    suite(0x009d, "TLS_RSA_WITH_AES_256_GCM_SHA384", rsaKeyExchange, gcm256, sha384),
    suite(0x009c, "TLS_RSA_WITH_AES_128_GCM_SHA256", rsaKeyExchange, gcm128, sha256),
    suite(0x003d, "TLS_RSA_WITH_AES_256_CBC_SHA256", rsaKeyExchange, cbc(aes256, sha256), sha256),
    suite(0x0035, "TLS_RSA_WITH_AES_256_CBC_SHA", rsaKeyExchange, cbc(aes256, sha1), sha256),
    suite(0x003c, "TLS_RSA_WITH_AES_128_CBC_SHA256", rsaKeyExchange, cbc(aes128, sha256), sha256),
    suite(0x002f, "TLS_RSA_WITH_AES_128_CBC_SHA", rsaKeyExchange, cbc(aes128, sha1), sha256),
    suite(0x000a, "TLS_RSA_WITH_3DES_EDE_CBC_SHA", rsaKeyExchange, cbc(TRIPLE_DES, sha1), sha256),
  ];
}
