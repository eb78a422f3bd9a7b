import { ml_kem768 as noble } from "@noble/post-quantum/ml-kem.js";
import { assert, channelError, test, vectorText } from "../_kit/mod.ts";
import { seededRandom } from "../_kit/mutate.ts";
import { concat, fromBase64, fromHex, toBase64, toHex } from "../../src/bytes.ts";
import { decapsulate, encapsulate, keygen } from "../../src/crypto/mlkem/mod.ts";
import { byteDecode, byteEncode, compress, decompress } from "../../src/crypto/mlkem/compression.ts";
import { canonical, Q, reduce } from "../../src/crypto/mlkem/field.ts";
import { addProduct, inverseNtt, N, ntt, zero } from "../../src/crypto/mlkem/ntt.ts";
import acvp from "./mlkem_acvp.json" with { type: "json" };

interface Case {
  readonly tcId: number;
  readonly seed: string;
  readonly ek: string;
  readonly dk: string;
  readonly c: string;
  readonly K: string;
  readonly result: "valid" | "invalid";
}

/** The cases of a Wycheproof file. */
function cases(name: string, count: number): Case[] {
  const { testGroups } = JSON.parse(vectorText(`wycheproof/mlkem_768_${name}.json`)) as {
    testGroups: { tests: Case[] }[];
  };
  const all = testGroups.flatMap(({ tests }) => tests);
  assert.equal(all.length, count);
  return all;
}

test("ML-KEM-768: Wycheproof, keys from seeds and decapsulation", { needs: ["vectors"] }, () => {
  for (const { tcId, seed, ek, c, K, result } of cases("test", 193)) {
    const run = () => {
      const { publicKey, secretKey } = keygen(fromHex(seed));
      if (ek) assert.equal(toHex(publicKey), ek, `case ${tcId}`);
      return toHex(decapsulate(fromHex(c), secretKey));
    };
    if (result === "valid") assert.equal(run(), K, `case ${tcId}`);
    else assert.throws(run, RangeError, `case ${tcId}`);
  }
});

test("ML-KEM-768: Wycheproof, key generation", { needs: ["vectors"] }, () => {
  for (const { tcId, seed, ek, dk } of cases("keygen_seed_test", 100)) {
    const { publicKey, secretKey } = keygen(fromHex(seed));
    assert.equal(toHex(publicKey), ek, `case ${tcId}`);
    assert.equal(toHex(secretKey), dk, `case ${tcId}`);
  }
});

test("ML-KEM-768: Wycheproof, decapsulation with expanded keys", { needs: ["vectors"] }, async () => {
  for (const { tcId, dk, c, K, result } of cases("semi_expanded_decaps_test", 9)) {
    const run = () => toHex(decapsulate(fromHex(c), fromHex(dk)));
    if (result === "valid") assert.equal(run(), K, `case ${tcId}`);
    else if (dk.length === 4800 && c.length === 2176) await channelError(run, "crypto");
    else assert.throws(run, RangeError, `case ${tcId}`);
  }
});

test("ML-KEM-768: NIST's ACVP figures for key generation, cases 26 and 27 of version 1.1.0.40", () => {
  const figures = [
    {
      d: "a2b4bca315a6ea4600b4a316e09a2578aa1e8bce919c8df3a96c71c843f5b38b",
      z: "d6bf055cb7b375e3271ed131f1ba31f83fef533a239878a71074578b891265d1",
      publicHash: "7ca0c2cbbf4fbf28de8c479d4473c339d96b89c34a4e5fcbcf7728bdfb43b945",
    },
    {
      d: "6dbb99ae6889af01da387d7d99bd4e91bacb11a6051b14aecd4c96f30cd9f9d9",
      z: "360557caddfcf5fee7c0de6a363f095757588c35a3fd11c58677ab5e8797c2b8",
      publicHash: "9c9032984ae72b7d5e0732a29ec29d8bbc4252a31454185710d280c223a47899",
    },
  ];
  // The secret key ends with the hash of the whole public key.
  for (const { d, z, publicHash } of figures) {
    assert.equal(toHex(keygen(fromHex(d + z)).secretKey.subarray(2336)), publicHash + z);
  }
  const { publicKey, secretKey } = keygen(fromHex(figures[1].d + figures[1].z));
  assert.equal(toHex(publicKey.subarray(0, 16)), "bc02284c2b36002a8e002311d6fa3ed1");
  assert.equal(toHex(secretKey.subarray(0, 16)), "54db18751a289f68b462d90388629b33");
});

