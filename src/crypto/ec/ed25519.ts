/** Ed25519 (RFC 8032 section 5.1), in extended coordinates (x = X/Z, y = Y/Z, xy = T/Z). */

import { bigIntToBytes, bytesToBigInt, modInverse } from "../../bigint.ts";
import { concat, equalBytes } from "../../bytes.ts";
import { ChannelError } from "../../errors.ts";
import { sha512 } from "../hash.ts";
import { type RandomBytes, randomBytes } from "../random.ts";
import { type Group, type Multiples, multiplesOf, sumOfMultiples } from "./group.ts";
import type { Ed25519PrivateKey } from "./keys.ts";
import { secretMultipleOfGenerator } from "./secret_multiple.ts";

/** The operations of one implementation. */
export interface Ed25519Primitives {
  /** As {@link signEd25519}. */
  sign(key: Ed25519PrivateKey, message: Uint8Array): Uint8Array;
  /** As {@link verifyEd25519}. */
  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
}

interface ExtendedPoint {
  readonly x: bigint;
  readonly y: bigint;
  readonly z: bigint;
  readonly t: bigint;
}

/** The field's prime, 2^255 - 19. */
const P = (1n << 255n) - 19n;
/** The order of the base point. */
const L = (1n << 252n) + 27742317777372353535851937790883648493n;
/** The curve -x^2 + y^2 = 1 + d x^2 y^2: d is -121665/121666. */
const D = 37095705934669439343138083508754565189542113879843219016388785533085940283555n;
/** A square root of -1. */
const ROOT_OF_MINUS_ONE = 19681161376707505956807079304988542015446066515923890162744021073123829784752n;

const BASE = affine(
  15112221349535400772501151409588531511454012693041857206046113283949847762202n,
  46316835694926478169428394003475163141307993866256225615783033603165251855960n,
);

const group: Group<ExtendedPoint> = {
  n: L,
  generator: BASE,
  zero: affine(0n, 1n),
  size: 32,

  /** Adds any two points (RFC 8032 section 5.1.4). */
  add(a, b) {
    const aa = (a.y - a.x) * (b.y - b.x) % P;
    const bb = (a.y + a.x) * (b.y + b.x) % P;
    const cc = 2n * D * a.t % P * b.t % P;
    const dd = 2n * a.z * b.z % P;
    return fromParts(bb - aa, dd - cc, dd + cc, bb + aa);
  },

  /** Doubles a point (RFC 8032 section 5.1.4). */
  double(a) {
    const xx = a.x * a.x % P;
    const yy = a.y * a.y % P;
    const h = xx + yy;
    const g = xx - yy;
    return fromParts(h - (a.x + a.y) ** 2n % P, 2n * a.z * a.z % P + g, g, h);
  },

  negate: (a) => ({ x: -a.x, y: a.y, z: a.z, t: -a.t }),
  scale: (a, factor) => ({
    x: a.x * factor % P,
    y: a.y * factor % P,
    z: a.z * factor % P,
    t: a.t * factor % P,
  }),
};

function fromParts(e: bigint, f: bigint, g: bigint, h: bigint): ExtendedPoint {
  return { x: e * f % P, y: g * h % P, z: f * g % P, t: e * h % P };
}

/** Makes a private key. */
export function generateEd25519Key(random: RandomBytes = randomBytes): Ed25519PrivateKey {
  return ed25519PrivateKey(random(32));
}

/**
 * Returns the private key with these 32 secret bytes (RFC 8032 section 5.1.5).
 *
 * @throws {ChannelError} `"malformed"` if `d` does not have 32 bytes.
 */
export function ed25519PrivateKey(d: Uint8Array): Ed25519PrivateKey {
  if (d.length !== 32) throw new ChannelError("malformed", "an Ed25519 private key does not have 32 bytes");
  return { type: "ed25519", d, key: encodePoint(secretMultipleOfGenerator(group, expandKey(d).scalar)) };
}

/**
 * Refuses a private key that has another key's public part. A signature with such a key would reveal the secret part.
 *
 * @throws {ChannelError} `"malformed"`.
 */
export function checkEd25519PrivateKey(key: Ed25519PrivateKey): void {
  if (!equalBytes(ed25519PrivateKey(key.d).key, key.key)) {
    throw new ChannelError("malformed", "the parts of an Ed25519 private key do not belong together");
  }
}

/**
 * Returns the signature of `message` (RFC 8032 section 5.1.6): 64 bytes, the same for the same key and message. The public
 * key is computed again, since a signature with a wrong one would reveal the private key.
 */
export function signEd25519(key: Ed25519PrivateKey, message: Uint8Array): Uint8Array {
  const { scalar, prefix } = expandKey(key.d);
  const publicKey = encodePoint(secretMultipleOfGenerator(group, scalar));
  const r = littleEndian(sha512(concat(prefix, message))) % L;
  const encodedR = encodePoint(secretMultipleOfGenerator(group, r));
  const k = littleEndian(sha512(concat(encodedR, publicKey, message))) % L;
  return concat(encodedR, littleEndianBytes((r + k * scalar) % L));
}

