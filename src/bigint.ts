/** Large integers: conversion to and from bytes of fixed length, and the number theory for keys. */

/**
 * Reads an unsigned big-endian number (OS2IP, RFC 8017 section 4.2) in 64-bit limbs. The time depends only on the length.
 */
export function bytesToBigInt(bytes: Uint8Array): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const odd = bytes.length % 8;
  let value = 0n;
  for (let i = 0; i < odd; i++) value = value << 8n | BigInt(bytes[i]);
  for (let i = odd; i < bytes.length; i += 8) value = value << 64n | view.getBigUint64(i);
  return value;
}

/**
 * Returns a number as exactly `length` bytes, big-endian (I2OSP, RFC 8017 section 4.1). A bit above the number is set first,
 * so that the number of limbs, and therefore the time, is the same for every value.
 *
 * @throws {RangeError} If the number is negative or does not fit.
 */
export function bigIntToBytes(value: bigint, length: number): Uint8Array {
  const limbs = Math.ceil(length / 8);
  const bytes = new Uint8Array(limbs * 8);
  const view = new DataView(bytes.buffer);
  let rest = value + (1n << BigInt(limbs * 64));
  for (let i = limbs - 1; i >= 0; i--) {
    view.setBigUint64(i * 8, BigInt.asUintN(64, rest));
    rest >>= 64n;
  }
  let excess = rest === 1n ? 0 : 1;
  const start = bytes.length - length;
  for (let i = 0; i < start; i++) excess |= bytes[i];
  if (excess !== 0) throw new RangeError(`the number does not fit in ${length} bytes`);
  return bytes.subarray(start);
}

/** Returns the number of bits of a number; 0 for 0. The time depends on the result, so it must not be used for secrets. */
export function bitLength(value: bigint): number {
  let step = 64n;
  while (value >> step > 0n) step *= 2n;
  let bits = 0n;
  for (let rest = value; step > 0n; step /= 2n) {
    if (rest >> step === 0n) continue;
    rest >>= step;
    bits += step;
  }
  return Number(bits) + (value > 0n ? 1 : 0);
}

/** Returns the greatest common divisor of two non-negative numbers. */
export function gcd(a: bigint, b: bigint): bigint {
  while (b !== 0n) [a, b] = [b, a % b];
  return a;
}

/** Returns the inverse of `a` modulo `modulus`, or null if it has no inverse. */
export function modInverse(a: bigint, modulus: bigint): bigint | null {
  let [r0, r1] = [modulus, a % modulus];
  let [t0, t1] = [0n, 1n];
  while (r1 !== 0n) {
    const quotient = r0 / r1;
    [r0, r1] = [r1, r0 - quotient * r1];
    [t0, t1] = [t1, t0 - quotient * t1];
  }
  if (r0 !== 1n) return null;
  return t0 < 0n ? t0 + modulus : t0;
}
