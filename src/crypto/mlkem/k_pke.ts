/** K-PKE, the public-key encryption inside ML-KEM-768 (FIPS 203 section 5). It must not be used on its own. */

import { sha3_512 } from "@noble/hashes/sha3.js";
import { concat, join } from "../../bytes.ts";
import { byteDecode, byteEncode, compress, decompress } from "./compression.ts";
import { canonical } from "./field.ts";
import { add, addProduct, inverseNtt, N, ntt, type Polynomial, type Vector, zero } from "./ntt.ts";
import { sampleNoise, sampleNtt } from "./sampling.ts";

/** The parameters of ML-KEM-768 (section 8, table 2); both etas are 2. */
const K = 3;
const DU = 10;
const DV = 4;

/** The size of one polynomial of 12-bit coefficients, in bytes. */
const POLYNOMIAL = N / 8 * 12;

/** The size of a vector of K such polynomials: the decryption key, and the encryption key without its seed. */
export const VECTOR_SIZE: number = K * POLYNOMIAL;

/** The size of a vector of compressed polynomials: the first part of the ciphertext. */
const U_SIZE = N / 8 * DU * K;

/** An encoded encryption key and decryption key. */
export interface EncryptionKeys {
  readonly encryptionKey: Uint8Array;
  readonly decryptionKey: Uint8Array;
}

/** Generates keys from a 32-byte seed d: K-PKE.KeyGen (algorithm 13). */
export function generateKeys(d: Uint8Array): EncryptionKeys {
  const seeds = sha3_512(concat(d, Uint8Array.of(K)));
  const [rho, sigma] = [seeds.subarray(0, 32), seeds.subarray(32)];
  const s = vector((i) => ntt(sampleNoise(sigma, i)));
  const t = vector((i) => {
    const e = ntt(sampleNoise(sigma, K + i));
    return add(product(vector((j) => sampleNtt(rho, j, i)), s), e);
  });
  return { encryptionKey: concat(encodeVector(t), rho), decryptionKey: encodeVector(s) };
}

/** Encrypts 32 bytes with 32 bytes of randomness: K-PKE.Encrypt (algorithm 14). */
export function encrypt(encryptionKey: Uint8Array, message: Uint8Array, randomness: Uint8Array): Uint8Array {
  const t = decodeVector(encryptionKey);
  const rho = encryptionKey.subarray(VECTOR_SIZE);
  const y = vector((i) => ntt(sampleNoise(randomness, i)));
  const u = vector((i) => {
    const e1 = sampleNoise(randomness, K + i);
    return add(inverseNtt(product(vector((j) => sampleNtt(rho, i, j)), y)), e1);
  });
  const e2 = sampleNoise(randomness, 2 * K);
  const mu = decompress(1, byteDecode(1, message));
  const v = add(add(inverseNtt(product(t, y)), e2), mu);
  return join([...u.map((f) => byteEncode(DU, compress(DU, f))), byteEncode(DV, compress(DV, v))]);
}

/** Returns the 32 encrypted bytes: K-PKE.Decrypt (algorithm 15). A modified ciphertext decrypts to other bytes. */
export function decrypt(decryptionKey: Uint8Array, ciphertext: Uint8Array): Uint8Array {
  const u = vector((i) => {
    const bytes = ciphertext.subarray(U_SIZE / K * i, U_SIZE / K * (i + 1));
    return ntt(decompress(DU, byteDecode(DU, bytes)));
  });
  const v = decompress(DV, byteDecode(DV, ciphertext.subarray(U_SIZE)));
  const shared = inverseNtt(product(decodeVector(decryptionKey), u));
  return byteEncode(1, compress(1, v.map((coefficient, i) => coefficient - shared[i])));
}

/** Reads the vector at the beginning of an encryption or decryption key. */
export function decodeVector(key: Uint8Array): Vector {
  return vector((i) => byteDecode(12, key.subarray(POLYNOMIAL * i, POLYNOMIAL * (i + 1))));
}

function encodeVector(v: Vector): Uint8Array {
  return join(v.map((f) => byteEncode(12, f.map(canonical))));
}

function vector(polynomial: (i: number) => Polynomial): Vector {
  return Array.from({ length: K }, (_, i) => polynomial(i));
}

/** Returns the inner product of two vectors of transforms, without reducing it. */
function product(f: Vector, g: Vector): Polynomial {
  const sum = zero();
  for (let i = 0; i < K; i++) addProduct(sum, f[i], g[i]);
  return sum;
}
