import { Buffer } from "node:buffer";
import { fromHex, toHex } from "../../src/bytes.ts";
import { ChaChaPoly } from "../../src/crypto/chacha.ts";
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
        assert.equal(toHex(new ChaChaPoly(key).encrypt(iv, aad, msg)), toHex(sealed), name);
        assert.equal(toHex(new ChaChaPoly(key).decrypt(iv, aad, sealed)), hex.msg, name);
      } else if (ivSize === 96) {
        await channelError(() => new ChaChaPoly(key).decrypt(iv, aad, sealed), "decrypt");
      } else {
        assert.throws(() => new ChaChaPoly(key).decrypt(iv, aad, sealed), name);
      }
    }
  }
  assert.ok(count > 300);
});

test("ChaCha20-Poly1305: leaves a Node Buffer as it was", () => {
  const [key, nonce] = [32, 12].map(randomBytes);
  const sealed = Buffer.from(new ChaChaPoly(key).encrypt(nonce, key, new Uint8Array(20)));
  const before = toHex(sealed);
  assert.deepEqual(new ChaChaPoly(key).decrypt(nonce, key, sealed), new Uint8Array(20));
  assert.equal(toHex(sealed), before);
});
