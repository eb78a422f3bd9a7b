/**
 * The NIST curves P-256, P-384 and P-521 (FIPS 186-4 appendix D.1.2): y^2 = x^3 - 3x + b over a prime field, in
 * Jacobian coordinates (x = X/Z^2, y = Y/Z^3).
 *
 * For verification only: nothing here is constant-time, and nothing here may be given a secret.
 */

import { bytesToBigInt } from "../bigint.ts";
import { ChannelError } from "../errors.ts";
import type { Group } from "./group.ts";

/** The curves by the names of RFC 7518. */
export type CurveName = "P-256" | "P-384" | "P-521";

/** A point; Z = 0 is the point at infinity. Coordinates may be negative: they are taken modulo p. */
export interface JacobianPoint {
  readonly x: bigint;
  readonly y: bigint;
  readonly z: bigint;
}

/** A curve's numbers, and its group. */
export interface Curve extends Group<JacobianPoint> {
  /** The field's prime. */
  readonly p: bigint;
  /** The order of the generator, a prime. */
  readonly n: bigint;
  readonly b: bigint;
  readonly generator: JacobianPoint;
  /** Bytes of one coordinate. */
  readonly size: number;
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

/** The curve of that name. */
export function curveByName(name: CurveName): Curve {
  return name === "P-256" ? P256 : name === "P-384" ? P384 : P521;
}

/**
 * Reads a public point, `04 X Y` (SEC 1 section 2.3.4), and checks that it is on the curve. All three curves have
 * cofactor 1, so a point on the curve is in the right group. Compressed points are not read: RFC 5480 section 2.2
 * leaves them optional.
 *
 * @throws ChannelError `malformed` for anything else.
 */
export function decodePoint(curve: Curve, bytes: Uint8Array): JacobianPoint {
  const { p, b, size } = curve;
  const x = bytesToBigInt(bytes.subarray(1, 1 + size));
  const y = bytesToBigInt(bytes.subarray(1 + size));
  const isPoint = bytes[0] === 4 && bytes.length === 1 + 2 * size && x < p && y < p &&
    (y * y - (x * x - 3n) * x - b) % p === 0n;
  if (!isPoint) throw new ChannelError("malformed", "the public key is not a point of its elliptic curve");
  return { x, y, z: 1n };
}

/** Whether the point's x, taken modulo n, is `r`; without the inversion that x = X/Z^2 would cost. */
export function hasAbscissa(curve: Curve, point: JacobianPoint, r: bigint): boolean {
  const { p, n } = curve;
  const zz = point.z * point.z % p;
  if (zz === 0n) return false;
  for (let x = r; x < p; x += n) {
    if ((x * zz - point.x) % p === 0n) return true;
  }
  return false;
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
  const zero: JacobianPoint = { x: 1n, y: 1n, z: 0n };

  /** The formulas "dbl-2001-b" of the Explicit-Formulas Database, for a = -3. */
  function double(a: JacobianPoint): JacobianPoint {
    const delta = a.z * a.z % p;
    const gamma = a.y * a.y % p;
    const beta = a.x * gamma % p;
    const alpha = 3n * (a.x - delta) * (a.x + delta) % p;
    const x = (alpha * alpha - 8n * beta) % p;
    const z = 2n * a.y * a.z % p;
    return { x, y: (alpha * (4n * beta - x) - 8n * gamma * gamma) % p, z };
  }

  /** The formulas "add-1998-cmo-2", with the cases they leave out. */
  function add(a: JacobianPoint, b: JacobianPoint): JacobianPoint {
    if (a.z === 0n) return b;
    if (b.z === 0n) return a;
    const aa = a.z * a.z % p;
    const bb = b.z * b.z % p;
    const u = a.x * bb % p;
    const s = a.y * bb % p * b.z % p;
    const h = (b.x * aa - u) % p;
    const r = (b.y * aa % p * a.z - s) % p;
    if (h === 0n) return r === 0n ? double(a) : zero;
    const hh = h * h % p;
    const hhh = h * hh % p;
    const v = u * hh % p;
    const x = (r * r - hhh - 2n * v) % p;
    return { x, y: (r * (v - x) - s * hhh) % p, z: a.z * b.z % p * h % p };
  }

  const negate = (a: JacobianPoint): JacobianPoint => ({ x: a.x, y: -a.y, z: a.z });

  return { size, p, n, b, generator: { x, y, z: 1n }, zero, add, double, negate };
}
