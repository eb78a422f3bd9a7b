/** The arithmetic of private operations, on every engine. */

import { assert, test } from "../_kit/mod.ts";
import { bytesToBigInt } from "../../src/bigint.ts";
import { randomBytes } from "../../src/crypto/random.ts";
import { publicPower, secretPower } from "../../src/crypto/rsa/power.ts";
import { windowsOf } from "../../src/crypto/rsa/windows.ts";

const random = (bits: number): bigint =>
  BigInt.asUintN(bits, bytesToBigInt(randomBytes(Math.ceil(bits / 8))));

/** Returns a number of exactly this many bits, made of repeated digits of 24 bits. */
const repeating = (bits: number, digits: string): bigint =>
  BigInt.asUintN(bits, BigInt(`0x${digits.repeat(Math.ceil(bits / 4 / digits.length))}`)) |
  1n << BigInt(bits - 1);

function check(base: bigint, exponent: bigint, modulus: bigint): void {
  const expected = publicPower(base, exponent, modulus) % modulus;
  if (secretPower(base, exponent, modulus) === expected) return;
  assert.fail(`${base.toString(16)} ^ ${exponent.toString(16)} % ${modulus.toString(16)}`);
}

test("power: windows stand for their exponent", () => {
  for (let bits = 1; bits < 300; bits += 7) {
    const exponent = random(bits) | 1n << BigInt(bits - 1);
    const read = windowsOf(exponent).reduce(
      (value, { squarings, odd }) =>
        (value << BigInt(squarings)) + (odd === undefined ? 0n : BigInt(2 * odd + 1)),
      0n,
    );
    assert.equal(read, exponent);
  }
});

test("power: moduli of every length, random", () => {
  for (let bits = 3; bits <= 1100; bits += 13) {
    const modulus = random(bits) | 1n | 1n << BigInt(bits - 1);
    check(random(bits) % modulus, random(80) | 1n, modulus);
  }
  for (const bits of [1024, 1536, 2048, 4096]) {
    for (let i = 0; i < 5; i++) {
      const modulus = random(bits) | 1n | 1n << BigInt(bits - 1);
      check(random(bits) % modulus, random(60) | 1n, modulus);
    }
  }
});

test("power: the largest and the smallest digits", () => {
  const patterns = ["ffffff", "7fffff", "800000", "800001", "7fffff800000", "ffffff000000", "000001"];
  for (const bits of [94, 95, 96, 382, 1054, 1055, 1056, 1057, 1438, 1439]) {
    for (const modulusDigits of patterns) {
      const modulus = repeating(bits, modulusDigits) | 1n;
      for (const baseDigits of patterns) check(repeating(bits, baseDigits) % modulus, 0xb5n, modulus);
      for (const base of [0n, 1n, modulus - 1n, modulus >> 1n]) check(base, 0xb5n, modulus);
    }
  }
});

test("power: small moduli and exponents, and bases that are not reduced", () => {
  for (const modulus of [1n, 3n, 5n, 7n, 2n ** 94n + 1n, 2n ** 512n - 1n]) {
    for (const exponent of [1n, 2n, 63n, 64n, 65n, 2n ** 70n]) {
      for (const base of [0n, 1n, 2n, modulus, modulus + 1n, modulus ** 3n - 1n]) {
        check(base, exponent, modulus);
      }
    }
    assert.equal(secretPower(2n, 0n, modulus) % modulus, 1n % modulus);
  }
});

test("power: an even modulus, and a long one", () => {
  const base = random(1000);
  const even = random(1024) | 1n << 1023n;
  assert.equal(secretPower(base, 11n, even - even % 2n), publicPower(base, 11n, even - even % 2n));
  const long = random(4096) | 1n | 1n << 4095n;
  assert.equal(secretPower(base, 11n, long), publicPower(base, 11n, long));
});
