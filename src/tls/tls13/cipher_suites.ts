/** The cipher suites of TLS 1.3 (RFC 8446 appendix B.4): an AEAD algorithm and a hash function each. */

import { AesGcm } from "../../crypto/aes.ts";
import { decryptChaChaPoly, encryptChaChaPoly } from "../../crypto/chacha.ts";
import { type Hash, sha256, sha384 } from "../../crypto/hash.ts";

/** The IANA name of a cipher suite of TLS 1.3. */
export type Tls13SuiteName =
  | "TLS_AES_256_GCM_SHA384"
  | "TLS_AES_128_GCM_SHA256"
  | "TLS_CHACHA20_POLY1305_SHA256";

/** An AEAD algorithm under one key, with nonces of 12 bytes and tags of 16 bytes. */
export interface Aead {
  /** Writes the ciphertext, followed by its tag, to `output`. */
  encrypt(nonce: Uint8Array, additional: Uint8Array, plaintext: Uint8Array, output: Uint8Array): void;
  /** Returns the plaintext; throws if the tag is wrong. */
  decrypt(nonce: Uint8Array, additional: Uint8Array, ciphertext: Uint8Array): Uint8Array;
}

/** A cipher suite: its number and name, and what it is made of. */
export interface Tls13Suite {
  readonly id: number;
  readonly name: Tls13SuiteName;
  /** The size of the symmetric key in bits. */
  readonly keyBits: number;
  /** The hash function of the key schedule and of the transcript. */
  readonly hash: Hash;
  /** The most records that may be protected under one key (section 5.5). */
  readonly recordLimit: number;
  readonly aead: (key: Uint8Array) => Aead;
}

/** 2^24.5 full records, rounded down (section 5.5). */
const AES_GCM_RECORDS = Math.floor(2 ** 24.5);

const chaCha20Poly1305 = (key: Uint8Array): Aead => ({
  encrypt: (nonce, additional, plaintext, output) =>
    void encryptChaChaPoly(key, nonce, additional, plaintext, output),
  decrypt: (nonce, additional, ciphertext) => decryptChaChaPoly(key, nonce, additional, ciphertext),
});

/** The suites, the most preferred first. */
export const TLS13_SUITES: readonly Tls13Suite[] = [
  {
    id: 0x1302,
    name: "TLS_AES_256_GCM_SHA384",
    keyBits: 256,
    hash: sha384,
    recordLimit: AES_GCM_RECORDS,
    aead: (key) => new AesGcm(key),
  },
  {
    id: 0x1301,
    name: "TLS_AES_128_GCM_SHA256",
    keyBits: 128,
    hash: sha256,
    recordLimit: AES_GCM_RECORDS,
    aead: (key) => new AesGcm(key),
  },
  {
    id: 0x1303,
    name: "TLS_CHACHA20_POLY1305_SHA256",
    keyBits: 256,
    hash: sha256,
    recordLimit: Infinity, // the sequence numbers would wrap first
    aead: chaCha20Poly1305,
  },
];
