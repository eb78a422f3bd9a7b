import { Buffer } from "node:buffer";
import * as nodeCrypto from "node:crypto";
import { assert, channelError, test } from "../_kit/mod.ts";
import { bigIntToBytes, bytesToBigInt } from "../../src/bigint.ts";
import { concat, fromHex, toHex, toUtf8 } from "../../src/bytes.ts";
import { signEcdsa, verifyEcdsa } from "../../src/crypto/ec/ecdsa.ts";
import {
  checkEd25519PrivateKey,
  ed25519PrivateKey,
  generateEd25519Key,
  signEd25519,
  verifyEd25519,
} from "../../src/crypto/ec/ed25519.ts";
import {
  checkEcPrivateKey,
  type EcPrivateKey,
  ecPrivateKey,
  generateEcKey,
} from "../../src/crypto/ec/keys.ts";
import { curveByName, type CurveName } from "../../src/crypto/ec/weierstrass.ts";
import type { HashName } from "../../src/crypto/hash.ts";

const CURVES = ["P-256", "P-384", "P-521"] as const;
const NO_EXTRA = new Uint8Array(0);

/** The private keys and public points of RFC 6979 appendix A.2. */
const KEYS: Readonly<Record<CurveName, readonly [x: string, ux: string, uy: string]>> = {
  "P-256": [
    "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721",
    "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6",
    "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299",
  ],
  "P-384": [
    "6b9d3dad2e1b8c1c05b19875b6659f4de23c3b667bf297ba9aa47740787137d896d5724e4c70a825f872c9ea60d2edf5",
    "ec3a4e415b4e19a4568618029f427fa5da9a8bc4ae92e02e06aae5286b300c64def8f0ea9055866064a254515480bc13",
    "8015d9b72d7d57244ea8ef9ac0c621896708a59367f9dfb9f54ca84b3f1c9db1288b231c3ae0d4fe7344fd2533264720",
  ],
  "P-521": [
    "fad06daa62ba3b25d2fb40133da757205de67f5bb0018fee8c86e1b68c7e75caa896eb32f1f47c70855836a6d16fcc1466f6d8fbec67db89ec0c08b0e996b83538",
    "1894550d0785932e00eaa23b694f213f8c3121f86dc97a04e5a7167db4e5bcd371123d46e45db6b5d5370a7f20fb633155d38ffa16d2bd761dcac474b9a2f5023a4",
    "0493101c962cd4d2fddf782285e64584139c2f91b47f87ff82354d6630f746a28a0db25741b5b34a828008b22acc23f924faafbd4d33f81ea66956dfeaa2bfdfcf5",
  ],
};

