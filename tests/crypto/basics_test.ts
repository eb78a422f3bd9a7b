import { assert, test } from "../_kit/mod.ts";
import { fromHex, toHex, toUtf8 } from "../../src/bytes.ts";
import { bigIntToBytes, bitLength, bytesToBigInt, gcd, modInverse } from "../../src/bigint.ts";
import { hashByName, type HashName, sha256, sha384 } from "../../src/crypto/hash.ts";
import { hmac } from "../../src/crypto/hmac.ts";
import { prf } from "../../src/crypto/prf.ts";
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

test("bigIntToBytes: numbers that do not fit", () => {
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

/** The vectors that the TLS working group's members agreed on (mailing list, 2009). */
test("prf: the TLS 1.2 vectors for SHA-256 and SHA-384", () => {
  assert.equal(
    toHex(prf(
      sha256,
      fromHex("9bbe436ba940f017b17652849a71db35"),
      "test label",
      fromHex("a0ba9f936cda311827a6f796ffd5198c"),
      100,
    )),
    "e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a6b301791e90d35c9c9a46b4e14baf9af0fa0" +
      "22f7077def17abfd3797c0564bab4fbc91666e9def9b97fce34f796789baa48082d122ee42c5a72e5a5110fff70187347b66",
  );
  assert.equal(
    toHex(prf(
      sha384,
      fromHex("b80b733d6ceefcdc71566ea48e5567df"),
      "test label",
      fromHex("cd665cf6a8447dd6ff8b27555edb7465"),
      148,
    )),
    "7b0c18e9ced410ed1804f2cfa34a336a1c14dffb4900bb5fd7942107e81c83cde9ca0faa60be9fe34f82b1233c9146a0e534" +
      "cb400fed2700884f9dc236f80edd8bfa961144c9e8d792eca722a7b32fc3d416d473ebc2c5fd4abfdad05d9184259b5bf8cd" +
      "4d90fa0d31e2dec479e4f1a26066f2eea9a69236a3e52655c9e9aee691c8f3a26854308d5eaa3be85e0990703d73e56f",
  );
});
