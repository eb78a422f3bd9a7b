/** ECDSA (FIPS 186-5 section 6) on P-256, P-384 and P-521, with the nonces of RFC 6979. */

import { bigIntToBytes, bitLength, bytesToBigInt, modInverse } from "../../bigint.ts";
import { concat } from "../../bytes.ts";
import { type Hash, hashByName, type HashName } from "../hash.ts";
import { hmac } from "../hmac.ts";
import { randomBytes } from "../random.ts";
import { type Multiples, multiplesOf, sumOfMultiples } from "./group.ts";
import { type EcPrivateKey, type EcPublicKey, randomScalar, secretScalar } from "./keys.ts";
import { secretMultipleOfGenerator } from "./secret_multiple.ts";
import {
  curveByName,
  type CurveName,
  decodePoint,
  hasXCoordinate,
  type Point,
  toAffine,
} from "./weierstrass.ts";

/** The two numbers of a signature; files and protocols carry them as the DER `SEQUENCE { r, s }` of RFC 3279. */
export interface EcdsaSignature {
  readonly r: bigint;
  readonly s: bigint;
}

/** The operations of one implementation. */
export interface EcdsaPrimitives {
  /** Signs `data`; see {@link signEcdsa}. */
  sign(key: EcPrivateKey, hash: HashName, data: Uint8Array): EcdsaSignature;
  /** Verifies a signature; see {@link verifyEcdsa}. */
  verify(key: EcPublicKey, hash: HashName, data: Uint8Array, signature: EcdsaSignature): boolean;
}

/**
 * Signs `data`. The nonce is derived from the key, the message and `extra`, which is random by default (RFC 6979 section
 * 3.6). Neither a bad random generator nor a fault in a repeated computation therefore reveals the key. An empty `extra`
 * gives the deterministic signatures of section 3.2.
 *
 * @throws {ChannelError} `"malformed"` if the key's scalar is not valid for its curve.
 */
export function signEcdsa(
  key: EcPrivateKey,
  hashName: HashName,
  data: Uint8Array,
  extra: Uint8Array = randomBytes(32),
): EcdsaSignature {
  const curve = curveByName(key.curve);
  const { n } = curve;
  const d = secretScalar(key.curve, key.d);
  const digest = hashByName(hashName)(data);
  const e = leftmostBits(digest, n);
  for (const k of nonces(hashByName(hashName), key, digest, extra)) {
    const r = toAffine(curve, secretMultipleOfGenerator(curve, k)).x % n;
    // The time of the inversion depends on its operand, so the operand is blinded.
    const blinding = bytesToBigInt(randomScalar(key.curve));
    const s = modInverse(k * blinding % n, n)! * (blinding * (e + r * d % n) % n) % n;
    if (r !== 0n && s !== 0n) return { r, s };
  }
  throw new Error("unreachable: there is always another nonce");
}

/**
 * Returns whether the numbers are a valid signature of `data`; false if they are out of range.
 *
 * @throws {ChannelError} `"malformed"` if the point is not on the curve.
 */
export function verifyEcdsa(
  key: EcPublicKey,
  hashName: HashName,
  data: Uint8Array,
  { r, s }: EcdsaSignature,
): boolean {
  const curve = curveByName(key.curve);
  const { n } = curve;
  const publicKey = decodePoint(curve, key.point);
  if (r <= 0n || r >= n || s <= 0n || s >= n) return false;
  const w = modInverse(s, n)!; // n is a prime and s is not 0
  const u1 = leftmostBits(hashByName(hashName)(data), n) * w % n;
  const u2 = r * w % n;
  const sum = sumOfMultiples(curve, u1, generatorMultiples(key.curve), u2, multiplesOf(curve, publicKey, 5));
  return hasXCoordinate(curve, sum, r);
}

/** The reference implementation. */
export const PURE_ECDSA: EcdsaPrimitives = {
  sign: (key, hash, data) => signEcdsa(key, hash, data),
  verify: verifyEcdsa,
};

/** Yields the candidates for the nonce; variables are named as in RFC 6979 section 3.2. */
function* nonces(hash: Hash, key: EcPrivateKey, digest: Uint8Array, extra: Uint8Array): Generator<bigint> {
  const { n, size } = curveByName(key.curve);
  const h1 = bigIntToBytes(leftmostBits(digest, n) % n, size); // bits2octets
  let K: Uint8Array = new Uint8Array(hash.outputLen);
  let V: Uint8Array = new Uint8Array(hash.outputLen).fill(1);
  const update = (...parts: Uint8Array[]) => {
    K = hmac(hash, K, concat(V, ...parts));
    V = hmac(hash, K, V);
  };
  update(Uint8Array.of(0), key.d, h1, extra);
  update(Uint8Array.of(1), key.d, h1, extra);
  for (;;) {
    let T: Uint8Array = new Uint8Array(0);
    while (T.length < size) {
      V = hmac(hash, K, V);
      T = concat(T, V);
    }
    const k = leftmostBits(T, n);
    if (k > 0n && k < n) yield k;
    update(Uint8Array.of(0));
  }
}

/** Returns as many of the leftmost bits as n has (bits2int of RFC 6979 section 2.3.2). The result may exceed n. */
function leftmostBits(digest: Uint8Array, n: bigint): bigint {
  const excess = digest.length * 8 - bitLength(n);
  const number = bytesToBigInt(digest);
  return excess > 0 ? number >> BigInt(excess) : number;
}

const generators = new Map<CurveName, Multiples<Point>>();

function generatorMultiples(name: CurveName): Multiples<Point> {
  let multiples = generators.get(name);
  if (multiples === undefined) {
    const curve = curveByName(name);
    multiples = multiplesOf(curve, curve.generator, 8);
    generators.set(name, multiples);
  }
  return multiples;
}