/** Signatures of RFC 6979 appendices A.2.5 to A.2.7. */
const SIGNATURES: readonly (readonly [CurveName, HashName, message: string, r: string, s: string])[] = [
  [
    "P-256",
    "SHA-256",
    "sample",
    "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716",
    "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8",
  ],
  [
    "P-256",
    "SHA-256",
    "test",
    "f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367",
    "019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083",
  ],
  [
    "P-256",
    "SHA-384",
    "test",
    "83910e8b48bb0c74244ebdf7f07a1c5413d61472bd941ef3920e623fbccebeb6",
    "8ddbec54cf8cd5874883841d712142a56a8d0f218f5003cb0296b6b509619f2c",
  ],
  [
    "P-256",
    "SHA-512",
    "test",
    "461d93f31b6540894788fd206c07cfa0cc35f46fa3c91816fff1040ad1581a04",
    "39af9f15de0db8d97e72719c74820d304ce5226e32dedae67519e840d1194e55",
  ],
  [
    "P-384",
    "SHA-256",
    "sample",
    "21b13d1e013c7fa1392d03c5f99af8b30c570c6f98d4ea8e354b63a21d3daa33bde1e888e63355d92fa2b3c36d8fb2cd",
    "f3aa443fb107745bf4bd77cb3891674632068a10ca67e3d45db2266fa7d1feebefdc63eccd1ac42ec0cb8668a4fa0ab0",
  ],
  [
    "P-384",
    "SHA-384",
    "sample",
    "94edbb92a5ecb8aad4736e56c691916b3f88140666ce9fa73d64c4ea95ad133c81a648152e44acf96e36dd1e80fabe46",
    "99ef4aeb15f178cea1fe40db2603138f130e740a19624526203b6351d0a3a94fa329c145786e679e7b82c71a38628ac8",
  ],
  [
    "P-384",
    "SHA-384",
    "test",
    "8203b63d3c853e8d77227fb377bcf7b7b772e97892a80f36ab775d509d7a5feb0542a7f0812998da8f1dd3ca3cf023db",
    "ddd0760448d42d8a43af45af836fce4de8be06b485e9b61b827c2f13173923e06a739f040649a667bf3b828246baa5a5",
  ],
  [
    "P-384",
    "SHA-512",
    "test",
    "a0d5d090c9980faf3c2ce57b7ae951d31977dd11c775d314af55f76c676447d06fb6495cd21b4b6e340fc236584fb277",
    "976984e59b4c77b0e8e4460dca3d9f20e07b9bb1f63beefaf576f6b2e8b224634a2092cd3792e0159ad9cee37659c736",
  ],
  [
    "P-521",
    "SHA-384",
    "sample",
    "1ea842a0e17d2de4f92c15315c63ddf72685c18195c2bb95e572b9c5136ca4b4b576ad712a52be9730627d16054ba40cc0b8d3ff035b12ae75168397f5d50c67451",
    "1f21a3cee066e1961025fb048bd5fe2b7924d0cd797babe0a83b66f1e35eeaf5fde143fa85dc394a7dee766523393784484bdf3e00114a1c857cde1aa203db65d61",
  ],
  [
    "P-521",
    "SHA-512",
    "sample",
    "0c328fafcbd79dd77850370c46325d987cb525569fb63c5d3bc53950e6d4c5f174e25a1ee9017b5d450606add152b534931d7d4e8455cc91f9b15bf05ec36e377fa",
    "0617cce7cf5064806c467f678d3b4080d6f1cc50af26ca209417308281b68af282623eaa63e5b5c0723d8b8c37ff0777b1a20f8ccb1dccc43997f1ee0e44da4a67a",
  ],
];

function figureKey(curve: CurveName): EcPrivateKey {
  return ecPrivateKey(curve, bigIntToBytes(BigInt(`0x${KEYS[curve][0]}`), curveByName(curve).size));
}

test("ecdsa: keys and signatures of RFC 6979 appendix A.2", () => {
  for (const curve of CURVES) {
    const { size } = curveByName(curve);
    const [x, y] = KEYS[curve].slice(1).map((hex) => bigIntToBytes(BigInt(`0x${hex}`), size));
    assert.equal(toHex(figureKey(curve).point), toHex(concat(Uint8Array.of(4), x, y)));
  }
  for (const [curve, hash, message, r, s] of SIGNATURES) {
    const signature = signEcdsa(figureKey(curve), hash, toUtf8(message), NO_EXTRA);
    assert.deepEqual(signature, { r: BigInt(`0x${r}`), s: BigInt(`0x${s}`) }, `${curve} ${hash} ${message}`);
    assert.ok(verifyEcdsa(figureKey(curve), hash, toUtf8(message), signature));
  }
});

test("ecdsa: signatures are hedged by default: each differs, and all are valid", () => {
  for (const curve of CURVES) {
    const key = generateEcKey(curve);
    const message = toUtf8("message");
    const [one, two] = [signEcdsa(key, "SHA-256", message), signEcdsa(key, "SHA-256", message)];
    assert.notEqual(one.r, two.r);
    assert.ok(verifyEcdsa(key, "SHA-256", message, one) && verifyEcdsa(key, "SHA-256", message, two));
  }
});

// Deno's node:crypto verifies P-521 only with SHA-512.
test("ecdsa: the runtime's own verifies our signatures, on each curve with each hash", {
  needs: ["node:"],
  on: ["node", "bun"],
}, () => {
  for (const curve of CURVES) {
    const { size } = curveByName(curve);
    for (const hash of ["SHA-256", "SHA-384", "SHA-512"] as const) {
      for (let i = 0; i < 4; i++) {
        const key = generateEcKey(curve);
        const message = toUtf8(`message ${i}`);
        const { r, s } = signEcdsa(key, hash, message);
        const signature = concat(bigIntToBytes(r, size), bigIntToBytes(s, size));
        const theirs = nodeCrypto.createPublicKey({ key: jwk(key), format: "jwk" });
        const verify = (data: Uint8Array) =>
          nodeCrypto.verify(
            hash.replace("-", ""),
            data,
            { key: theirs, dsaEncoding: "ieee-p1363" },
            signature,
          );
        assert.ok(verify(message), `${curve} ${hash}`);
        assert.ok(!verify(toUtf8("another")));
      }
    }
  }
});

