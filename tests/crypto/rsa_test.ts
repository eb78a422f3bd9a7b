import { constants, createPublicKey, publicEncrypt } from "node:crypto";
import { Buffer } from "node:buffer";
import { assert, channelError, test } from "../_kit/mod.ts";
import { rsa1024, rsa2048, rsa3072 } from "../_kit/keys.ts";
import { concat, equalBytes, toHex } from "../../src/bytes.ts";
import { bigIntToBytes, bytesToBigInt } from "../../src/bigint.ts";
import { randomBytes } from "../../src/crypto/random.ts";
import { privateOperation, publicOperation } from "../../src/crypto/rsa/raw.ts";
import {
  decryptOaep,
  decryptPkcs1,
  decryptPremasterSecret,
  encryptOaep,
  encryptPkcs1,
  type HashName,
  modulusLength,
  type RsaPrivateKey,
  signPkcs1,
  signPss,
  verifyPkcs1,
  verifyPss,
} from "../../src/crypto/rsa/mod.ts";

const HASHES: readonly HashName[] = [
  "SHA-1",
  "SHA-224",
  "SHA-256",
  "SHA-384",
  "SHA-512",
  "SHA-512/224",
  "SHA-512/256",
];

/** Encrypts a block that the test has made, including the padding. */
function encryptBlock(key: RsaPrivateKey, ...parts: (Uint8Array | readonly number[])[]): Uint8Array {
  const block = concat(...parts.map((part) => Uint8Array.from(part)));
  assert.equal(block.length, modulusLength(key));
  return publicOperation(key, block)!;
}

function nonZero(length: number): Uint8Array {
  return new Uint8Array(length).fill(0x5a);
}

test("raw: the private operation inverts the public one, for more uses than one blinding has", () => {
  for (const key of [rsa1024, rsa2048, rsa3072]) {
    const length = modulusLength(key);
    for (const value of [0n, 1n, key.n - 1n, key.p, key.q * 3n, bytesToBigInt(randomBytes(length)) % key.n]) {
      const block = bigIntToBytes(value, length);
      assert.ok(equalBytes(privateOperation(key, publicOperation(key, block)!)!, block));
    }
  }
  const block = bigIntToBytes(12345n, 128);
  const expected = toHex(privateOperation(rsa1024, block)!);
  for (let i = 0; i < 70; i++) assert.equal(toHex(privateOperation(rsa1024, block)!), expected);
});

test("raw: blocks that stand for no number below the modulus", () => {
  for (const operation of [publicOperation, privateOperation] as const) {
    assert.equal(operation(rsa1024, bigIntToBytes(rsa1024.n, 128)), null);
    assert.equal(operation(rsa1024, new Uint8Array(128).fill(255)), null);
    for (const length of [0, 1, 127, 129]) assert.equal(operation(rsa1024, new Uint8Array(length)), null);
  }
});

test("raw: blinding takes its randomness from the source, and a number without an inverse is not used", () => {
  const key = { ...rsa1024 };
  const sources = [bigIntToBytes(key.p * 5n, 136), bigIntToBytes(7n, 136)];
  const asked: number[] = [];
  const random = (length: number): Uint8Array => {
    asked.push(length);
    return sources.shift()!;
  };
  const block = bigIntToBytes(99n, 128);
  assert.equal(toHex(privateOperation(key, block, random)!), toHex(privateOperation(rsa1024, block)!));
  privateOperation(key, block, random);
  assert.deepEqual(asked, [136, 136], "once for each key, and once more for the one without an inverse");
});

// 1 to any power is 1, which no check finds wrong; a blinded base is another number.
test("raw: what is raised to the secret exponent is not the block itself", async () => {
  const faulty = { ...rsa1024, dp: rsa1024.dp ^ 2n };
  await channelError(() => privateOperation(faulty, bigIntToBytes(1n, 128)), "crypto");
});

