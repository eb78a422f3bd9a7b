/** Compares the runtime's operations with the reference implementation, including failures. */

import { bigIntToBytes } from "../../src/bigint.ts";
import { concat, fromHex, toHex, toUtf8 } from "../../src/bytes.ts";
import type { DeferredAeadAlgorithm } from "../../src/crypto/aead.ts";
import { AesGcm } from "../../src/crypto/aes.ts";
import { generateEd25519Key } from "../../src/crypto/ec/ed25519.ts";
import { generateEcKey } from "../../src/crypto/ec/keys.ts";
import { curveByName } from "../../src/crypto/ec/weierstrass.ts";
import type { TlsOperations } from "../../src/crypto/operations.ts";
import { CIPHERTEXT_SIZE, PUBLIC_KEY_SIZE } from "../../src/crypto/mlkem/kem.ts";
import { hmac } from "../../src/crypto/hmac.ts";
import { hkdfExpand, hkdfExtract } from "../../src/crypto/hkdf.ts";
import { randomBytes } from "../../src/crypto/random.ts";
import { generateKeyPair, modulusLength } from "../../src/crypto/rsa/mod.ts";
import { ChannelError } from "../../src/errors.ts";
import { aesGcm } from "../../src/platform/aes_gcm.ts";
import { tlsOperations } from "../../src/platform/tls_operations.ts";
import { webCrypto } from "../../src/platform/runtime.ts";
import { WebAesGcm } from "../../src/platform/web_aead.ts";
import { assert, test, type TestOptions, vectorText } from "../_kit/mod.ts";
import { rsa1024, rsa2048 } from "../_kit/keys.ts";

const pure = tlsOperations("pure");
const platform = tlsOperations("platform");

/** Returns the result or the error of a call, as text. */
async function outcome(work: () => unknown): Promise<string> {
  try {
    const result = await work();
    return result instanceof Uint8Array ? toHex(result) : String(result);
  } catch (error) {
    return error instanceof ChannelError ? `ChannelError ${error.code}` : (error as Error).name;
  }
}

/** Asserts that both implementations give the same result. */
async function same(name: string, work: (operations: TlsOperations) => unknown): Promise<string> {
  const expected = await outcome(() => work(pure));
  assert.equal(await outcome(() => work(platform)), expected, name);
  return expected;
}

async function sameAead(
  ours: DeferredAeadAlgorithm,
  theirs: DeferredAeadAlgorithm,
  keyLengths: readonly number[],
): Promise<void> {
  for (const keyLength of keyLengths) {
    const key = randomBytes(keyLength);
    const [a, b] = [ours(key), theirs(key)];
    key.fill(0); // a copy was taken
    for (const length of [0, 1, 15, 16, 17, 255, 1024, 2048, 16_384, 70_000]) {
      const [nonce, additional] = [randomBytes(12), randomBytes(length % 29)];
      const text = randomBytes(length + 3).subarray(3);
      const sealed = await a.encrypt(nonce, additional, text);
      const output = new Uint8Array(length + 21).subarray(5);
      assert.equal(await b.encrypt(nonce, additional, text, output), output);
      assert.equal(toHex(output), toHex(sealed));
      for (const aead of [a, b]) {
        output.set(text);
        await aead.encrypt(nonce, additional, output.subarray(0, length), output);
        assert.equal(toHex(output), toHex(sealed), "in place");
      }
      const opened = await b.decrypt(nonce, additional, sealed);
      assert.equal(toHex(opened), toHex(text));
      assert.equal(Object.getPrototypeOf(opened), Uint8Array.prototype);
      const flipped = sealed.slice();
      flipped[length >> 1] ^= 4;
      const wrong: (readonly [Uint8Array, Uint8Array, Uint8Array])[] = [
        [nonce, additional, flipped],
        [nonce, additional, sealed.subarray(0, -1)],
        [nonce, additional, sealed.subarray(0, 15)],
        [nonce, concat(additional, nonce), sealed],
        [randomBytes(12), additional, sealed],
      ];
      for (const given of wrong) {
        assert.equal(await outcome(() => a.decrypt(...given)), "ChannelError decrypt");
        assert.equal(await outcome(() => b.decrypt(...given)), "ChannelError decrypt");
      }
    }
    for (const nonce of [randomBytes(8), randomBytes(16)]) {
      assert.equal(await outcome(() => a.encrypt(nonce, nonce, nonce)), "RangeError");
      assert.equal(await outcome(() => b.encrypt(nonce, nonce, nonce)), "RangeError");
    }
  }
}