// ML-KEM-encapDecap-FIPS203 of NIST's ACVP server at its commit f3818348: groups 2 and 5, of ML-KEM-768, the first in part.
test("ML-KEM-768: NIST's ACVP figures for encapsulation", () => {
  for (const { tcId, ek, m, c, k } of acvp.encapsulation) {
    const { cipherText, sharedSecret } = encapsulate(fromBase64(ek), fromBase64(m));
    assert.equal(toBase64(cipherText), c, `case ${tcId}`);
    assert.equal(toBase64(sharedSecret), k, `case ${tcId}`);
  }
});

test("ML-KEM-768: NIST's ACVP figures for decapsulation, of ciphertexts that were changed too", () => {
  const dk = fromBase64(acvp.decapsulation.dk);
  for (const { tcId, c, k } of acvp.decapsulation.tests) {
    assert.equal(toBase64(decapsulate(fromBase64(c), dk)), k, `case ${tcId}`);
  }
});

test("ML-KEM-768: as @noble/post-quantum, accepted and rejected", () => {
  const random = seededRandom(203);
  const bytes = (length: number) => Uint8Array.from({ length }, () => random(256));
  for (let i = 0; i < 40; i++) {
    const [seed, randomness] = [bytes(64), bytes(32)];
    const { publicKey, secretKey } = keygen(seed);
    const theirs = noble.keygen(seed);
    assert.equal(toHex(publicKey), toHex(theirs.publicKey));
    assert.equal(toHex(secretKey), toHex(theirs.secretKey));
    const { cipherText, sharedSecret } = encapsulate(publicKey, randomness);
    const encapsulated = noble.encapsulate(publicKey, randomness);
    assert.equal(toHex(cipherText), toHex(encapsulated.cipherText));
    assert.equal(toHex(sharedSecret), toHex(encapsulated.sharedSecret));
    assert.equal(toHex(decapsulate(cipherText, secretKey)), toHex(sharedSecret));
    cipherText[random(cipherText.length)] ^= 1 << random(8);
    const rejected = toHex(decapsulate(cipherText, secretKey));
    assert.notEqual(rejected, toHex(sharedSecret));
    assert.equal(rejected, toHex(noble.decapsulate(cipherText, secretKey)));
  }
});

test("ML-KEM-768: a bit changed anywhere in a ciphertext changes the secret", () => {
  const { publicKey, secretKey } = keygen();
  const { cipherText, sharedSecret } = encapsulate(publicKey);
  const secrets = new Set([toHex(sharedSecret)]);
  let changed = 0;
  for (let i = 0; i < cipherText.length; i += 7, changed++) {
    const mutant = cipherText.slice();
    mutant[i] ^= 1 << i % 8;
    secrets.add(toHex(decapsulate(mutant, secretKey)));
  }
  assert.equal(secrets.size, changed + 1);
});

test("ML-KEM-768: a public key with a coefficient of q or more is refused, wherever it is", async () => {
  const { publicKey } = keygen();
  for (const index of [0, 1, 2, 255, 256, 511, 512, 767]) {
    for (const value of [Q, Q + 1, 4095]) {
      const key = publicKey.slice();
      const at = 3 * (index >> 1);
      if (index % 2 === 0) [key[at], key[at + 1]] = [value & 255, key[at + 1] & 0xf0 | value >> 8];
      else [key[at + 1], key[at + 2]] = [key[at + 1] & 0x0f | (value & 15) << 4, value >> 4];
      await channelError(() => encapsulate(key), "crypto");
    }
  }
  // A modified ciphertext is as valid as the original. The owner of the secret key gets another secret.
  const zeros = new Uint8Array(1184);
  assert.equal(encapsulate(zeros).cipherText.length, 1088);
});

test("ML-KEM-768: a secret key whose public part was changed is refused", async () => {
  const { publicKey, secretKey } = keygen();
  const { cipherText, sharedSecret } = encapsulate(publicKey);
  for (const at of [1152, 1700, 2303, 2304, 2335, 2336, 2367]) {
    const key = secretKey.slice();
    key[at] ^= 0x10;
    await channelError(() => decapsulate(cipherText, key), "crypto");
  }
  const key = secretKey.slice();
  key[2399] ^= 1; // of z, which only a rejected ciphertext meets
  assert.deepEqual(decapsulate(cipherText, key), sharedSecret);
  cipherText[1087] ^= 1;
  assert.notDeepEqual(decapsulate(cipherText, key), decapsulate(cipherText, secretKey));
});