test("raw: a faulty private key gives no result", async () => {
  const block = bigIntToBytes(2n, 128);
  for (const part of ["p", "q", "dp", "dq", "qi"] as const) {
    for (const change of [2n, 1n << 300n]) {
      const faulty = { ...rsa1024, [part]: rsa1024[part] ^ change };
      const error = await channelError(() => privateOperation(faulty, block), "crypto");
      assert.ok(!/\d{3}/.test(error.message), "no number of the key in the message");
    }
  }
  const { p, dp } = rsa1024;
  for (
    const changed of [{ p: 0n }, { p: 1n }, { p: -p }, { dp: 0n }, { dp: -dp }, {
      dp: dp + (p - 1n << 20_000n),
    }]
  ) {
    await channelError(() => privateOperation({ ...rsa1024, ...changed }, block), "crypto");
  }
});

test("PKCS#1 v1.5 encryption: round trips and lengths", () => {
  for (const length of [0, 1, 48, 117]) {
    const message = randomBytes(length);
    const ciphertext = encryptPkcs1(rsa1024, message);
    assert.equal(ciphertext.length, 128);
    assert.ok(equalBytes(decryptPkcs1(rsa1024, ciphertext), message));
  }
  assert.throws(() => encryptPkcs1(rsa1024, new Uint8Array(118)), RangeError);
  const zeros = (length: number): Uint8Array => new Uint8Array(length).fill(length === 1 ? 9 : 0);
  const padded = privateOperation(rsa1024, encryptPkcs1(rsa1024, new Uint8Array(48), zeros))!;
  assert.deepEqual(padded.subarray(0, 80), Uint8Array.of(0, 2, ...new Array(77).fill(9), 0));
});

test("PKCS#1 v1.5 encryption: OpenSSL's, through node:crypto", { needs: ["node:"] }, () => {
  const number = (value: bigint, length: number): string =>
    Buffer.from(bigIntToBytes(value, length)).toString("base64url");
  const jwk = { kty: "RSA", n: number(rsa2048.n, 256), e: number(rsa2048.e, 3) };
  const key = createPublicKey({ key: jwk, format: "jwk" });
  const message = randomBytes(48);
  const ciphertext = publicEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, message);
  assert.deepEqual(decryptPkcs1(rsa2048, new Uint8Array(ciphertext)), message);
});

/** Ciphertexts with padding that is wrong in one way each. */
function badlyPadded(key: RsaPrivateKey, message: Uint8Array): Record<string, Uint8Array> {
  const length = modulusLength(key);
  const rest = length - 3 - message.length;
  return {
    "first byte": encryptBlock(key, [1, 2], nonZero(rest), [0], message),
    "block type 1": encryptBlock(key, [0, 1], nonZero(rest), [0], message),
    "block type 0": encryptBlock(key, [0, 0], nonZero(rest), [0], message),
    "block type 0x82": encryptBlock(key, [0, 0x82], nonZero(rest), [0], message),
    "no zero": encryptBlock(key, [0, 2], nonZero(length - 2)),
    "zero at once": encryptBlock(key, [0, 2], [0], nonZero(length - 3)),
    "seven bytes of padding": encryptBlock(key, [0, 2], nonZero(7), [0], nonZero(length - 10)),
    "all zero": encryptBlock(key, new Uint8Array(length)),
    "too short": new Uint8Array(length - 1),
    "too long": new Uint8Array(length + 1),
    "empty": new Uint8Array(0),
    "the modulus": bigIntToBytes(key.n, length),
    "all ones": new Uint8Array(length).fill(255),
  };
}

test("PKCS#1 v1.5 encryption: one error for every fault", async () => {
  for (const [fault, ciphertext] of Object.entries(badlyPadded(rsa1024, randomBytes(48)))) {
    const error = await channelError(() => decryptPkcs1(rsa1024, ciphertext), "crypto");
    assert.equal(error.message, "RSA decryption failed", fault);
  }
  const shortest = encryptBlock(rsa1024, [0, 2], nonZero(8), [0], new Uint8Array(117));
  assert.deepEqual(decryptPkcs1(rsa1024, shortest), new Uint8Array(117));
});