test("platform: AES-GCM seals and opens as the reference does, and refuses the same", async () => {
  await sameAead(pure.aesGcm, platform.aesGcm, [16, 24, 32]);
  await sameAead(aesGcm("pure"), aesGcm("platform"), [32]);
});

test("platform: ChaCha20-Poly1305 seals and opens as the reference does, and refuses the same", () =>
  sameAead(pure.chaChaPoly, platform.chaChaPoly, [32]));

test("platform: AES-GCM by WebCrypto, where there is WebCrypto, seals and opens as the reference does", async () => {
  const subtle = webCrypto();
  if (subtle === undefined) return;
  const web = (key: Uint8Array) => new WebAesGcm(subtle, key, new AesGcm(key), 17);
  const served = () =>
    web(new Uint8Array(32)).encrypt(new Uint8Array(12), new Uint8Array(0), new Uint8Array(17));
  while (!(served() instanceof Promise)) await new Promise((resolve) => setTimeout(resolve, 5)); // the probe
  await sameAead(pure.aesGcm, web, [16, 32]);
});

test("platform: AES-CBC encrypts and decrypts as the reference does", async () => {
  for (const keyLength of [16, 24, 32]) {
    const [key, iv] = [randomBytes(keyLength), randomBytes(16)];
    for (const length of [0, 16, 32, 4096]) {
      const data = randomBytes(length);
      const encrypted = await same("encrypt", ({ aesCbc }) => aesCbc(key).encryptCbc(iv, data));
      assert.equal(encrypted.length, 2 * length);
      await same("decrypt", ({ aesCbc }) => aesCbc(key).decryptCbc(iv, data));
    }
  }
});

test("platform: hash functions, HMAC and HKDF give the bytes of the reference", async () => {
  for (const name of ["sha1", "sha256", "sha384"] as const) {
    for (const length of [0, 1, 63, 64, 65, 127, 128, 129, 3000]) {
      const message = randomBytes(length);
      await same(name, (operations) => operations[name](message));
      await same("in pieces", (operations) => {
        const state = operations[name].create().update(message);
        state.clone().update(toUtf8("what the other does not see"));
        return state.update(message).digest();
      });
      await same("HMAC", (operations) => hmac(operations[name], message, message));
      await same("HKDF", (operations) => {
        const hash = operations[name];
        return hkdfExpand(hash, hkdfExtract(hash, message, message), message, 100);
      });
    }
  }
});

const VECTORS: TestOptions = { needs: ["vectors"] };

interface HkdfTest extends Readonly<Record<"ikm" | "salt" | "info" | "okm" | "result" | "comment", string>> {
  readonly size: number;
}

test("platform: HKDF by Wycheproof's vectors, by the reference and by the platform", VECTORS, () => {
  for (const name of ["sha1", "sha256", "sha384"] as const) {
    const { testGroups } = JSON.parse(vectorText(`wycheproof/hkdf_${name}_test.json`));
    const tests: readonly HkdfTest[] = testGroups.flatMap(({ tests }: { tests: HkdfTest[] }) => tests);
    for (const { ikm, salt, info, size, okm, result, comment } of tests) {
      for (const { [name]: hash } of [pure, platform]) {
        const expand = () =>
          hkdfExpand(hash, hkdfExtract(hash, fromHex(salt), fromHex(ikm)), fromHex(info), size);
        if (result === "invalid") assert.throws(expand, RangeError);
        else assert.equal(toHex(expand()), okm, comment);
      }
    }
  }
});

test("platform: Ed25519 signs as the reference does, and refuses the same signatures and keys", async () => {
  const [key, message] = [generateEd25519Key(), toUtf8("message")];
  const signature = fromHex(await same("signature", ({ ed25519 }) => ed25519.sign(key, message)));
  await same("of nothing", ({ ed25519 }) => ed25519.sign(key, new Uint8Array(0)));
  await same("another public half", ({ ed25519 }) => ed25519.sign({ ...key, key: key.d }, message));
  const verify = (name: string, ...given: [Uint8Array, Uint8Array, Uint8Array]) =>
    same(name, ({ ed25519 }) => ed25519.verify(...given));
  assert.equal(await verify("right", key.key, message, signature), "true");
  for (let i = 0; i < 64; i += 7) {
    const wrong = signature.slice();
    wrong[i] ^= 1 << i % 8;
    assert.equal(await verify(`byte ${i}`, key.key, message, wrong), "false");
  }
  for (const wrong of [signature.subarray(1), concat(signature, signature), new Uint8Array(0)]) {
    assert.equal(await verify("length", key.key, message, wrong), "false");
    assert.equal(await verify("length of the key", wrong, message, signature), "false");
  }
  const [one, base] = [fromHex(`01${"00".repeat(31)}`), fromHex(`58${"66".repeat(31)}`)];
  for (
    const point of [
      "0100000000000000000000000000000000000000000000000000000000000000", // order 1: for it the equation holds
      "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", // order 2
      "0000000000000000000000000000000000000000000000000000000000000000", // order 4
      "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a", // order 8
      "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
      "0100000000000000000000000000000000000000000000000000000000000080", // x = 0 with a sign
      "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", // y = p + 1
      "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", // y = p
      "0200000000000000000000000000000000000000000000000000000000000000", // not on the curve
    ].map(fromHex)
  ) {
    assert.equal(await verify("key", point, message, concat(base, one)), "false");
    assert.equal(await verify("R", key.key, message, concat(point, signature.subarray(32))), "false");
  }
});