test("ML-KEM-768: arguments of another size or type are refused, and name themselves", () => {
  const { publicKey, secretKey } = keygen();
  const { cipherText } = encapsulate(publicKey);
  const longer = (bytes: Uint8Array) => concat(bytes, new Uint8Array(1));
  const refuses = (name: RegExp, good: Uint8Array, run: (bytes: Uint8Array) => unknown) => {
    for (const bytes of [new Uint8Array(0), good.subarray(1), longer(good)]) {
      assert.throws(() => run(bytes), (error) => error instanceof RangeError && name.test(error.message));
    }
    for (const other of [null, "00".repeat(good.length), [...good], new Uint16Array(good.length)]) {
      assert.throws(
        () => run(other as unknown as Uint8Array),
        (error) => error instanceof TypeError && name.test(error.message),
      );
    }
  };
  refuses(/^seed/, new Uint8Array(64), (bytes) => keygen(bytes));
  refuses(/^publicKey/, publicKey, (bytes) => encapsulate(bytes));
  refuses(/^randomness/, new Uint8Array(32), (bytes) => encapsulate(publicKey, bytes));
  refuses(/^cipherText/, cipherText, (bytes) => decapsulate(bytes, secretKey));
  refuses(/^secretKey/, secretKey, (bytes) => decapsulate(cipherText, bytes));
  assert.notDeepEqual(keygen(), keygen());
  assert.notDeepEqual(encapsulate(publicKey), encapsulate(publicKey));
});

test("ML-KEM: reduction keeps its bounds and the residue", () => {
  const random = seededRandom(3329);
  const edges = [0, 1, Q - 1, Q, Q + 1, 1023, 1024, 1_000_000, 80_000_000 - 1, 80_000_000];
  const values = [...edges, ...Array.from({ length: 20_000 }, () => random(80_000_001))];
  for (const value of values.flatMap((x) => [x, -x])) {
    const reduced = reduce(value);
    assert.ok((value - reduced) % Q === 0);
    assert.ok(Math.abs(reduced) <= (Math.abs(value) <= 1_000_000 ? 2689 : 3218));
    assert.equal(canonical(value), (value % Q + Q) % Q);
  }
});

test("ML-KEM: compression of every coefficient, by FIPS 203's equations 4.7 and 4.8", () => {
  const every = Int32Array.from({ length: Q }, (_, x) => x);
  for (const bits of [1, 4, 10]) {
    const size = 2 ** bits;
    // round(a / b), halves up, is floor((2a + b) / 2b)
    compress(bits, every).forEach((y, x) => assert.equal(y, Math.floor((2 * size * x + Q) / (2 * Q)) % size));
    const compressed = Int32Array.from({ length: size }, (_, y) => y);
    const restored = decompress(bits, compressed);
    restored.forEach((x, y) => assert.equal(x, Math.floor((2 * Q * y + size) / (2 * size))));
    assert.deepEqual(compress(bits, restored), compressed);
  }
});

test("ML-KEM: encoding of 1 to 12 bits, bit by bit", () => {
  const random = seededRandom(5);
  for (const bits of [1, 4, 10, 12]) {
    const f = Int32Array.from({ length: N }, () => random(2 ** bits));
    const bytes = byteEncode(bits, f);
    assert.equal(bytes.length, 32 * bits);
    for (let i = 0; i < 8 * bytes.length; i++) {
      assert.equal(bytes[i >> 3] >> i % 8 & 1, f[Math.floor(i / bits)] >> i % bits & 1);
    }
    assert.deepEqual(byteDecode(bits, bytes), f);
  }
});

test("ML-KEM: products by the transform are those of polynomials modulo X^256 + 1", () => {
  const random = seededRandom(256);
  const polynomials = [
    [zero().fill(Q), zero().fill(Q)],
    [zero().fill(-Q), zero().fill(Q)],
    ...Array.from({ length: 4 }, () => [zero().map(() => random(Q)), zero().map(() => random(5) - 2)]),
  ];
  for (const [f, g] of polynomials) {
    const expected = new Array<number>(N).fill(0);
    for (let i = 0; i < N; i++) {
      for (let j = 0; j < N; j++) {
        const sign = i + j < N ? 1 : -1;
        expected[(i + j) % N] = (expected[(i + j) % N] + sign * f[i] * g[j]) % Q;
      }
    }
    const sum = zero();
    for (let i = 0; i < 3; i++) addProduct(sum, ntt(f.slice()).map(canonical), ntt(g.slice()));
    assert.deepEqual([...inverseNtt(sum).map(canonical)], expected.map((x) => (3 * x % Q + Q) % Q));
  }
});
