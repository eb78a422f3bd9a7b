import { assert, test } from "../_kit/mod.ts";
import { toHex, toUtf8 } from "../../src/bytes.ts";
import { bigIntToBytes, bitLength, bytesToBigInt, gcd, modInverse } from "../../src/bigint.ts";
import { hashByName, type HashName, hmac, sha256 } from "../../src/crypto/hash.ts";
import { randomBytes } from "../../src/crypto/random.ts";

test("bytesToBigInt and bigIntToBytes: against hexadecimal, at every length around the limbs", () => {
  for (let length = 0; length < 50; length++) {
    const bytes = randomBytes(length);
    const value = BigInt(`0x0${toHex(bytes)}`);
    assert.equal(bytesToBigInt(bytes), value);
    assert.deepEqual(bigIntToBytes(value, length), bytes);
    assert.deepEqual(bigIntToBytes(value, length + 3), Uint8Array.of(0, 0, 0, ...bytes));
  }
  const inside = new Uint8Array(20).fill(255).subarray(3, 13);
  assert.equal(bytesToBigInt(inside), 2n ** 80n - 1n);
});

test("bigIntToBytes: what does not fit", () => {
  for (const length of [0, 1, 7, 8, 9, 16, 17]) {
    const limit = 1n << BigInt(8 * length);
    assert.equal(bigIntToBytes(limit - 1n, length).length, length);
    for (const value of [limit, limit << 64n, limit << 1000n, -1n, -limit]) {
      assert.throws(() => bigIntToBytes(value, length), RangeError);
    }
  }
});

test("bitLength, gcd, modInverse", () => {
  assert.equal(bitLength(0n), 0);
  for (let bits = 1; bits < 300; bits++) {
    assert.equal(bitLength(1n << BigInt(bits - 1)), bits);
    assert.equal(bitLength((1n << BigInt(bits)) - 1n), bits);
  }
  assert.equal(gcd(2n ** 100n * 3n, 2n ** 90n * 15n), 2n ** 90n * 3n);
  assert.equal(gcd(0n, 7n), 7n);
  for (const modulus of [2n, 3n, 7n, 10n, 97n, 2n ** 127n - 1n]) {
    for (const value of [1n, 2n, 3n, 5n, 10n, 96n, 2n ** 200n + 1n]) {
      const inverse = modInverse(value, modulus);
      if (gcd(value, modulus) !== 1n) assert.equal(inverse, null);
      else assert.ok(inverse! >= 0n && inverse! < modulus && value * inverse! % modulus === 1n);
    }
  }
});

test("hashByName: FIPS 180-4 examples, by name", () => {
  const digests: Readonly<Record<HashName, string>> = {
    "SHA-1": "a9993e364706816aba3e25717850c26c9cd0d89d",
    "SHA-224": "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7",
    "SHA-256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    "SHA-384":
      "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7",
    "SHA-512":
      "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
    "SHA-512/224": "4634270f707b6a54daae7530460842e20e37ed265ceee9a43e8924aa",
    "SHA-512/256": "53048e2681941ef99b2e29b76b4c7dabe4c2d0c634fc6d46e0e2f13107e7af23",
  };
  for (const [name, digest] of Object.entries(digests)) {
    assert.equal(toHex(hashByName(name as HashName)(toUtf8("abc"))), digest);
  }
  for (const name of ["MD5", "sha-256", "", "constructor"]) {
    assert.throws(() => hashByName(name as HashName), TypeError);
  }
});

test("hmac: RFC 4231 test case 2", () => {
  assert.equal(
    toHex(hmac(sha256, toUtf8("Jefe"), toUtf8("what do ya want for nothing?"))),
    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
  );
});

test("randomBytes: any length, other bytes each time", () => {
  for (const length of [0, 1, 32, 65_536, 65_537, 200_000]) assert.equal(randomBytes(length).length, length);
  assert.notDeepEqual(randomBytes(32), randomBytes(32));
  const large = randomBytes(200_000);
  for (let offset = 0; offset < large.length; offset += 1000) {
    assert.ok(large.subarray(offset, offset + 1000).some((byte) => byte !== 0), "filled to the end");
  }
});
