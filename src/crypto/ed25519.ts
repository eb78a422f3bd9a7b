/**
 * Ed25519 verification (RFC 8032 section 5.1.7), in extended coordinates (x = X/Z, y = Y/Z, xy = T/Z).
 *
 * Verification handles no secret: key, message and signature are public, so nothing here needs to be constant-time.
 */

import { bytesToBigInt } from "../bigint.ts";
import { concat } from "../bytes.ts";
import { multiplesOf, sumOfMultiples } from "./group.ts";
import type { Group, Multiples } from "./group.ts";
import { sha512 } from "./hash.ts";

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
  zero: affine(0n, 1n),

  /** RFC 8032 section 5.1.4. */
  add(a, b) {
    const aa = (a.y - a.x) * (b.y - b.x) % P;
    const bb = (a.y + a.x) * (b.y + b.x) % P;
    const cc = 2n * D * a.t % P * b.t % P;
    const dd = 2n * a.z * b.z % P;
    return fromParts(bb - aa, dd - cc, dd + cc, bb + aa);
  },

  /** RFC 8032 section 5.1.4. */
  double(a) {
    const xx = a.x * a.x % P;
    const yy = a.y * a.y % P;
    const h = xx + yy;
    const g = xx - yy;
    return fromParts(h - (a.x + a.y) ** 2n % P, 2n * a.z * a.z % P + g, g, h);
  },

  negate: (a) => ({ x: -a.x, y: a.y, z: a.z, t: -a.t }),
};

function fromParts(e: bigint, f: bigint, g: bigint, h: bigint): ExtendedPoint {
  return { x: e * f % P, y: g * h % P, z: f * g % P, t: e * h % P };
}

/**
 * Whether `signature` (64 bytes) is the signature of `message` under the public key (32 bytes).
 *
 * Strict: only canonical encodings of S and of both points, no points of small order, and the equation without the
 * cofactor, `[S]B = R + [k]A`, of which every implementation that follows RFC 8032 accepts the solutions.
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

let tableOfBase: Multiples<ExtendedPoint> | undefined;

function baseMultiples(): Multiples<ExtendedPoint> {
  return tableOfBase ??= multiplesOf(group, BASE, 8);
}

/** RFC 8032 section 5.1.3; null where the bytes are no point, or not the canonical encoding of one. */
function decodePoint(bytes: Uint8Array): ExtendedPoint | null {
  const number = littleEndian(bytes);
  const sign = number >> 255n;
  const y = BigInt.asUintN(255, number);
  if (y >= P) return null;
  const x = solveX(y);
  if (x === null || x === 0n && sign === 1n) return null;
  return affine((x & 1n) === sign ? x : P - x, y);
}

/** A square root of (y^2 - 1) / (d y^2 + 1), with one exponentiation; null where there is none. */
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

/** Whether eight times the point is zero: the cofactor is 8. */
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
  return bytesToBigInt(bytes.slice().reverse());
}