function jwk({ curve, point }: EcPrivateKey): JsonWebKey {
  const { size } = curveByName(curve);
  const base64url = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64url");
  return {
    kty: "EC",
    crv: curve,
    x: base64url(point.subarray(1, 1 + size)),
    y: base64url(point.subarray(1 + size)),
  };
}

test("ecdsa: secret scalars run from 1 to n - 1", async () => {
  for (const curve of CURVES) {
    const { n, size, generator } = curveByName(curve);
    const one = ecPrivateKey(curve, bigIntToBytes(1n, size));
    assert.equal(bytesToBigInt(one.point.subarray(1, 1 + size)), generator.x);
    const last = ecPrivateKey(curve, bigIntToBytes(n - 1n, size));
    assert.equal(toHex(last.point.subarray(0, 1 + size)), toHex(one.point.subarray(0, 1 + size)));
    for (const key of [one, last]) {
      const signature = signEcdsa(key, "SHA-256", toUtf8("edge"));
      assert.ok(verifyEcdsa(key, "SHA-256", toUtf8("edge"), signature));
    }
    for (const scalar of [0n, n, n + 1n]) {
      await channelError(() => ecPrivateKey(curve, bigIntToBytes(scalar, size)), "malformed");
    }
    await channelError(() => ecPrivateKey(curve, bigIntToBytes(1n, size - 1)), "malformed");
    await channelError(() => ecPrivateKey(curve, bigIntToBytes(1n, size + 1)), "malformed");
    await channelError(() => checkEcPrivateKey({ ...one, point: last.point }), "malformed");
    checkEcPrivateKey(last);
  }
});

test("ecdsa: a new key takes the next random bytes that are a scalar", () => {
  const { n, size } = curveByName("P-384");
  const candidates = [bigIntToBytes(n, size), new Uint8Array(size), bigIntToBytes(7n, size)];
  assert.equal(bytesToBigInt(generateEcKey("P-384", () => candidates.shift()!).d), 7n);
  // The seven bits above those of n are cleared.
  const { d } = generateEcKey("P-521", (length) => new Uint8Array(length).fill(0xff).fill(0, 1, 33));
  assert.equal(d[0], 1);
});

/** RFC 8032 section 7.1, tests 1 to 3 and SHA(abc): secret key, public key, message, signature. */
const ED25519 = [
  [
    "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    "",
    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
  ],
  [
    "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
    "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
    "72",
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
  ],
  [
    "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
    "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
    "af82",
    "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
  ],
  [
    "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
    "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
    "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
    "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704",
  ],
].map((figures) => figures.map(fromHex));

test("ed25519: keys and signatures of RFC 8032 section 7.1", () => {
  for (const [d, publicKey, message, signature] of ED25519) {
    const key = ed25519PrivateKey(d);
    assert.equal(toHex(key.key), toHex(publicKey));
    assert.equal(toHex(signEd25519(key, message)), toHex(signature));
  }
});

test("ed25519: signs as the runtime's own", { needs: ["node:"] }, () => {
  for (let i = 0; i < 20; i++) {
    const key = generateEd25519Key();
    const message = toUtf8("message ".repeat(i));
    const pkcs8 = concat(fromHex("302e020100300506032b657004220420"), key.d);
    const theirs = nodeCrypto.createPrivateKey({ key: Buffer.from(pkcs8), format: "der", type: "pkcs8" });
    assert.equal(toHex(signEd25519(key, message)), toHex(nodeCrypto.sign(null, message, theirs)));
  }
});

test("ed25519: a wrong public key is refused, and a signature does not reveal the secret key", async () => {
  const [key, other] = [generateEd25519Key(), generateEd25519Key()];
  const mixed = { ...key, key: other.key };
  await channelError(() => checkEd25519PrivateKey(mixed), "malformed");
  await channelError(() => ed25519PrivateKey(new Uint8Array(31)), "malformed");
  assert.ok(verifyEd25519(key.key, toUtf8("m"), signEd25519(mixed, toUtf8("m"))));
});
