import { assert, channelError, test } from "../_kit/mod.ts";
import { concat, fromHex, toUtf8 } from "../../src/bytes.ts";
import { bigIntToBytes, bytesToBigInt, modInverse } from "../../src/bigint.ts";
import { multiplesOf, sumOfMultiples } from "../../src/crypto/ec/group.ts";
import { type HashName, sha256 } from "../../src/crypto/hash.ts";
import { verifyEcdsa } from "../../src/crypto/ec/ecdsa.ts";
import { curveByName, decodePoint, encodePoint } from "../../src/crypto/ec/weierstrass.ts";
import type { CurveName, Point } from "../../src/crypto/ec/weierstrass.ts";

const SHA256 = "SHA-256";

test("ecdsa: the figures of RFC 6979 appendix A.2.5", () => {
  const point = fromHex(
    "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6" +
      "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299",
  );
  const r = 0xefd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716n;
  const s = 0xf7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8n;
  assert.ok(verifies("P-256", point, SHA256, toUtf8("sample"), r, s));
  assert.ok(!verifies("P-256", point, SHA256, toUtf8("simple"), r, s));
  assert.ok(!verifies("P-256", point, "SHA-384", toUtf8("sample"), r, s));
});

test("ecdsa: signatures of the platform's WebCrypto verify, on each curve with each hash", {
  needs: ["subtle"],
}, async () => {
  for (const curve of ["P-256", "P-384", "P-521"] as const) {
    const { point, sign } = await signer(curve);
    for (const hash of ["SHA-256", "SHA-384", "SHA-512"] as const) {
      for (let i = 0; i < 4; i++) {
        const message = toUtf8(`message ${i}`);
        const { r, s } = await sign(hash, message);
        assert.ok(verifies(curve, point, hash, message, r, s), `${curve} ${hash}`);
        assert.ok(!verifies(curve, point, hash, toUtf8(`message ${i + 1}`), r, s));
        assert.ok(!verifies(curve, point, hash, message, r + 1n, s));
        assert.ok(!verifies(curve, point, hash, message, r, s + 1n));
      }
    }
  }
});

test("ecdsa: numbers out of range are no signature", { needs: ["subtle"] }, async () => {
  const { point, sign } = await signer("P-256");
  const { n } = curveByName("P-256");
  const message = toUtf8("in range");
  const { r, s } = await sign(SHA256, message);
  const verify = (r: bigint, s: bigint) => verifies("P-256", point, SHA256, message, r, s);
  assert.ok(verify(r, s));
  assert.ok(verify(r, n - s), "both signs of s are ECDSA signatures");
  for (const wrong of [0n, -1n, n, n + 1n]) {
    assert.ok(!verify(wrong, s));
    assert.ok(!verify(r, wrong));
  }
  for (const [r2, s2] of [[r + n, s], [r, s + n], [-r, s], [r, -s], [0n, 0n], [1n, 1n]]) {
    assert.ok(!verify(r2, s2));
  }
});

test("ecdsa: edge cases of the addition: the key is the generator, its negative, or its double", () => {
  for (const name of ["P-256", "P-384", "P-521"] as const) {
    const curve = curveByName(name);
    const message = toUtf8("edge");
    const digest = digestNumber(name, message);
    const { x, y } = curve.generator;
    const encode = (y: bigint) =>
      concat(new Uint8Array([4]), bigIntToBytes(x, curve.size), bigIntToBytes(y, curve.size));
    // With the private key 1 and the nonce 1: R = G, s = digest + r. u1 G + u2 Q = G either way.
    const r = x % curve.n;
    assert.ok(verifies(name, encode(y), "SHA-256", message, r, (digest + r) % curve.n));
    // With the private key -1: s = digest - r.
    const s = ((digest - r) % curve.n + curve.n) % curve.n;
    assert.ok(verifies(name, encode(curve.p - y), "SHA-256", message, r, s));
    // u1 G + u2 Q is the point at infinity: r = digest and the key -1.
    assert.ok(!verifies(name, encode(curve.p - y), "SHA-256", message, digest, 1n));
  }
});

test("ecdsa: r is compared with x modulo n, where x is larger than n", () => {
  for (const name of ["P-256", "P-384"] as const) {
    const curve = curveByName(name);
    const { n } = curve;
    const message = toUtf8("large x");
    const e = digestNumber(name, message);
    const point = pointWithAbscissaFrom(name, n);
    const r = point.x - n;
    // The key under which (r, 1) is the signature: Q = (R - e G) / r.
    const [a, b] = [modInverse(r, n)!, (n - e) * modInverse(r, n)! % n];
    const key = sumOfMultiples(
      curve,
      a,
      multiplesOf(curve, point, 4),
      b,
      multiplesOf(curve, curve.generator, 4),
    );
    const encoded = encodePoint(curve, key);
    assert.ok(verifies(name, encoded, SHA256, message, r, 1n));
    assert.ok(!verifies(name, encoded, SHA256, message, r, 2n));
    assert.ok(!verifies(name, encoded, SHA256, message, point.x, 1n), "r itself must be below n");
  }
});

