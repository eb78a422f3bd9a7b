import { createCipheriv, createDecipheriv } from "node:crypto";
import { assert, channelError, test, vectorText } from "../_kit/mod.ts";
import { concat, fromHex, toHex } from "../../src/bytes.ts";
import { randomBytes } from "../../src/crypto/random.ts";
import { TripleDes, tripleDesCbc } from "../../src/crypto/des/mod.ts";

const ZERO_IV = new Uint8Array(8);

interface Vector {
  readonly encrypt: boolean;
  readonly key: string;
  readonly iv: string;
  readonly plaintext: string;
  readonly ciphertext: string;
}

/** Reads a CAVS response file: blocks of `NAME = value` under [ENCRYPT] and [DECRYPT]. */
function cavs(file: string): Vector[] {
  let encrypt = true;
  const vectors: Vector[] = [];
  for (const block of vectorText(`nist-cavp/3des/${file}.rsp`).split(/(?:\r?\n){2,}|(?<=CRYPT\])\r?\n/)) {
    if (block.includes("[")) encrypt = block.includes("[ENCRYPT]");
    const fields = Object.fromEntries([...block.matchAll(/^(\w+) = (\S+)/gm)].map((m) => [m[1], m[2]]));
    if (fields.COUNT === undefined) continue;
    const key = fields.KEYs === undefined ? fields.KEY1 + fields.KEY2 + fields.KEY3 : fields.KEYs.repeat(3);
    const { IV: iv = "", PLAINTEXT: plaintext, CIPHERTEXT: ciphertext } = fields;
    vectors.push({ encrypt, key, iv, plaintext, ciphertext });
  }
  return vectors;
}

/** Electronic codebook for one block, which is CBC with an IV of zeros. */
function ecb(key: string, encrypt: boolean, data: string): string {
  const cipher = new TripleDes(fromHex(key));
  const blocks = data.match(/.{16}/g)!.map(fromHex);
  return toHex(concat(
    ...blocks.map((block) => encrypt ? cipher.encryptCbc(ZERO_IV, block) : cipher.decryptCbc(ZERO_IV, block)),
  ));
}

function cbc(key: string, iv: string, encrypt: boolean, data: string): string {
  const cipher = tripleDesCbc(fromHex(key), fromHex(iv), { disablePadding: true });
  return toHex(encrypt ? cipher.encrypt(fromHex(data)) : cipher.decrypt(fromHex(data)));
}

test("3DES: the NIST vectors, ECB and CBC", { needs: ["vectors"] }, () => {
  let count = 0;
  for (const mode of ["ECB", "CBC"]) {
    for (const kind of ["vartext", "varkey", "invperm", "permop", "subtab", "MMT1", "MMT2", "MMT3"]) {
      for (const { encrypt, key, iv, plaintext, ciphertext } of cavs(`T${mode}${kind}`)) {
        const [data, wanted] = encrypt ? [plaintext, ciphertext] : [ciphertext, plaintext];
        const seen = mode === "ECB" ? ecb(key, encrypt, data) : cbc(key, iv, encrypt, data);
        assert.equal(seen, wanted, `${mode} ${kind} ${key} ${data}`);
        count++;
      }
    }
  }
  assert.equal(count, 1060);
});

interface ChainedVector {
  readonly mode: "ECB" | "CBC";
  readonly direction: "encrypt" | "decrypt";
  readonly key: string;
  readonly iv: string | null;
  readonly input: string;
  readonly rounds: number;
  readonly output: string;
}

test("3DES: chains of 10,000 blocks", { needs: ["vectors"] }, () => {
  const { vectors } = JSON.parse(vectorText("nist-cavp/3des/chained-10000.json")) as {
    vectors: ChainedVector[];
  };
  assert.equal(vectors.length, 32);
  for (const { mode, direction, key, iv, input, rounds, output } of vectors) {
    const cipher = new TripleDes(fromHex(key));
    let block = fromHex(input);
    let chain = iv === null ? ZERO_IV : fromHex(iv);
    for (let i = 0; i < rounds; i++) {
      const next = direction === "encrypt"
        ? cipher.encryptCbc(chain, block)
        : cipher.decryptCbc(chain, block);
      if (mode === "CBC") chain = direction === "encrypt" ? next : block;
      block = next;
    }
    assert.equal(toHex(block), output, `${mode} ${direction} ${key}`);
  }
});