test("platform: RSA gives the bytes and the refusals of the reference, also for odd key sizes", async () => {
  const { privateKey: odd } = await generateKeyPair({ bits: 1040, allowWeak: true });
  for (const key of [rsa1024, rsa2048, odd]) {
    const length = modulusLength(key);
    const n = bigIntToBytes(key.n, length);
    const blocks = [
      new Uint8Array(length),
      Uint8Array.from({ length }, (_, i) => i === length - 1 ? 1 : 0),
      bigIntToBytes(key.n - 1n, length),
      bigIntToBytes(key.n >> 1n, length),
      bigIntToBytes(key.n % (1n << 700n), length),
      n, // not below the modulus
      new Uint8Array(length).fill(255),
      new Uint8Array(length - 1),
      new Uint8Array(length + 1),
      new Uint8Array(0),
    ];
    for (const block of blocks) {
      const power = await same("private", ({ rsa }) => rsa.privateOperation(key, block));
      await same("public", ({ rsa }) => rsa.publicOperation(key, block));
      assert.equal(power === "null", block.length !== length || toHex(block) >= toHex(n));
    }
    for (
      const wrong of [{ d: key.d + 2n }, { p: key.q }, { dp: key.dp + 2n }, { qi: 1n }, { e: 3n }, {
        n: key.n + 2n,
      }]
    ) {
      await same(
        "parts that do not belong together",
        ({ rsa }) => rsa.privateOperation({ ...key, ...wrong }, blocks[3]),
      );
    }
    for (
      const wrong of [{ e: 1n }, { e: 4n }, { e: 1n << 40n }, { n: key.n + 1n }, { n: 1n << 9000n }, {
        n: 15n,
      }]
    ) {
      await same("no public key", ({ rsa }) => rsa.publicOperation({ ...key, ...wrong }, blocks[3]));
    }
  }
});

const NODE_CRYPTO: TestOptions = { on: ["node", "deno", "bun"] };

test("platform: node:crypto passes its probes where it is to be used", NODE_CRYPTO, () => {
  for (const name of ["aesGcm", "aesCbc", "x25519", "p256", "p384", "ed25519", "sha256", "sha384"] as const) {
    assert.notEqual(platform[name], pure[name], name);
  }
});

test("platform: X25519 gives the keys, secrets and refusals of the reference", async () => {
  for (let i = 0; i < 5; i++) {
    const [secret, peer] = [randomBytes(32), randomBytes(32)];
    await same("public key", ({ x25519 }) => x25519.publicKey(secret));
    await same("shared secret", ({ x25519 }) => x25519.sharedSecret(secret, peer));
    await same("key pair", ({ x25519 }) => x25519.generateKeyPair(() => secret.slice()).publicKey);
  }
  const small = [0, 1].map((value) => Uint8Array.from({ length: 32 }, (_, i) => i === 0 ? value : 0));
  const secret = randomBytes(32);
  for (const peer of small) {
    const found = await same("small order", ({ x25519 }) => x25519.sharedSecret(secret, peer));
    assert.equal(found, "ChannelError crypto");
  }
  const notCanonical = new Uint8Array(32).fill(255);
  await same("a coordinate above the prime", ({ x25519 }) => x25519.sharedSecret(secret, notCanonical));
  for (const size of [0, 31, 33]) {
    await same("size", ({ x25519 }) => x25519.sharedSecret(secret, new Uint8Array(size)));
    await same("size", ({ x25519 }) => x25519.sharedSecret(new Uint8Array(size), secret));
    assert.equal(await same("size", ({ x25519 }) => x25519.publicKey(new Uint8Array(size))), "RangeError");
  }
});

