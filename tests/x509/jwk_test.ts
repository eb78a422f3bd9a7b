import { assert, channelError, test } from "../_kit/mod.ts";
import { rsa1024, rsa2048 } from "../_kit/keys.ts";
import { toUtf8 } from "../../src/bytes.ts";
import { signPkcs1, verifyPkcs1 } from "../../src/crypto/rsa/mod.ts";
import type { RsaPublicKey } from "../../src/crypto/rsa/mod.ts";
import { exportCryptoKey, exportJwk, importCryptoKey, importJwk } from "../../src/x509/keys/jwk.ts";

const publicKey: RsaPublicKey = { type: "rsa", n: rsa2048.n, e: rsa2048.e };
const message = toUtf8("hello") as Uint8Array<ArrayBuffer>;

test("jwk: keys go there and back", () => {
  for (const key of [rsa1024, rsa2048]) assert.deepEqual(importJwk(exportJwk(key)), key);
  assert.deepEqual(
    importJwk(JSON.parse(JSON.stringify({ ...exportJwk(publicKey), alg: "RS256" }))),
    publicKey,
  );
  assert.deepEqual(Object.keys(exportJwk(publicKey)), ["kty", "n", "e"]);
  assert.equal(exportJwk(publicKey).e, "AQAB");
});

test("jwk: what is not an RSA key is refused", async () => {
  const jwk = exportJwk(rsa1024);
  for (const wrong of [null, 1, "x", [], {}, { kty: 1 }]) {
    await channelError(() => importJwk(wrong), "malformed");
  }
  for (const member of ["n", "e", "q", "dp", "dq", "qi"] as const) {
    for (const value of [undefined, 1, "", "AQ=", "A", "A+", "AQ", "A".repeat(5000)]) {
      await channelError(() => importJwk({ ...jwk, [member]: value }));
    }
  }
  await channelError(() => importJwk({ ...jwk, qi: jwk.dp }), "malformed");
  await channelError(() => importJwk({ ...jwk, kty: "EC" }), "unsupported");
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
  assert.ok("d" in ours);
  const signature = await crypto.subtle.sign(algorithm.name, theirs.privateKey, message);
  assert.ok(
    verifyPkcs1(await importCryptoKey(theirs.publicKey), "SHA-256", message, new Uint8Array(signature)),
  );
  assert.deepEqual(signPkcs1(ours, "SHA-256", message), new Uint8Array(signature));
});

test("jwk: keys that cannot be had are refused", { needs: ["subtle"] }, async () => {
  const sealed = await exportCryptoKey(rsa2048, { name: "RSA-PSS", hash: "SHA-256" });
  await channelError(() => importCryptoKey(sealed), "unsupported");
  const { publicKey } = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, [
    "sign",
    "verify",
  ]);
  await channelError(() => importCryptoKey(publicKey), "unsupported");
});
