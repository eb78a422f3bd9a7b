/**
 * ECDSA verification (FIPS 186-4 section 6.4) on P-256, P-384 and P-521.
 *
 * Verification handles no secret: key, message and signature are public, so nothing here needs to be constant-time.
 */

import { bitLength, bytesToBigInt, modInverse } from "../bigint.ts";
import { multiplesOf, sumOfMultiples } from "./group.ts";
import type { Multiples } from "./group.ts";
import { hashByName } from "./hash.ts";
import type { HashName } from "./hash.ts";
import { curveByName, decodePoint, hasAbscissa } from "./weierstrass.ts";
import type { CurveName, JacobianPoint } from "./weierstrass.ts";

/**
 * Whether (r, s) is the signature of `data` under an encoded public point. The two numbers come from the DER
 * `SEQUENCE { r INTEGER, s INTEGER }` (RFC 3279 section 2.2.3), which the caller reads strictly; numbers out of
 * range give `false`.
 *
 * @throws ChannelError `malformed` where the point is not on the curve.
 */
export function verifyEcdsa(
  curveName: CurveName,
  point: Uint8Array,
  hashName: HashName,
  data: Uint8Array,
  r: bigint,
  s: bigint,
): boolean {
  const curve = curveByName(curveName);
  const { n } = curve;
  const publicKey = decodePoint(curve, point);
  if (r <= 0n || r >= n || s <= 0n || s >= n) return false;
  const w = modInverse(s, n)!; // n is a prime and s is not 0
  const u1 = digestNumber(hashByName(hashName)(data), n) * w % n;
  const u2 = r * w % n;
  const sum = sumOfMultiples(curve, u1, generatorMultiples(curveName), u2, multiplesOf(curve, publicKey, 5));
  return hasAbscissa(curve, sum, r);
}

/** The leftmost bits of the digest, as many as n has. */
function digestNumber(digest: Uint8Array, n: bigint): bigint {
  const excess = digest.length * 8 - bitLength(n);
  const number = bytesToBigInt(digest);
  return excess > 0 ? number >> BigInt(excess) : number;
}

const generators = new Map<CurveName, Multiples<JacobianPoint>>();

function generatorMultiples(name: CurveName): Multiples<JacobianPoint> {
  let multiples = generators.get(name);
  if (multiples === undefined) {
    const curve = curveByName(name);
    multiples = multiplesOf(curve, curve.generator, 8);
    generators.set(name, multiples);
  }
  return multiples;
}