test("platform: ML-KEM-768 and the reference open each other's ciphertexts, and refuse the same", async () => {
  const seed = randomBytes(64);
  const pairOf = ({ mlKem768 }: TlsOperations) => mlKem768.generateKeyPair(() => seed.slice());
  const publicKey = fromHex(await same("key pair", (operations) => pairOf(operations).publicKey));
  for (const [ours, theirs] of [[pure, platform], [platform, pure], [platform, platform]]) {
    const { cipherText, sharedSecret } = theirs.mlKem768.encapsulate(publicKey, randomBytes);
    assert.deepEqual(pairOf(ours).decapsulate(cipherText), sharedSecret);
    for (const array of [cipherText, sharedSecret]) {
      assert.equal(Object.getPrototypeOf(array), Uint8Array.prototype);
    }
    cipherText[cipherText.length >> 1] ^= 1;
    await same("rejection", (operations) => pairOf(operations).decapsulate(cipherText));
  }
  for (const size of [0, CIPHERTEXT_SIZE - 1, CIPHERTEXT_SIZE + 1]) {
    const found = await same(
      "ciphertext",
      (operations) => pairOf(operations).decapsulate(new Uint8Array(size)),
    );
    assert.equal(found, "RangeError");
  }
  const encapsulate = (key: Uint8Array) =>
    same("public key", ({ mlKem768 }) => mlKem768.encapsulate(key, randomBytes).sharedSecret.length);
  assert.equal(await encapsulate(new Uint8Array(PUBLIC_KEY_SIZE)), "32");
  assert.equal(await encapsulate(new Uint8Array(PUBLIC_KEY_SIZE).fill(255)), "ChannelError crypto");
  assert.equal(await encapsulate(publicKey.subarray(1)), "RangeError");
  assert.equal(await encapsulate(concat(publicKey, seed)), "RangeError");
});

for (const [name, curve] of [["p256", "P-256"], ["p384", "P-384"], ["p521", "P-521"]] as const) {
  test(`platform: ECDH on ${curve} gives the keys, secrets and refusals of the reference`, async () => {
    const { size, n } = curveByName(curve);
    const [{ d: secret, point }, { point: peer }] = [generateEcKey(curve), generateEcKey(curve)];
    await same("public key", (operations) => operations[name].publicKey(secret));
    await same("shared secret", (operations) => operations[name].sharedSecret(secret, peer));
    const flipped = peer.slice();
    flipped[size] ^= 1;
    const compressed = concat(Uint8Array.of(2 + (point[2 * size] & 1)), point.subarray(1, 1 + size));
    for (
      const wrong of [
        flipped,
        compressed,
        peer.subarray(1),
        new Uint8Array(0),
        new Uint8Array(1),
        peer.map(() => 0),
      ]
    ) {
      const found = await same("point", (operations) => operations[name].sharedSecret(secret, wrong));
      assert.equal(found, "ChannelError malformed");
    }
    for (
      const wrong of [
        new Uint8Array(size),
        bigIntToBytes(n, size),
        secret.subarray(1),
        new Uint8Array(size + 1),
      ]
    ) {
      await same("scalar", (operations) => operations[name].sharedSecret(wrong, peer));
      const found = await same("scalar", (operations) => operations[name].publicKey(wrong));
      assert.equal(found, "ChannelError malformed");
    }
  });

  test(`platform: ECDSA on ${curve}: each verifies the other's signatures, and both refuse the same`, async () => {
    const { n } = curveByName(curve);
    const key = generateEcKey(curve);
    const message = toUtf8("a message");
    for (const hash of ["SHA-1", "SHA-256", "SHA-384", "SHA-512", "SHA-512/256"] as const) {
      const signature = platform.ecdsa.sign(key, hash, message);
      assert.ok(pure.ecdsa.verify(key, hash, message, signature), hash);
      assert.ok(platform.ecdsa.verify(key, hash, message, pure.ecdsa.sign(key, hash, message)), hash);
    }
    const { r, s } = pure.ecdsa.sign(key, "SHA-256", message);
    const wrong = [{ r: s, s: r }, { r: 0n, s }, { r, s: 0n }, { r: n, s }, { r, s: n }, { r: r + n, s }, {
      r: -r,
      s,
    }, { r, s: 1n << 600n }];
    for (const signature of wrong) {
      const found = await same("signature", ({ ecdsa }) => ecdsa.verify(key, "SHA-256", message, signature));
      assert.equal(found, "false");
    }
    assert.ok(platform.ecdsa.verify(key, "SHA-256", message, { r, s: n - s }));
    const point = key.point.map((byte, i) => i === 9 ? byte ^ 1 : byte);
    await same("point", ({ ecdsa }) => ecdsa.verify({ ...key, point }, "SHA-256", message, { r, s }));
    await same(
      "scalar",
      ({ ecdsa }) => ecdsa.sign({ ...key, d: new Uint8Array(key.d.length) }, "SHA-256", message),
    );
  });
}