test("decryptPremasterSecret: gives the secret, or random bytes for every fault (RFC 5246 section 7.4.7.1)", () => {
  const substitute = new Uint8Array(48).fill(0xee);
  const random = (length: number): Uint8Array => length === 48 ? substitute.slice() : randomBytes(length);
  for (const key of [rsa1024, rsa2048]) {
    const secret = concat(Uint8Array.of(3, 3), nonZero(46));
    const decrypt = (ciphertext: Uint8Array, version = 0x0303): Uint8Array => {
      const result = decryptPremasterSecret(key, ciphertext, version, random);
      assert.equal(result.length, 48);
      return result;
    };
    const good = encryptPkcs1(key, secret);
    assert.deepEqual(decrypt(good), secret);
    for (const version of [0x0302, 0x0304, 0x0203, 0x0403, 0]) {
      assert.deepEqual(decrypt(good, version), substitute);
    }
    for (const [fault, ciphertext] of Object.entries(badlyPadded(key, secret))) {
      assert.deepEqual(decrypt(ciphertext), substitute, fault);
    }
    for (const length of [0, 1, 46, 47, 49, 50, modulusLength(key) - 11]) {
      const message = concat(secret, nonZero(200)).subarray(0, length);
      assert.deepEqual(decrypt(encryptPkcs1(key, message)), substitute, `${length} bytes`);
      const tail = concat(nonZero(200), secret).subarray(-length || 248);
      assert.deepEqual(decrypt(encryptPkcs1(key, tail)), substitute, `${length} bytes`);
    }
  }
});

test("decryptPremasterSecret: other random bytes each time", () => {
  const bad = encryptPkcs1(rsa1024, new Uint8Array(48));
  const seen = new Set(Array.from({ length: 4 }, () => toHex(decryptPremasterSecret(rsa1024, bad, 0x0303))));
  assert.equal(seen.size, 4);
});

test("OAEP: round trips, lengths, labels, and one error for every fault", async () => {
  for (const hash of HASHES) {
    for (const mgfHash of ["SHA-1", hash] as const) {
      const label = randomBytes(9);
      const message = randomBytes(30);
      const ciphertext = encryptOaep(rsa2048, message, { hash, mgfHash, label });
      assert.ok(equalBytes(decryptOaep(rsa2048, ciphertext, { hash, mgfHash, label }), message));
    }
  }
  const [longest, none] = [randomBytes(62), new Uint8Array(0)];
  assert.deepEqual(decryptOaep(rsa1024, encryptOaep(rsa1024, longest)), longest);
  assert.deepEqual(decryptOaep(rsa1024, encryptOaep(rsa1024, none)), none);
  assert.throws(() => encryptOaep(rsa1024, new Uint8Array(63)), RangeError);
  assert.throws(() => encryptOaep(rsa1024, none, { hash: "SHA-512" }), RangeError);
  assert.throws(() => decryptOaep(rsa1024, new Uint8Array(128), { hash: "SHA-512" }), RangeError);
  assert.throws(() => encryptOaep(rsa1024, none, { hash: "MD5" as HashName }), TypeError);

  const good = encryptOaep(rsa1024, longest);
  const block = privateOperation(rsa1024, good)!;
  const faults = [
    good.subarray(1),
    new Uint8Array(128),
    new Uint8Array(128).fill(255),
    concat(good, none, good),
  ];
  for (let i = 0; i < block.length; i += 9) {
    const changed = block.slice();
    changed[i] ^= 1;
    faults.push(publicOperation(rsa1024, changed)!);
  }
  for (const fault of faults) {
    const error = await channelError(() => decryptOaep(rsa1024, fault), "crypto");
    assert.equal(error.message, "RSA decryption failed");
  }
  await channelError(() => decryptOaep(rsa1024, good, { label: Uint8Array.of(1) }), "crypto");
});

