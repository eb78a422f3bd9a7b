import { assert, channelError, test } from "../_kit/mod.ts";
import { rsa1024, rsa2048 } from "../_kit/keys.ts";
import { toUtf8 } from "../../src/bytes.ts";
import { signPkcs1, verifyPkcs1 } from "../../src/crypto/rsa/mod.ts";
import type { RsaPublicKey } from "../../src/crypto/rsa/mod.ts";
import { exportCryptoKey, importCryptoKey } from "../../src/x509/keys/crypto_key.ts";
import { exportJwk, importJwk, type RsaJwk } from "../../src/x509/keys/jwk.ts";
import { generateKey, publicKeyOf } from "../../src/x509/keys/private_key.ts";

const publicKey: RsaPublicKey = { type: "rsa", n: rsa2048.n, e: rsa2048.e };
const message = toUtf8("hello") as Uint8Array<ArrayBuffer>;

test("jwk: round trips of keys", () => {
  for (const key of [rsa1024, rsa2048]) assert.deepEqual(importJwk(exportJwk(key)), key);
  assert.deepEqual(
    importJwk(JSON.parse(JSON.stringify({ ...exportJwk(publicKey), alg: "RS256" }))),
    publicKey,
  );
  assert.deepEqual(Object.keys(exportJwk(publicKey)), ["kty", "n", "e"]);
  assert.equal((exportJwk(publicKey) as RsaJwk).e, "AQAB");
});

test("jwk: anything but an RSA key is refused", async () => {
  const jwk = exportJwk(rsa1024) as RsaJwk;
  for (const wrong of [null, 1, "x", [], {}, { kty: 1 }]) {
    await channelError(() => importJwk(wrong), "malformed");
  }
  for (const member of ["n", "e", "q", "dp", "dq", "qi"] as const) {
    for (const value of [undefined, 1, "", "AQ=", "A", "A+", "AQ", "A".repeat(5000)]) {
      await channelError(() => importJwk({ ...jwk, [member]: value }));
    }
  }
  await channelError(() => importJwk({ ...jwk, qi: jwk.dp }), "malformed");
  await channelError(() => importJwk({ ...jwk, kty: "oct" }), "unsupported");
  await channelError(() => importJwk({ ...jwk, oth: [] }), "unsupported");
  await channelError(() => importJwk({ kty: "RSA", n: jwk.n, e: jwk.e, d: jwk.d }), "unsupported");
  await channelError(() => importJwk({ ...exportJwk(publicKey), n: "_".repeat(1400) }), "unsupported");
});

test("jwk: WebCrypto takes keys from here, and they mean the same", { needs: ["subtle"] }, async () => {
  const use = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" } as const;
  const theirs = await exportCryptoKey(rsa2048, use);
  assert.ok(!theirs.extractable);
  const signature = new Uint8Array(await crypto.subtle.sign(use.name, theirs, message));
  assert.deepEqual(signature, signPkcs1(rsa2048, "SHA-256", message));
  const verifier = await exportCryptoKey(publicKey, use);
  assert.ok(await crypto.subtle.verify(use.name, verifier, signature, message));
  const oaep = { name: "RSA-OAEP", hash: "SHA-1", extractable: true } as const;
  assert.deepEqual(await importCryptoKey(await exportCryptoKey(rsa2048, oaep)), rsa2048);
  assert.deepEqual(await importCryptoKey(await exportCryptoKey(publicKey, oaep)), publicKey);
});

test("jwk: keys come from WebCrypto", { needs: ["subtle"] }, async () => {
  const algorithm = {
    name: "RSASSA-PKCS1-v1_5",
    hash: "SHA-256",
    modulusLength: 2048,
    publicExponent: Uint8Array.of(1, 0, 1),
  };
  const theirs = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const ours = await importCryptoKey(theirs.privateKey);
  const ourPublic = await importCryptoKey(theirs.publicKey);
  assert.ok(ours.type === "rsa" && "d" in ours && ourPublic.type === "rsa");
  const signature = await crypto.subtle.sign(algorithm.name, theirs.privateKey, message);
  assert.ok(verifyPkcs1(ourPublic, "SHA-256", message, new Uint8Array(signature)));
  assert.deepEqual(signPkcs1(ours, "SHA-256", message), new Uint8Array(signature));
});

