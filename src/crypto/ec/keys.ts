/** Keys on elliptic curves: EC keys on the NIST curves, and Ed25519 keys. */

import { bitLength, bytesToBigInt } from "../../bigint.ts";
import { equalBytes } from "../../bytes.ts";
import { ChannelError } from "../../errors.ts";
import { type RandomBytes, randomBytes } from "../random.ts";
import { secretMultipleOfGenerator } from "./secret_multiple.ts";
import { curveByName, type CurveName, encodePoint } from "./weierstrass.ts";

/** A public key on a NIST curve (RFC 5480), for ECDSA. */
export interface EcPublicKey {
  /** Tells the kinds of key apart. */
  readonly type: "ec";
  /** The curve. */
  readonly curve: CurveName;
  /** The uncompressed point, `04 X Y`. */
  readonly point: Uint8Array;
}

/** A private key on a NIST curve (RFC 5915), for ECDSA. */
export interface EcPrivateKey extends EcPublicKey {
  /** The secret scalar, big-endian: 32, 48 or 66 bytes. */
  readonly d: Uint8Array;
}

/** An Ed25519 public key (RFC 8032). */
export interface Ed25519PublicKey {
  /** Tells the kinds of key apart. */
  readonly type: "ed25519";
  /** The 32 bytes of the public key. */
  readonly key: Uint8Array;
}

/** An Ed25519 private key (RFC 8032). */
export interface Ed25519PrivateKey extends Ed25519PublicKey {
  /** The 32 secret bytes, which RFC 8032 calls the private key and others the seed. */
  readonly d: Uint8Array;
}

/** Makes a private key for ECDSA (FIPS 186-5 appendix A.2.2: candidates are tested). */
export function generateEcKey(curve: CurveName, random: RandomBytes = randomBytes): EcPrivateKey {
  return ecPrivateKey(curve, randomScalar(curve, random));
}

/**
 * Returns the private key with the secret scalar `d`.
 *
 * @throws {ChannelError} `"malformed"` if the scalar is not from 1 to n - 1, or does not have the curve's length.
 */
export function ecPrivateKey(curve: CurveName, d: Uint8Array): EcPrivateKey {
  return { type: "ec", curve, d, point: publicPoint(curve, d) };
}

/**
 * Refuses a private key that has another key's public point. Parsing makes the same check.
 *
 * @throws {ChannelError} `"malformed"`.
 */
export function checkEcPrivateKey(key: EcPrivateKey): void {
  if (!equalBytes(publicPoint(key.curve, key.d), key.point)) {
    throw new ChannelError("malformed", "the parts of an EC private key do not belong together");
  }
}

/** Returns a random scalar from 1 to n - 1, as bytes. */
export function randomScalar(curve: CurveName, random: RandomBytes = randomBytes): Uint8Array {
  const { n, size } = curveByName(curve);
  const topBits = 0xff >> (size * 8 - bitLength(n));
  for (;;) {
    const bytes = random(size);
    bytes[0] &= topBits;
    const scalar = bytesToBigInt(bytes);
    if (scalar > 0n && scalar < n) return bytes;
  }
}

/**
 * Returns a scalar as a number.
 *
 * @throws {ChannelError} `"malformed"` if it is not from 1 to n - 1, or does not have the curve's length.
 */
export function secretScalar(curve: CurveName, d: Uint8Array): bigint {
  const { n, size } = curveByName(curve);
  const scalar = bytesToBigInt(d);
  if (d.length !== size || scalar === 0n || scalar >= n) {
    throw new ChannelError("malformed", `a secret scalar is not valid for ${curve}`);
  }
  return scalar;
}

/** Returns the public point `04 X Y` of a secret scalar. */
export function publicPoint(curveName: CurveName, d: Uint8Array): Uint8Array {
  const curve = curveByName(curveName);
  return encodePoint(curve, secretMultipleOfGenerator(curve, secretScalar(curveName, d)));
}
