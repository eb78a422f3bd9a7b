import { Buffer } from "node:buffer";
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { fromHex, toHex } from "../../src/bytes.ts";
import { decryptChaChaPoly, encryptChaChaPoly } from "../../src/crypto/chacha.ts";
import { Poly1305 } from "../../src/crypto/poly1305.ts";
import { randomBytes } from "../../src/crypto/random.ts";
import { assert, channelError, test, vectorText } from "../_kit/mod.ts";

/** One group of Wycheproof's; byte strings are hexadecimal. */
interface Group {
  readonly ivSize: number;
  readonly tests: readonly {
    readonly tcId: number;
    readonly result: "valid" | "invalid";
    readonly key: string;
    readonly iv: string;
    readonly aad: string;
    readonly msg: string;
    readonly ct: string;
    readonly tag: string;
  }[];
}

test("ChaCha20-Poly1305: every Wycheproof test", { needs: ["vectors"] }, async () => {
  const { testGroups } = JSON.parse(vectorText("wycheproof/chacha20_poly1305_test.json")) as {
    testGroups: readonly Group[];
  };
  let count = 0;
  for (const { ivSize, tests } of testGroups) {
    for (const { tcId, result, ...hex } of tests) {
      const [key, iv, aad, msg] = [hex.key, hex.iv, hex.aad, hex.msg].map(fromHex);
      const sealed = fromHex(hex.ct + hex.tag);
      const name = `test ${tcId}`;
      count++;
      if (result === "valid") {
        assert.equal(toHex(encryptChaChaPoly(key, iv, aad, msg)), toHex(sealed), name);
        assert.equal(toHex(decryptChaChaPoly(key, iv, aad, sealed)), hex.msg, name);
      } else if (ivSize === 96) {
        await channelError(() => decryptChaChaPoly(key, iv, aad, sealed), "decrypt");
      } else {
        assert.throws(() => decryptChaChaPoly(key, iv, aad, sealed), name);
      }
    }
  }
  assert.ok(count > 300);
});

test("ChaCha20-Poly1305: the same as noble's at every length, in place and not", async () => {
  const [key, nonce, additional] = [32, 12, 70].map(randomBytes);
  for (const length of [...Array.from({ length: 140 }, (_, i) => i), 65_518, 65_519]) {
    const plaintext = randomBytes(length);
    const ad = additional.subarray(0, length % 70);
    const expected = toHex(chacha20poly1305(key, nonce, ad).encrypt(plaintext));
    const output = new Uint8Array(length + 17).subarray(1);
    assert.equal(toHex(encryptChaChaPoly(key, nonce, ad, plaintext, output)), expected);
    const opened = decryptChaChaPoly(key, nonce, ad, output);
    assert.equal(toHex(opened), toHex(plaintext));
  }
  assert.throws(() => encryptChaChaPoly(key, nonce, key, key, new Uint8Array(47)), RangeError);
  for (let length = 0; length < 16; length++) {
    await channelError(() => decryptChaChaPoly(key, nonce, key, new Uint8Array(length)), "decrypt");
  }
});

test("ChaCha20-Poly1305: leaves a Node Buffer as it was", () => {
  const [key, nonce] = [32, 12].map(randomBytes);
  const sealed = Buffer.from(encryptChaChaPoly(key, nonce, key, new Uint8Array(20)));
  const before = toHex(sealed);
  assert.deepEqual(decryptChaChaPoly(key, nonce, key, sealed), new Uint8Array(20));
  assert.equal(toHex(sealed), before);
});

const PRIME = 2n ** 130n - 5n;

function littleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${toHex(new Uint8Array(bytes).reverse())}`);
}

/** RFC 8439 section 2.5.1, word for word, for whole blocks. */
function reference(key: Uint8Array, message: Uint8Array): string {
  const r = littleEndian(key.subarray(0, 16)) & 0x0ffffffc0ffffffc0ffffffc0fffffffn;
  let accumulator = 0n;
  for (let i = 0; i < message.length; i += 16) {
    const block = littleEndian(message.subarray(i, i + 16)) + 2n ** 128n;
    accumulator = (accumulator + block) * r % PRIME;
  }
  const tag = (accumulator + littleEndian(key.subarray(16))) % 2n ** 128n;
  return toHex(fromHex(tag.toString(16).padStart(32, "0")).reverse());
}

test("Poly1305: exact at its limits, where sums are largest and where reduction is tight", () => {
  const check = (key: Uint8Array, message: Uint8Array) =>
    assert.equal(toHex(new Poly1305(key).update(message).digest()), reference(key, message), toHex(key));
  const ones = new Uint8Array(32).fill(0xff);
  const full = new Uint8Array(16 * 200).fill(0xff);
  for (let blocks = 0; blocks <= 200; blocks++) check(ones, full.subarray(0, 16 * blocks));

  // With r = 1 the accumulator is the sum of the blocks, with r = 2 twice the last and so on: messages that end close to
  // multiples of 2^130 - 5, where the last reduction decides.
  for (let low = 0; low < 40; low++) {
    for (const r of [1, 2, 4]) {
      const key = new Uint8Array(32);
      key[0] = r;
      for (const blocks of [1, 2, 3, 4, 5, 8, 15, 16]) {
        const message = new Uint8Array(16 * blocks).fill(0xff);
        message[16 * (blocks - 1)] = 0xff - low;
        check(key, message);
      }
    }
  }
  for (let i = 0; i < 1_000; i++) {
    const key = randomBytes(32);
    for (let j = 0; j < 32; j++) if (key[j] % 3 === 0) key[j] = key[j] % 2 === 0 ? 0 : 0xff;
    const message = randomBytes(16 * (i % 9));
    for (let j = 0; j < message.length; j++) {
      if (message[j] % 3 === 0) {
        message[j] = message[j] % 2 === 0 ? 0 : 0xff;
      }
    }
    check(key, message);
  }
});
