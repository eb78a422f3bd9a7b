import { Buffer } from "node:buffer";
import { assert, test } from "../_kit/mod.ts";
import { concat, fromHex, toHex, toUtf8 } from "../../src/bytes.ts";
import { bigIntToBytes, bytesToBigInt } from "../../src/bigint.ts";
import { verifyEd25519 } from "../../src/crypto/ec/ed25519.ts";

const L = (1n << 252n) + 27742317777372353535851937790883648493n;

// RFC 8032 section 7.1, tests 1 and 2: public key, message, signature.
const FIGURES = [
  [
    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    "",
    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
  ],
  [
    "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
    "72",
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
  ],
].map((figures) => figures.map(fromHex));

test("ed25519: the figures of RFC 8032 section 7.1, and every byte of a signature counts", () => {
  for (const [key, message, signature] of FIGURES) {
    assert.ok(verifyEd25519(key, message, signature));
    for (let i = 0; i < 64; i++) {
      const wrong = signature.slice();
      wrong[i] ^= 1 << (i % 8);
      assert.ok(!verifyEd25519(key, message, wrong), `byte ${i}`);
    }
    assert.ok(!verifyEd25519(key, concat(message, new Uint8Array(1)), signature));
    assert.ok(!verifyEd25519(key.subarray(1), message, signature));
    assert.ok(!verifyEd25519(key, message, signature.subarray(1)));
    assert.ok(!verifyEd25519(key, message, concat(signature, new Uint8Array(1))));
  }
});

test("ed25519: Node Buffers are read like other bytes, and left as they were", () => {
  const figures = FIGURES[1].map((figure) => Buffer.from(figure));
  const [key, message, signature] = figures;
  assert.ok(verifyEd25519(key, message, signature));
  assert.deepEqual(figures.map(toHex), FIGURES[1].map(toHex));
});

test("ed25519: signatures of the platform's WebCrypto verify", { needs: ["subtle"] }, async () => {
  const keys = await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"]) as CryptoKeyPair;
  const key = new Uint8Array(await crypto.subtle.exportKey("raw", keys.publicKey));
  for (let i = 0; i < 8; i++) {
    const message = toUtf8("message ".repeat(i * 10)) as Uint8Array<ArrayBuffer>;
    const signature = new Uint8Array(await crypto.subtle.sign("Ed25519", keys.privateKey, message));
    assert.ok(verifyEd25519(key, message, signature));
    signature[40] ^= 1;
    assert.ok(!verifyEd25519(key, message, signature));
  }
});

test("ed25519: S must be below the order", () => {
  const [key, message, signature] = FIGURES[0];
  const s = bytesToBigInt(signature.slice(32).reverse());
  const larger = concat(signature.subarray(0, 32), bigIntToBytes(s + L, 32).reverse());
  assert.ok(!verifyEd25519(key, message, larger));
});

test("ed25519: a key of small order signs nothing, though the equation holds", () => {
  const neutral = fromHex(`01${"00".repeat(31)}`);
  const base = fromHex(`58${"66".repeat(31)}`);
  const one = fromHex(`01${"00".repeat(31)}`);
  // [1]B = B + [k]0 for every message.
  assert.ok(!verifyEd25519(neutral, toUtf8("anything"), concat(base, one)));
});

test("ed25519: points of small order and encodings that are not canonical are refused", () => {
  const [, message, signature] = FIGURES[0];
  const small = [
    "0100000000000000000000000000000000000000000000000000000000000000", // order 1
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", // order 2
    "0000000000000000000000000000000000000000000000000000000000000000", // order 4
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a", // order 8
  ];
  const notCanonical = [
    "0100000000000000000000000000000000000000000000000000000000000080", // x = 0 with a sign
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", // y = p + 1
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", // y = p
    "0200000000000000000000000000000000000000000000000000000000000000", // not on the curve
  ];
  for (const encoded of [...small, ...notCanonical]) {
    const key = fromHex(encoded);
    assert.ok(!verifyEd25519(key, message, signature), encoded);
    // With a key of order 1, [S]B = R + [k]A holds for S = 0 and R = the neutral element: anyone could sign.
    assert.ok(!verifyEd25519(key, message, concat(key, new Uint8Array(32))), encoded);
  }
});