test("jwk: CryptoKeys that cannot be exported are refused", { needs: ["subtle"] }, async () => {
  const sealed = await exportCryptoKey(rsa2048, { name: "RSA-PSS", hash: "SHA-256" });
  await channelError(() => importCryptoKey(sealed), "unsupported");
  const hmac = await crypto.subtle.generateKey({ name: "HMAC", hash: "SHA-256" }, true, ["sign"]);
  await channelError(() => importCryptoKey(hmac), "unsupported");
});

const TYPES = ["p256", "p384", "p521", "ed25519"] as const;

test("jwk: round trips of EC and Ed25519 keys", async () => {
  for (const type of TYPES) {
    const key = await generateKey(type);
    assert.deepEqual(importJwk(JSON.parse(JSON.stringify(exportJwk(key)))), key);
    assert.deepEqual(importJwk(exportJwk(publicKeyOf(key))), publicKeyOf(key));
  }
});

test("jwk: the EC key of RFC 7517 appendix A.2 and the Ed25519 key of RFC 8037 appendix A.1", () => {
  const ec = {
    kty: "EC",
    crv: "P-256",
    x: "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
    y: "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
    d: "870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE",
  };
  assert.deepEqual(exportJwk(importJwk({ ...ec, use: "enc", kid: "1" })), ec);
  const ed25519 = {
    kty: "OKP",
    crv: "Ed25519",
    x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    d: "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
  };
  assert.deepEqual(exportJwk(importJwk(ed25519)), ed25519);
});

test("jwk: invalid EC and Ed25519 keys are refused", async () => {
  const [ec, other] = [exportJwk(await generateKey("p256")), exportJwk(await generateKey("p256"))];
  const okp = exportJwk(await generateKey("ed25519"));
  assert.ok(ec.kty === "EC" && other.kty === "EC" && okp.kty === "OKP");
  for (const member of ["x", "y", "d"] as const) {
    for (const value of [undefined, 1, "", "AQ", ec[member]!.slice(0, -1), `${ec[member]}AA`]) {
      if (member === "d" && value === undefined) continue; // a public key
      await channelError(() => importJwk({ ...ec, [member]: value }), "malformed");
    }
    await channelError(() => importJwk({ ...ec, [member]: other[member] }), "malformed");
  }
  await channelError(() => importJwk({ ...okp, x: other.x }), "malformed");
  await channelError(() => importJwk({ ...okp, d: "AQ" }), "malformed");
  for (const crv of ["secp256k1", "P-224", 1, undefined]) {
    await channelError(() => importJwk({ ...ec, crv }), "unsupported");
  }
  for (const crv of ["X25519", "Ed448", undefined]) {
    await channelError(() => importJwk({ ...okp, crv }), "unsupported");
  }
});

test(
  "jwk: WebCrypto signs with EC and Ed25519 keys from here, and gives its own",
  { needs: ["subtle"] },
  async () => {
    for (const type of TYPES) {
      const key = await generateKey(type);
      const use = { name: type === "ed25519" ? "Ed25519" : "ECDSA", extractable: true } as const;
      const algorithm = { name: use.name, hash: "SHA-256" };
      const [privateKey, publicKey] = [
        await exportCryptoKey(key, use),
        await exportCryptoKey(publicKeyOf(key), use),
      ];
      if (type !== "p521" || !("Deno" in globalThis)) { // Deno signs by P-521 with SHA-512 alone
        const signature = await crypto.subtle.sign(algorithm, privateKey, message);
        assert.ok(await crypto.subtle.verify(algorithm, publicKey, signature, message));
      }
      assert.deepEqual(await importCryptoKey(privateKey), key);
      assert.deepEqual(await importCryptoKey(publicKey), publicKeyOf(key));
    }
    const key = await generateKey("p256");
    await assert.rejects(exportCryptoKey(key, { name: "Ed25519" }), TypeError);
    await assert.rejects(exportCryptoKey(key, { name: "RSA-PSS", hash: "SHA-256" }), TypeError);
    await assert.rejects(exportCryptoKey(rsa2048, { name: "RSA-PSS" }), TypeError);
  },
);
