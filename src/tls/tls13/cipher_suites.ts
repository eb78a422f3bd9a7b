/** The cipher suites of TLS 1.3 (RFC 8446 appendix B.4). Each consists of an AEAD algorithm and a hash function. */

import type { DeferredAeadAlgorithm } from "../../crypto/aead.ts";
import type { Hash } from "../../crypto/hash.ts";
import type { TlsOperations } from "../../crypto/operations.ts";

/** The IANA name of a cipher suite of TLS 1.3. */
export type Tls13SuiteName =
  | "TLS_AES_256_GCM_SHA384"
  | "TLS_AES_128_GCM_SHA256"
  | "TLS_CHACHA20_POLY1305_SHA256";

/** A cipher suite: its number and name, and its algorithms. */
export interface Tls13Suite {
  readonly version: "TLS 1.3";
  readonly id: number;
  readonly name: Tls13SuiteName;
  /** The size of the symmetric key in bits. */
  readonly keyBits: number;
  /** The hash function of the key schedule and of the transcript. */
  readonly hash: Hash;
  /** The most records that may be protected under one key (section 5.5). */
  readonly recordLimit: number;
  readonly aead: DeferredAeadAlgorithm;
}

/** 2^24.5 full records, rounded down (section 5.5). */
const AES_GCM_RECORDS = Math.floor(2 ** 24.5);

/** Returns all suites, the most preferred first. They use the given cryptographic operations. */
export function tls13Suites(operations: TlsOperations): readonly Tls13Suite[] {
  const { aesGcm, chaChaPoly, sha256, sha384 } = operations;
  return [
    {
      version: "TLS 1.3",
      id: 0x1302,
      name: "TLS_AES_256_GCM_SHA384",
      keyBits: 256,
      hash: sha384,
      recordLimit: AES_GCM_RECORDS,
      aead: aesGcm,
    },
    {
      version: "TLS 1.3",
      id: 0x1301,
      name: "TLS_AES_128_GCM_SHA256",
      keyBits: 128,
      hash: sha256,
      recordLimit: AES_GCM_RECORDS,
      aead: aesGcm,
    },
    {
      version: "TLS 1.3",
      id: 0x1303,
      name: "TLS_CHACHA20_POLY1305_SHA256",
      keyBits: 256,
      hash: sha256,
      recordLimit: Infinity, // sequence numbers would wrap before the algorithm's limit
      aead: chaChaPoly,
    },
  ];
}