test("signatures: every hash, and every changed bit or length is refused", () => {
  const message = randomBytes(100);
  for (const hash of HASHES) {
    const signature = signPkcs1(rsa2048, hash, message);
    assert.ok(verifyPkcs1(rsa2048, hash, message, signature));
    assert.ok(!verifyPkcs1(rsa2048, hash, message.subarray(1), signature));
    const other = hash === "SHA-256" ? "SHA-512/256" : "SHA-256";
    assert.ok(!verifyPkcs1(rsa2048, other, message, signature));
    const salted = signPss(rsa2048, message, { hash });
    assert.ok(verifyPss(rsa2048, message, salted, { hash }));
    assert.ok(!verifyPss(rsa2048, message.subarray(1), salted, { hash }));
    assert.ok(!verifyPss(rsa2048, message, salted, { hash, saltLength: 1 }));
  }
  const signature = signPkcs1(rsa1024, "SHA-256", message);
  const salted = signPss(rsa1024, message);
  for (
    const [good, verify] of [
      [signature, (bytes: Uint8Array) => verifyPkcs1(rsa1024, "SHA-256", message, bytes)],
      [salted, (bytes: Uint8Array) => verifyPss(rsa1024, message, bytes)],
    ] as const
  ) {
    assert.ok(verify(good));
    for (let bit = 0; bit < 1024; bit += 11) {
      const changed = good.slice();
      changed[bit >> 3] ^= 1 << (bit & 7);
      assert.ok(!verify(changed));
    }
    for (
      const bad of [good.subarray(1), concat(Uint8Array.of(0), good), new Uint8Array(0), new Uint8Array(128)]
    ) {
      assert.ok(!verify(bad));
    }
    // The same number modulo n, but larger than n. It is not the signature (RFC 8017 section 5.2.2 step 1).
    const larger = bytesToBigInt(good) + rsa1024.n;
    if (larger < 2n ** 1024n) assert.ok(!verify(bigIntToBytes(larger, 128)));
  }
});

test("PSS: salts of every length", () => {
  const message = randomBytes(3);
  for (const saltLength of [0, 1, 32, 94]) {
    const signature = signPss(rsa1024, message, { saltLength });
    assert.ok(verifyPss(rsa1024, message, signature, { saltLength }));
    assert.ok(!verifyPss(rsa1024, message, signature, { saltLength: saltLength + 1 }));
  }
  assert.throws(() => signPss(rsa1024, message, { saltLength: 95 }), RangeError);
  for (const saltLength of [-1, 1.5, NaN]) {
    assert.throws(() => signPss(rsa1024, message, { saltLength }), RangeError);
    assert.throws(() => verifyPss(rsa1024, message, new Uint8Array(128), { saltLength }), RangeError);
  }
});

test("signatures: forgeries that lax parsers accept (Bleichenbacher 2006)", () => {
  const message = randomBytes(10);
  const block = publicOperation(rsa2048, signPkcs1(rsa2048, "SHA-1", message))!;
  const digestInfo = block.subarray(-35);
  const forged = [
    concat(
      Uint8Array.of(0, 1),
      new Uint8Array(8).fill(255),
      Uint8Array.of(0),
      digestInfo,
      new Uint8Array(210),
    ),
    concat(Uint8Array.of(0, 1), new Uint8Array(218).fill(254), Uint8Array.of(0), digestInfo),
    concat(Uint8Array.of(0, 2), new Uint8Array(218).fill(255), Uint8Array.of(0), digestInfo),
  ];
  for (const bad of forged) {
    assert.equal(bad.length, 256);
    assert.ok(!verifyPkcs1(rsa2048, "SHA-1", message, privateOperation(rsa2048, bad)!));
  }
});

test("keys out of bounds are refused before any work", async () => {
  const message = randomBytes(10);
  for (const n of [rsa2048.n + 1n, 2n ** 8200n + 1n, rsa1024.n >> 1n | 1n]) {
    const key = { ...rsa2048, n };
    await channelError(() => verifyPkcs1(key, "SHA-256", message, new Uint8Array(modulusLength(key))));
    await channelError(() => encryptPkcs1(key, message));
    await channelError(() => privateOperation(key, new Uint8Array(modulusLength(key))));
  }
});
