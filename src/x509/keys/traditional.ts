/** The traditional formats of private keys, RSAPrivateKey and ECPrivateKey, which PKCS#8 wraps. */

import { der, type DerReader, readDer } from "../../asn1/mod.ts";
import { equalBytes } from "../../bytes.ts";
import { type EcPrivateKey, ecPrivateKey } from "../../crypto/ec/keys.ts";
import { curveByName, type CurveName } from "../../crypto/ec/weierstrass.ts";
import { checkPrivateKey, type RsaPrivateNumbers } from "../../crypto/rsa/mod.ts";
import { ChannelError } from "../../errors.ts";
import { oidOfCurve, readCurve } from "./curves.ts";

/** Reads RSAPrivateKey after its version (RFC 8017 appendix A.1.2). */
export function readRsaPrivateKey(fields: DerReader, version: number): RsaPrivateNumbers {
  if (version === 1) {
    throw new ChannelError("unsupported", "RSA keys with more than two primes are not supported");
  }
  if (version !== 0) fields.fail(`has version ${version}, which PKCS#1 does not define`);
  const [n, e, d, p, q, dp, dq, qi] = Array.from({ length: 8 }, () => fields.integer());
  const key = { n, e, d, p, q, dp, dq, qi };
  checkPrivateKey(key, { allowWeak: true });
  return key;
}

/** Encodes RSAPrivateKey. */
export function encodeRsaPrivateKey({ n, e, d, p, q, dp, dq, qi }: RsaPrivateNumbers): Uint8Array {
  return der.sequence(...[0n, n, e, d, p, q, dp, dq, qi].map(der.integer));
}

/**
 * Reads ECPrivateKey after its version (RFC 5915 section 3). The curve is named in the key or in the enclosing structure
 * (`outer`). If both name it, they must agree. Some old programs drop the leading zeros of the scalar or add one; both are
 * accepted.
 */
export function readEcPrivateKey(fields: DerReader, version: number, outer?: CurveName): EcPrivateKey {
  if (version !== 1) fields.fail(`has version ${version}, which SEC 1 does not define`);
  const scalar = fields.octetString();
  const curve = fields.explicit(0, readCurve) ?? outer;
  const point = fields.explicit(1, (inner) => inner.bitStringBytes());
  if (curve === undefined) fields.fail("names no curve");
  if (outer !== undefined && curve !== outer) fields.fail("names two curves");
  const key = ecPrivateKey(curve, resized(scalar, curveByName(curve).size));
  // A compressed point is ignored: the point is computed from the scalar anyway.
  if (point !== undefined && point[0] === 4 && !equalBytes(point, key.point)) {
    fields.fail("has a public key that does not belong to it");
  }
  return key;
}

/** Encodes ECPrivateKey. `named` adds the curve's name, for keys without an enclosing structure that has it. */
export function encodeEcPrivateKey({ curve, d, point }: EcPrivateKey, named: boolean): Uint8Array {
  return der.sequence(
    der.integer(1),
    der.octetString(d),
    ...(named ? [der.explicit(0, der.oid(oidOfCurve(curve)))] : []),
    der.explicit(1, der.bitString(point)),
  );
}

function resized(scalar: Uint8Array, size: number): Uint8Array {
  const digits = scalar.subarray(scalar.findIndex((byte, i) => byte !== 0 || scalar.length - i <= size));
  const whole = new Uint8Array(Math.max(size, digits.length));
  whole.set(digits, whole.length - digits.length);
  return whole;
}

/** Reads a whole ECPrivateKey or RSAPrivateKey with one of the functions above. */
export function readTraditional<T>(
  bytes: Uint8Array,
  what: string,
  read: (fields: DerReader, version: number) => T,
): T {
  return readDer(bytes, what, (reader) => reader.within((fields) => read(fields, fields.smallInteger())));
}