/** Returns the secret scalar and the prefix of RFC 8032 section 5.1.5. */
function expandKey(d: Uint8Array): { readonly scalar: bigint; readonly prefix: Uint8Array } {
  const h = sha512(d);
  h[0] &= 248;
  h[31] = h[31] & 127 | 64;
  return { scalar: littleEndian(h.subarray(0, 32)), prefix: h.subarray(32) };
}

/**
 * Returns whether `signature` (64 bytes) is a valid signature of `message` under the public key (32 bytes).
 *
 * Verification is strict: it accepts only canonical encodings of S and of both points, and no points of small order. It uses
 * the equation without the cofactor, `[S]B = R + [k]A`: every implementation of RFC 8032 accepts its solutions.
 */
export function verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  const encodedR = signature.subarray(0, 32);
  const a = decodePoint(publicKey);
  const r = decodePoint(encodedR);
  const s = littleEndian(signature.subarray(32));
  if (a === null || r === null || s >= L || hasSmallOrder(a) || hasSmallOrder(r)) return false;
  const k = littleEndian(sha512(concat(encodedR, publicKey, message))) % L;
  return isSame(sumOfMultiples(group, s, baseMultiples(), k, multiplesOf(group, group.negate(a), 5)), r);
}

/** The reference implementation. */
export const PURE_ED25519: Ed25519Primitives = { sign: signEd25519, verify: verifyEd25519 };

/** The y coordinate of a point of order 8. The other points of small order have its negative, 0, 1 or -1 as y coordinate. */
const Y_OF_ORDER_8 = 2707385501144840649318225287225658788936804267575313519463743609750303402022n;
const SMALL_ORDER: readonly bigint[] = [0n, 1n, P - 1n, Y_OF_ORDER_8, P - Y_OF_ORDER_8];

/**
 * Returns whether an encoded point has a canonical y that belongs to no point of small order. Does not check the curve
 * equation.
 */
export function isStrictPoint(bytes: Uint8Array): boolean {
  const y = BigInt.asUintN(255, littleEndian(bytes));
  return bytes.length === 32 && y < P && !SMALL_ORDER.includes(y);
}

let tableOfBase: Multiples<ExtendedPoint> | undefined;

function baseMultiples(): Multiples<ExtendedPoint> {
  return tableOfBase ??= multiplesOf(group, BASE, 8);
}

/** Decodes a point (RFC 8032 section 5.1.3). Returns null if the bytes are not the canonical encoding of a point. */
function decodePoint(bytes: Uint8Array): ExtendedPoint | null {
  const number = littleEndian(bytes);
  const sign = number >> 255n;
  const y = BigInt.asUintN(255, number);
  if (y >= P) return null;
  const x = solveX(y);
  if (x === null || x === 0n && sign === 1n) return null;
  return affine((x & 1n) === sign ? x : P - x, y);
}

/** Encodes a point (RFC 8032 section 5.1.2). */
function encodePoint({ x, y, z }: ExtendedPoint): Uint8Array {
  const inverse = modInverse((z % P + P) % P, P)!; // no point has z = 0
  const [affineX, affineY] = [x * inverse, y * inverse].map((value) => (value % P + P) % P);
  return littleEndianBytes(affineY | (affineX & 1n) << 255n);
}

/** Returns a square root of (y^2 - 1) / (d y^2 + 1), computed with one exponentiation, or null if there is none. */
function solveX(y: bigint): bigint | null {
  const yy = y * y % P;
  const u = (yy - 1n + P) % P;
  const v = (D * yy + 1n) % P;
  const v3 = v * v % P * v % P;
  const x = u * v3 % P * power(u * v3 % P * v3 % P * v % P, (P - 5n) / 8n) % P;
  const square = v * x % P * x % P;
  if (square === u) return x;
  return (square + u) % P === 0n ? x * ROOT_OF_MINUS_ONE % P : null;
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (const bit of exponent.toString(2)) {
    result = result * result % P;
    if (bit === "1") result = result * base % P;
  }
  return result;
}

/** Returns whether eight times the point is zero: the cofactor is 8. */
function hasSmallOrder(point: ExtendedPoint): boolean {
  return isSame(group.double(group.double(group.double(point))), group.zero);
}

function isSame(a: ExtendedPoint, b: ExtendedPoint): boolean {
  return (a.x * b.z - b.x * a.z) % P === 0n && (a.y * b.z - b.y * a.z) % P === 0n;
}

function affine(x: bigint, y: bigint): ExtendedPoint {
  return { x, y, z: 1n, t: x * y % P };
}

function littleEndian(bytes: Uint8Array): bigint {
  return bytesToBigInt(new Uint8Array(bytes).reverse());
}

function littleEndianBytes(value: bigint): Uint8Array {
  return bigIntToBytes(value, 32).reverse();
}
