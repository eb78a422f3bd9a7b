/**
 * The NIST curves P-256, P-384 and P-521 (FIPS 186-4 appendix D.1.2): y^2 = x^3 - 3x + b over a prime field, in homogeneous
 * coordinates (x = X/Z, y = Y/Z). The complete addition law of Renes, Costello and Batina, "Complete addition formulas for
 * prime order elliptic curves" (2015), takes the same operations for any two points, so the sequence of operations reveals
 * nothing about secret scalars.
 */

import { bigIntToBytes, bytesToBigInt, modInverse } from "../../bigint.ts";
import { concat } from "../../bytes.ts";
import { ChannelError } from "../../errors.ts";
import type { Group } from "./group.ts";

/** The curves by the names of RFC 7518. */
export type CurveName = "P-256" | "P-384" | "P-521";

/** A point; Z = 0 is the point at infinity. Coordinates may be negative; they are modulo p. */
export interface Point {
  readonly x: bigint;
  readonly y: bigint;
  readonly z: bigint;
}

/** A curve: its domain parameters and its group. */
export interface Curve extends Group<Point> {
  /** The field's prime. */
  readonly p: bigint;
  readonly b: bigint;
}

const P256: Curve = makeCurve({
  size: 32,
  p: 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn,
  n: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  b: 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn,
  x: 0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296n,
  y: 0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5n,
});

const P384: Curve = makeCurve({
  size: 48,
  p: 0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffffn,
  n: 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
  b: 0xb3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aefn,
  x: 0xaa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7n,
  y: 0x3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5fn,
});

const P521: Curve = makeCurve({
  size: 66,
  p: (1n << 521n) - 1n,
  n: (1n << 521n) - 0x5ae79787c40d069948033feb708f65a2fc44a36477663b851449048e16ec79bf7n,
  b: BigInt(
    "0x51953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109e1" +
      "56193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00",
  ),
  x: BigInt(
    "0xc6858e06b70404e9cd9e3ecb662395b4429c648139053fb521f828af606b4d3dba" +
      "a14b5e77efe75928fe1dc127a2ffa8de3348b3c1856a429bf97e7e31c2e5bd66",
  ),
  y: BigInt(
    "0x11839296a789a3bc0045c8a5fb42c7d1bd998f54449579b446817afbd17273e662" +
      "c97ee72995ef42640c550b9013fad0761353c7086a272c24088be94769fd16650",
  ),
});

/** Returns the curve of that name. */
export function curveByName(name: CurveName): Curve {
  return name === "P-256" ? P256 : name === "P-384" ? P384 : P521;
}

/**
 * Reads a public point, `04 X Y` (SEC 1 section 2.3.4), and checks that it is on the curve. All three curves have cofactor
 * 1, so a point on the curve is in the right group. Compressed points, which RFC 5480 section 2.2 makes optional, are not
 * supported.
 *
 * @throws {ChannelError} `"malformed"` for anything else.
 */
export function decodePoint(curve: Curve, bytes: Uint8Array): Point {
  const { p, b, size } = curve;
  const x = bytesToBigInt(bytes.subarray(1, 1 + size));
  const y = bytesToBigInt(bytes.subarray(1 + size));
  const isPoint = bytes[0] === 4 && bytes.length === 1 + 2 * size && x < p && y < p &&
    (y * y - (x * x - 3n) * x - b) % p === 0n;
  if (!isPoint) throw new ChannelError("malformed", "the public key is not a point of its elliptic curve");
  return { x, y, z: 1n };
}

/** Returns a point other than infinity as `04 X Y`. */
export function encodePoint(curve: Curve, point: Point): Uint8Array {
  const { x, y } = toAffine(curve, point);
  return concat(Uint8Array.of(4), bigIntToBytes(x, curve.size), bigIntToBytes(y, curve.size));
}

/** Returns the coordinates x and y of a point other than infinity, each from 0 to p - 1. */
export function toAffine({ p }: Curve, point: Point): { readonly x: bigint; readonly y: bigint } {
  const inverse = modInverse(positive(point.z, p), p);
  if (inverse === null) throw new ChannelError("crypto", "the point at infinity has no coordinates");
  return { x: positive(point.x * inverse, p), y: positive(point.y * inverse, p) };
}

/**
 * Returns whether the point's x coordinate modulo n is `r`. This compares multiples of Z and so avoids the inversion in x =
 * X/Z.
 */
export function hasXCoordinate({ p, n }: Curve, point: Point, r: bigint): boolean {
  if (point.z % p === 0n) return false;
  for (let x = r; x < p; x += n) {
    if ((x * point.z - point.x) % p === 0n) return true;
  }
  return false;
}

function positive(value: bigint, p: bigint): bigint {
  const rest = value % p;
  return rest < 0n ? rest + p : rest;
}

interface CurveNumbers {
  readonly size: number;
  readonly p: bigint;
  readonly n: bigint;
  readonly b: bigint;
  readonly x: bigint;
  readonly y: bigint;
}

function makeCurve({ size, p, n, b, x, y }: CurveNumbers): Curve {
  const b3 = 3n * b;

  /** Adds two points by equations (1) to (3) of section 3.1, for a = -3. They hold for equal points and for infinity too. */
  function add(p1: Point, p2: Point): Point {
    const xx = p1.x * p2.x % p;
    const yy = p1.y * p2.y % p;
    const zz = p1.z * p2.z % p;
    const xy = (p1.x * p2.y + p2.x * p1.y) % p;
    const xz = (p1.x * p2.z + p2.x * p1.z) % p;
    const yz = (p1.y * p2.z + p2.y * p1.z) % p;
    return combine(xx, yy, zz, xy, xz, yz);
  }

  /** Doubles a point by the same equations. */
  function double(a: Point): Point {
    const xx = a.x * a.x % p;
    const yy = a.y * a.y % p;
    const zz = a.z * a.z % p;
    return combine(xx, yy, zz, 2n * a.x * a.y % p, 2n * a.x * a.z % p, 2n * a.y * a.z % p);
  }

  function combine(xx: bigint, yy: bigint, zz: bigint, xy: bigint, xz: bigint, yz: bigint): Point {
    const s = (b3 * zz - 3n * xz) % p;
    const t = (b3 * xz - 3n * xx - 9n * zz) % p;
    const u = 3n * (xx - zz);
    return {
      x: (xy * (yy - s) - yz * t) % p,
      y: ((yy + s) * (yy - s) + u * t) % p,
      z: (yz * (yy + s) + xy * u) % p,
    };
  }

  return {
    size,
    p,
    n,
    b,
    generator: { x, y, z: 1n },
    zero: { x: 0n, y: 1n, z: 0n },
    add,
    double,
    negate: (a) => ({ x: a.x, y: -a.y, z: a.z }),
    scale: (a, factor) => ({ x: a.x * factor % p, y: a.y * factor % p, z: a.z * factor % p }),
  };
}
