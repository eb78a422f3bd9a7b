import { Buffer } from "node:buffer";
import { createPrivateKey, createPublicKey, diffieHellman } from "node:crypto";
import { assert, channelError, test, vectorText } from "../_kit/mod.ts";
import { concat, fromHex, toHex } from "../../src/bytes.ts";
import { bigIntToBytes, bytesToBigInt } from "../../src/bigint.ts";
import { randomBytes } from "../../src/crypto/random.ts";
import {
  add,
  addScaled,
  type Element,
  element,
  fromBytes,
  invert,
  mul,
  square,
  subtract,
  toBytes,
} from "../../src/crypto/ec/field25519.ts";
import { x25519 } from "../../src/crypto/ec/x25519.ts";

function exchange(secretKey: string, publicKey: string): string {
  return toHex(x25519.sharedSecret(fromHex(secretKey), fromHex(publicKey)));
}

test("X25519: RFC 7748 section 5.2", () => {
  assert.equal(
    exchange(
      "a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
      "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
    ),
    "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552",
  );
  assert.equal(
    exchange(
      "4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
      "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493",
    ),
    "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957",
  );
  let [k, u] = ["09".padEnd(64, "0"), "09".padEnd(64, "0")];
  for (let i = 1; i <= 1000; i++) {
    [k, u] = [exchange(k, u), k];
    if (i === 1) assert.equal(k, "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079");
  }
  assert.equal(k, "684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51");
});

test("X25519: RFC 7748 section 6.1", () => {
  const alice = "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a";
  const bob = "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb";
  const alicePublic = "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a";
  const bobPublic = "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f";
  const shared = "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742";
  assert.equal(toHex(x25519.publicKey(fromHex(alice))), alicePublic);
  assert.equal(toHex(x25519.generateKeyPair(() => fromHex(bob)).publicKey), bobPublic);
  assert.equal(exchange(alice, bobPublic), shared);
  assert.equal(exchange(bob, alicePublic), shared);
});

/** The bytes before the 32 bytes of a secret key in PKCS#8, and of a public key in SubjectPublicKeyInfo (RFC 8410). */
const PKCS8 = fromHex("302e020100300506032b656e04220420");
const SPKI = fromHex("302a300506032b656e032100");

test("X25519: a secret key in a Node Buffer is left as it was", () => {
  const secretKey = Buffer.alloc(32, 0xff);
  assert.deepEqual(x25519.publicKey(secretKey), x25519.publicKey(new Uint8Array(32).fill(0xff)));
  assert.deepEqual(secretKey, Buffer.alloc(32, 0xff));
});

test("X25519: as the runtime's own", { needs: ["node:"] }, () => {
  for (let i = 0; i < 50; i++) {
    const [ours, theirs] = [x25519.generateKeyPair(), x25519.generateKeyPair()];
    const shared = diffieHellman({
      privateKey: createPrivateKey({
        key: Buffer.from(concat(PKCS8, theirs.secretKey)),
        format: "der",
        type: "pkcs8",
      }),
      publicKey: createPublicKey({
        key: Buffer.from(concat(SPKI, ours.publicKey)),
        format: "der",
        type: "spki",
      }),
    });
    assert.equal(exchange(toHex(ours.secretKey), toHex(theirs.publicKey)), toHex(shared));
  }
});

interface Group {
  readonly tests: readonly {
    readonly tcId: number;
    readonly public: string;
    readonly private: string;
    readonly shared: string;
    readonly result: string;
    readonly flags: readonly string[];
  }[];
}

test("X25519: Wycheproof", { needs: ["vectors"] }, async () => {
  const file = JSON.parse(vectorText("wycheproof/x25519_test.json")) as { testGroups: Group[] };
  const cases = file.testGroups.flatMap((group) => group.tests);
  assert.equal(cases.length, 518);
  for (const { tcId, public: publicKey, private: secretKey, shared, result } of cases) {
    assert.notEqual(result, "invalid", `case ${tcId}`);
    if (/^0*$/.test(shared)) await channelError(() => exchange(secretKey, publicKey), "crypto");
    else assert.equal(exchange(secretKey, publicKey), shared, `case ${tcId}`);
  }
});

test("X25519: field arithmetic as bigint's, at the edges and between them", () => {
  const p = 2n ** 255n - 19n;
  const edges = [...Array(20).keys()].flatMap((i) => [BigInt(i), p - BigInt(i), 2n ** 255n - 1n - BigInt(i)]);
  const limbs = [22n, 43n, 64n, 234n].flatMap((bit) => [2n ** bit - 1n, 2n ** bit, p - 2n ** bit]);
  const values = [
    ...edges,
    ...limbs,
    ...Array.from({ length: 40 }, () => bytesToBigInt(randomBytes(32)) >> 1n),
  ];
  const [read, write] = [
    (value: bigint) => fromBytes(little(value)),
    (f: Element) => bytesToBigInt(toBytes(f).reverse()),
  ];
  const out = element();
  for (const a of values) {
    assert.equal(write(read(a)), a % p);
    assert.equal(a % p === 0n ? 1n : write(invert(read(a))) * a % p, 1n);
    square(out, read(a));
    assert.equal(write(out), a * a % p);
    for (const b of values) {
      const [sum, difference] = [element(), element()];
      add(sum, read(a), read(b));
      subtract(difference, read(a), read(b));
      assert.equal(write(difference), (a - b + 2n * p) % p);
      mul(out, sum, difference);
      assert.equal(write(out), ((a * a - b * b) % p + p) % p);
      addScaled(out, sum, difference, 121665);
      assert.equal(write(out), (a + b + 121665n * (a - b) + 2n ** 20n * p) % p);
    }
  }
});

function little(value: bigint): Uint8Array {
  return bigIntToBytes(value, 32).reverse();
}

test("X25519: the random bytes are those that were requested, and keys of another size are refused", () => {
  assert.notDeepEqual(x25519.generateKeyPair(), x25519.generateKeyPair());
  const { secretKey, publicKey } = x25519.generateKeyPair();
  for (const size of [0, 31, 33, 64]) {
    assert.throws(() => x25519.publicKey(new Uint8Array(size)), RangeError);
    assert.throws(() => x25519.sharedSecret(secretKey, new Uint8Array(size)), RangeError);
    assert.throws(() => x25519.sharedSecret(new Uint8Array(size), publicKey), RangeError);
  }
});