test("ecdsa: the group's corner cases", () => {
  for (const name of ["P-256", "P-384", "P-521"] as const) {
    const curve = curveByName(name);
    const { generator: g, zero } = curve;
    const same = (a: Point, b: Point) => {
      const { p } = curve;
      assert.ok(a.z % p !== 0n && b.z % p !== 0n);
      assert.equal((a.x * b.z - b.x * a.z) % p, 0n);
      assert.equal((a.y * b.z - b.y * a.z) % p, 0n);
    };
    same(curve.add(g, g), curve.double(g));
    same(curve.add(curve.double(g), curve.negate(g)), g);
    same(curve.add(g, zero), g);
    same(curve.add(zero, g), g);
    assert.equal(curve.add(g, curve.negate(g)).z, 0n);
    assert.equal(curve.double(zero).z, 0n);
    const table = multiplesOf(curve, g, 5);
    for (let k = 0n; k < 18n; k++) {
      const sum = sumOfMultiples(curve, k, table, curve.n - k, table);
      assert.equal(sum.z % curve.p, 0n, `${k} + (n - ${k})`);
      same(sumOfMultiples(curve, k, table, curve.n - k + 1n, table), g);
    }
  }
});

test("ecdsa: points that are not on the curve are refused", { needs: ["subtle"] }, async () => {
  const { point } = await signer("P-256");
  checkPoint("P-256", point);
  const { p } = curveByName("P-256");
  const x = bytesToBigInt(point.subarray(1, 33));
  const y = point.subarray(33);
  const wrong: readonly Uint8Array[] = [
    new Uint8Array(0),
    new Uint8Array(1),
    new Uint8Array([4]),
    new Uint8Array(65),
    point.subarray(0, 64),
    concat(point, new Uint8Array(1)),
    concat(new Uint8Array([6]), point.subarray(1)),
    concat(new Uint8Array([2]), point.subarray(1)),
    concat(new Uint8Array([4]), point.subarray(33), point.subarray(1, 33)),
    concat(new Uint8Array([4]), bigIntToBytes(p, 32), y),
    concat(new Uint8Array([4]), bigIntToBytes(x ^ 1n, 32), y),
    concat(new Uint8Array([2 + (point[64] & 1)]), point.subarray(1, 33)), // compressed
  ];
  for (const bytes of wrong) await channelError(() => checkPoint("P-256", bytes), "malformed");
  await channelError(() => checkPoint("P-384", point), "malformed");
});

function checkPoint(name: CurveName, point: Uint8Array): void {
  decodePoint(curveByName(name), point);
}

/** The first point of the curve with an x above `start`. */
function pointWithAbscissaFrom(name: CurveName, start: bigint): Point {
  const { p, b } = curveByName(name);
  for (let x = start + 1n;; x++) {
    const square = ((x * x - 3n) * x + b) % p;
    let y = 1n; // p is 3 modulo 4: a root is the power (p + 1) / 4, where there is one
    for (const bit of ((p + 1n) / 4n).toString(2)) y = y * y * (bit === "1" ? square : 1n) % p;
    if ((y * y - square) % p === 0n) return { x, y, z: 1n };
  }
}

function digestNumber(name: CurveName, message: Uint8Array): bigint {
  return bytesToBigInt(sha256(message)) % curveByName(name).n;
}

async function signer(namedCurve: CurveName) {
  const keys = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve }, true, ["sign", "verify"]);
  const point = new Uint8Array(await crypto.subtle.exportKey("raw", keys.publicKey));
  const sign = async (hash: string, message: Uint8Array) => {
    const bytes = new Uint8Array(
      await crypto.subtle.sign({ name: "ECDSA", hash }, keys.privateKey, message as Uint8Array<ArrayBuffer>),
    );
    const half = bytes.length / 2;
    return { r: bytesToBigInt(bytes.subarray(0, half)), s: bytesToBigInt(bytes.subarray(half)) };
  };
  return { point, sign };
}

function verifies(
  curve: CurveName,
  point: Uint8Array,
  hash: HashName,
  data: Uint8Array,
  r: bigint,
  s: bigint,
): boolean {
  return verifyEcdsa({ type: "ec", curve, point }, hash, data, { r, s });
}