test("3DES: as the runtime's own, for every length up to 100 and one long text", { needs: ["node:"] }, () => {
  const key = randomBytes(24);
  const iv = randomBytes(8);
  for (const length of [...Array(100).keys(), 100_003]) {
    const plaintext = randomBytes(length);
    const theirs = createCipheriv("des-ede3-cbc", key, iv);
    const wanted = toHex(concat(theirs.update(plaintext), theirs.final()));
    const ciphertext = tripleDesCbc(key, iv).encrypt(plaintext);
    assert.equal(toHex(ciphertext), wanted, `${length} bytes`);
    assert.deepEqual(tripleDesCbc(key, iv).decrypt(ciphertext), plaintext, `${length} bytes`);
    const reader = createDecipheriv("des-ede3-cbc", key, iv);
    assert.equal(toHex(concat(reader.update(ciphertext), reader.final())), toHex(plaintext));
  }
});

test("3DES: in place, into a view, and with the key schedule kept", () => {
  const cipher = new TripleDes(randomBytes(24));
  for (const length of [0, 8, 16, 24, 4000, 16_392]) {
    const iv = randomBytes(8);
    const plaintext = randomBytes(length);
    const ciphertext = cipher.encryptCbc(iv, plaintext);
    const record = concat(randomBytes(5), plaintext, randomBytes(3));
    const [before, after] = [record.slice(0, 5), record.slice(-3)];
    const body = record.subarray(5, 5 + length);
    assert.equal(cipher.encryptCbc(iv, body, body), body);
    assert.deepEqual(body, ciphertext);
    cipher.decryptCbc(iv, body, body);
    assert.deepEqual(record, concat(before, plaintext, after));
  }
});

test("3DES: parity bits are ignored, and the order of the keys matters", () => {
  const key = randomBytes(24);
  const block = randomBytes(8);
  const seen = new TripleDes(key).encryptCbc(ZERO_IV, block);
  assert.deepEqual(new TripleDes(key.map((byte) => byte ^ 1)).encryptCbc(ZERO_IV, block), seen);
  const turned = concat(key.subarray(16), key.subarray(8, 16), key.subarray(0, 8));
  assert.notDeepEqual(new TripleDes(turned).encryptCbc(ZERO_IV, block), seen);
});

test("3DES: padding that is wrong, and ciphertext that is not whole blocks, are refused", async () => {
  const key = randomBytes(24);
  const iv = randomBytes(8);
  const raw = tripleDesCbc(key, iv, { disablePadding: true });
  const padded = tripleDesCbc(key, iv);
  const refused = [
    "0000000000000000",
    "1111111111111109",
    "0000000000000002",
    "0708080808080808",
    "00000000000000ff",
  ];
  for (const last of refused) {
    for (const front of ["", "0808080808080808"]) {
      await channelError(() => padded.decrypt(raw.encrypt(fromHex(front + last))), "decrypt");
    }
  }
  for (const length of [0, 1, 7, 9, 17]) {
    await channelError(() => padded.decrypt(new Uint8Array(length)), "decrypt");
  }
  assert.equal(padded.decrypt(raw.encrypt(fromHex("0808080808080808"))).length, 0);
  assert.equal(raw.decrypt(new Uint8Array(0)).length, 0);
});

test("3DES: arguments of a wrong size are refused", () => {
  const cipher = new TripleDes(new Uint8Array(24));
  for (const size of [0, 8, 16, 23, 25, 32]) {
    assert.throws(() => new TripleDes(new Uint8Array(size)), RangeError);
  }
  for (const size of [0, 7, 9, 16]) {
    assert.throws(() => tripleDesCbc(new Uint8Array(24), new Uint8Array(size)), RangeError);
    assert.throws(() => cipher.encryptCbc(new Uint8Array(size), new Uint8Array(8)), RangeError);
    assert.throws(() => cipher.decryptCbc(new Uint8Array(size), new Uint8Array(8)), RangeError);
  }
  for (const size of [1, 7, 12]) {
    assert.throws(() => cipher.encryptCbc(ZERO_IV, new Uint8Array(size)), RangeError);
    assert.throws(() => cipher.decryptCbc(ZERO_IV, new Uint8Array(size)), RangeError);
    const unpadded = tripleDesCbc(new Uint8Array(24), ZERO_IV, { disablePadding: true });
    assert.throws(() => unpadded.encrypt(new Uint8Array(size)), RangeError);
  }
  assert.throws(() => cipher.encryptCbc(ZERO_IV, new Uint8Array(16), new Uint8Array(24)), RangeError);
  assert.throws(() => cipher.decryptCbc(ZERO_IV, new Uint8Array(16), new Uint8Array(8)), RangeError);
});
