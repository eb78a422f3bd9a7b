import { Buffer } from "node:buffer";
import { gcm } from "@noble/ciphers/aes.js";
import { concat, fromHex, toHex } from "../../src/bytes.ts";
import { AesGcm } from "../../src/crypto/aes.ts";
import { randomBytes } from "../../src/crypto/random.ts";
import { assert, channelError, test, vectorText } from "../_kit/mod.ts";

interface Case {
  readonly name: string;
  readonly valid: boolean;
  readonly key: string;
  readonly iv: string;
  readonly aad: string;
  readonly text: string;
  readonly sealed: string;
}

async function check(cases: readonly Case[]): Promise<void> {
  for (const { name, valid, ...hex } of cases) {
    const [key, iv, aad, text, sealed] = [hex.key, hex.iv, hex.aad, hex.text, hex.sealed].map(fromHex);
    if (valid) {
      assert.equal(toHex(new AesGcm(key).encrypt(iv, aad, text)), hex.sealed, name);
      assert.equal(toHex(new AesGcm(key).decrypt(iv, aad, sealed)), hex.text, name);
    } else {
      await channelError(() => new AesGcm(key).decrypt(iv, aad, sealed), "decrypt");
    }
  }
}

test("AES-GCM: every Wycheproof test with a nonce of 12 bytes", { needs: ["vectors"] }, async () => {
  const { testGroups } = JSON.parse(vectorText("wycheproof/aes_gcm_test.json"));
  const cases: Case[] = [];
  for (const group of testGroups) {
    if (group.ivSize !== 96) continue;
    for (const { tcId, result, key, iv, aad, msg, ct, tag } of group.tests) {
      const valid = result === "valid";
      cases.push({ name: `test ${tcId}`, valid, key, iv, aad, text: msg, sealed: ct + tag });
    }
  }
  assert.equal(cases.length, 197);
  await check(cases);
});

test(
  "AES-256-GCM: NIST's vectors with nonces of 12 and tags of 16 bytes",
  { needs: ["vectors"] },
  async () => {
    const cases: Case[] = [];
    for (const file of ["gcmEncryptExtIV256", "gcmDecrypt256"]) {
      const text = vectorText(`nist-cavp/aes-gcm/${file}.rsp.gz`).replaceAll("\r", "");
      for (const section of text.split(/\n(?=\[Keylen)/)) {
        if (!section.includes("[IVlen = 96]") || !section.includes("[Taglen = 128]")) continue;
        for (const block of section.split("\n\n").filter((block) => block.startsWith("Count"))) {
          const field = (name: string) => new RegExp(`^${name} = (.*)$`, "m").exec(block)?.[1] ?? "";
          const [count, key, iv, aad, pt, ct, tag] = ["Count", "Key", "IV", "AAD", "PT", "CT", "Tag"].map(
            field,
          );
          const valid = !block.includes("FAIL");
          cases.push({ name: `${file} ${count}`, valid, key, iv, aad, text: pt, sealed: ct + tag });
        }
      }
    }
    assert.equal(cases.length, 750);
    await check(cases);
  },
);

test("AES-GCM: noble's at every length and wherever the bytes lie, under one key", () => {
  const key = randomBytes(32);
  const cipher = new AesGcm(key);
  for (let length = 0; length < 100; length++) {
    const [nonce, additional] = [randomBytes(12), randomBytes(length % 37)];
    const text = randomBytes(length + length % 4).subarray(length % 4);
    const expected = gcm(key, nonce, additional).encrypt(text);
    const output = randomBytes(length + 19).subarray(3);
    assert.equal(cipher.encrypt(nonce, additional, text, output), output);
    assert.equal(toHex(output), toHex(expected));
    assert.equal(toHex(cipher.decrypt(nonce, additional, output)), toHex(text));
  }
});

test("AES-GCM: any flipped bit and any cut is refused", async () => {
  const cipher = new AesGcm(randomBytes(32));
  const [nonce, additional, text] = [randomBytes(12), randomBytes(13), randomBytes(33)];
  const sealed = cipher.encrypt(nonce, additional, text);
  for (let bit = 0; bit < sealed.length * 8; bit++) {
    const flipped = sealed.slice();
    flipped[bit >> 3] ^= 1 << (bit & 7);
    await channelError(() => cipher.decrypt(nonce, additional, flipped), "decrypt");
  }
  for (let length = 0; length < sealed.length; length++) {
    await channelError(() => cipher.decrypt(nonce, additional, sealed.subarray(0, length)), "decrypt");
  }
  await channelError(() => cipher.decrypt(nonce, concat(additional, Uint8Array.of(0)), sealed), "decrypt");
});

test("AES-GCM: leaves Node Buffers as they were", () => {
  const cipher = new AesGcm(randomBytes(32));
  const nonce = randomBytes(12);
  const text = Buffer.from(randomBytes(20));
  const before = toHex(text);
  const sealed = Buffer.from(cipher.encrypt(nonce, nonce, text));
  const sealedBefore = toHex(sealed);
  assert.equal(toHex(cipher.decrypt(nonce, nonce, sealed)), before);
  assert.deepEqual([toHex(text), toHex(sealed)], [before, sealedBefore]);
});

test("AES-GCM: a nonce of another length is refused", () => {
  const cipher = new AesGcm(randomBytes(32));
  for (const length of [0, 8, 11, 13, 16]) {
    assert.throws(() => cipher.encrypt(randomBytes(length), new Uint8Array(), randomBytes(5)), RangeError);
    assert.throws(() => cipher.decrypt(randomBytes(length), new Uint8Array(), randomBytes(21)), RangeError);
  }
});
