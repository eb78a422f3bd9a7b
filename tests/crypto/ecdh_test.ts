import { createECDH } from "node:crypto";
import { assert, channelError, test } from "../_kit/mod.ts";
import { bigIntToBytes } from "../../src/bigint.ts";
import { concat, fromHex, toHex } from "../../src/bytes.ts";
import { p256, p384, p521 } from "../../src/crypto/ec/ecdh.ts";
import { ed25519PrivateKey } from "../../src/crypto/ec/ed25519.ts";
import { secretMultiple, secretMultipleOfGenerator } from "../../src/crypto/ec/secret_multiple.ts";
import { type Curve, curveByName, encodePoint, type Point } from "../../src/crypto/ec/weierstrass.ts";

const CURVES = [["P-256", "prime256v1", p256], ["P-384", "secp384r1", p384], [
  "P-521",
  "secp521r1",
  p521,
]] as const;

test("ecdh: P-256, RFC 5903 section 8.1", () => {
  const i = fromHex("c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433");
  const r = fromHex("c6ef9c5d78ae012a011164acb397ce2088685d8f06bf9be0b283ab46476bee53");
  const shared = "d6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de";
  assert.equal(toHex(p256.sharedSecret(i, p256.publicKey(r))), shared);
  assert.equal(toHex(p256.sharedSecret(r, p256.publicKey(i))), shared);
});

// Deno's node:crypto does not support P-521.
test("ecdh: as the runtime's own", { needs: ["node:"], on: ["node", "bun"] }, () => {
  for (const [, name, agreement] of CURVES) {
    for (let i = 0; i < 10; i++) {
      const ours = agreement.generateKeyPair();
      const theirs = createECDH(name);
      const point = new Uint8Array(theirs.generateKeys());
      assert.equal(
        toHex(agreement.sharedSecret(ours.secretKey, point)),
        toHex(theirs.computeSecret(ours.publicKey)),
      );
    }
  }
});

test("ecdh: scalars at the edges", () => {
  for (const [name, , agreement] of CURVES) {
    const curve = curveByName(name);
    const { n, size } = curve;
    const peer = agreement.generateKeyPair();
    const last = agreement.sharedSecret(bigIntToBytes(n - 1n, size), peer.publicKey);
    assert.equal(toHex(last), toHex(peer.publicKey.subarray(1, 1 + size)), "-P has the x of P");
    for (const scalar of [1n, 2n, 15n, 16n, 17n, 1n << 64n, n - 2n]) {
      assert.equal(
        toHex(encodePoint(curve, secretMultiple(curve, scalar, curve.generator))),
        toHex(encodePoint(curve, secretMultipleOfGenerator(curve, scalar))),
        `${scalar}`,
      );
    }
    assert.equal(secretMultipleOfGenerator(curve, n).z % curve.p, 0n, "n times the generator is infinity");
    assert.equal(secretMultiple(curve, n, curve.generator).z % curve.p, 0n);
    assert.equal(secretMultipleOfGenerator(curve, 0n).z % curve.p, 0n);
  }
});

// BigInt adds the point at infinity in less time than other points, so digits that are zero would reveal the length of a
// nonce.
test("ec: whatever the secret scalar, there are equally many steps, and infinity is added once, to begin with", () => {
  for (const name of ["P-256", "P-384", "P-521"] as const) {
    const curve = curveByName(name);
    let [infinities, additions, doublings] = [0, 0, 0];
    const isInfinity = ({ z }: Point): boolean => z % curve.p === 0n;
    const watched: Curve = {
      ...curve,
      double(a) {
        doublings++;
        return curve.double(a);
      },
      add(a, b) {
        additions++;
        if (isInfinity(a) || isInfinity(b)) infinities++;
        if (b.z === 1n) infinities += 100; // a shorter number tells as much
        return curve.add(a, b);
      },
    };
    secretMultipleOfGenerator(watched, 1n); // makes the table
    for (const multiply of [secretMultipleOfGenerator, multiplyGenerator]) {
      const seen = [1n, 2n, 16n, 0x10000n, 1n << 128n, curve.n - 1n, curve.n >> 1n].map((scalar) => {
        infinities = additions = doublings = 0;
        multiply(watched, scalar);
        return [infinities, additions, doublings].join();
      });
      assert.equal(new Set(seen).size, 1, `${name}: ${seen}`);
      assert.match(seen[0], /^1,/);
    }
  }
});

function multiplyGenerator(curve: Curve, scalar: bigint): Point {
  return secretMultiple(curve, scalar, curve.generator);
}

test("ecdh: invalid points and scalars are refused", async () => {
  for (const [name, , agreement] of CURVES) {
    const { n, p, size } = curveByName(name);
    const { secretKey, publicKey } = agreement.generateKeyPair();
    const offCurve = publicKey.slice();
    offCurve[size] ^= 1;
    const wrong = [
      new Uint8Array(0),
      Uint8Array.of(0), // infinity
      new Uint8Array(1 + 2 * size),
      concat(Uint8Array.of(4), new Uint8Array(2 * size)),
      offCurve,
      publicKey.subarray(1),
      concat(Uint8Array.of(2), publicKey.subarray(1, 1 + size)),
      concat(publicKey, Uint8Array.of(0)),
      concat(Uint8Array.of(4), bigIntToBytes(p, size), publicKey.subarray(1 + size)),
    ];
    for (const point of wrong) {
      await channelError(() => agreement.sharedSecret(secretKey, point), "malformed");
    }
    for (const scalar of [0n, n]) {
      await channelError(() => agreement.sharedSecret(bigIntToBytes(scalar, size), publicKey), "malformed");
    }
    await channelError(() => agreement.publicKey(secretKey.subarray(1)), "malformed");
  }
});

test("ecdh: a key of another curve is refused", async () => {
  await channelError(
    () => p256.sharedSecret(p256.generateKeyPair().secretKey, ed25519PrivateKey(new Uint8Array(32)).key),
    "malformed",
  );
  await channelError(
    () => p384.sharedSecret(p384.generateKeyPair().secretKey, p256.generateKeyPair().publicKey),
    "malformed",
  );
});
