/** The vectors of RSA Laboratories, and those that pyca/cryptography made in the same format. */

import { assert, test, vector, vectorText } from "../_kit/mod.ts";
import { fromHex, toHex } from "../../src/bytes.ts";
import { bytesToBigInt } from "../../src/bigint.ts";
import { randomBytes } from "../../src/crypto/random.ts";
import {
  checkPrivateKey,
  decryptOaep,
  encryptOaep,
  type HashName,
  type RsaPrivateKey,
  signPkcs1,
  signPss,
  verifyPkcs1,
  verifyPss,
} from "../../src/crypto/rsa/mod.ts";
import { parsePrivateKey } from "../../src/x509/keys/key_file.ts";

const needs = ["vectors"] as const;

/** Returns the fields of a file in order: `# Name:`, followed by hexadecimal lines. */
function* fields(path: string): Generator<readonly [name: string, bytes: Uint8Array]> {
  const text = new TextDecoder("latin1").decode(vector(path));
  for (const [, name, digits] of text.matchAll(/^# ([^\n:]+):\s*\n((?:[0-9a-f ]+\s*\n)+)/gm)) {
    const hex = digits.replace(/\s/g, "");
    yield [name, fromHex(hex.length % 2 ? `0${hex}` : hex)];
  }
}

/** Returns the examples of a file, each with its fields by name and its key. */
function* examples(path: string, last: string): Generator<[RsaPrivateKey, Record<string, Uint8Array>]> {
  let numbers: bigint[] = [];
  let example: Record<string, Uint8Array> = {};
  for (const [name, bytes] of fields(path)) {
    if (name === "Modulus" && numbers.length >= 10) numbers = [];
    if (/^(Modulus|.*xponent.*|Prime.*|Coefficient)$/.test(name)) numbers.push(bytesToBigInt(bytes));
    else example[name] = bytes;
    if (name !== last) continue;
    const [n, e, , , d, p, q, dp, dq, qi] = numbers;
    yield [{ type: "rsa", n, e, d, p, q, dp, dq, qi }, example];
    example = {};
  }
}

/** Returns these bytes if as many are requested, else random bytes. */
function fixed(bytes: Uint8Array): (length: number) => Uint8Array {
  return (length) => length === bytes.length ? bytes.slice() : randomBytes(length);
}

test("RSA-OAEP: the ciphertexts of RSA Laboratories are made and decrypted", { needs }, () => {
  let count = 0;
  for (const [key, example] of examples("rsa-pkcs1/pkcs-1v2-1d2-vec/oaep-vect.txt", "Encryption")) {
    checkPrivateKey(key, { allowWeak: true });
    const ciphertext = encryptOaep(key, example.Message, { hash: "SHA-1", random: fixed(example.Seed) });
    assert.equal(toHex(ciphertext), toHex(example.Encryption));
    assert.equal(toHex(decryptOaep(key, example.Encryption, { hash: "SHA-1" })), toHex(example.Message));
    count++;
  }
  assert.equal(count, 60);
});

test("RSA-OAEP: ciphertexts with two different hashes, and with a label, are decrypted", { needs }, () => {
  const names = { sha1: "SHA-1", sha256: "SHA-256", sha384: "SHA-384", sha512: "SHA-512" } as const;
  let count = 0;
  for (const [mgf, mgfHash] of Object.entries(names)) {
    for (const [label, hash] of Object.entries(names)) {
      if (label === "sha1" && mgf === "sha1") continue;
      for (const [key, example] of examples(`rsa-pkcs1/oaep-custom/oaep-${mgf}-${label}.txt`, "Encryption")) {
        if (count++ % 6 > 0) continue; // one example of each key will do
        assert.equal(toHex(decryptOaep(key, example.Encryption, { hash, mgfHash })), toHex(example.Message));
      }
    }
  }
  assert.equal(count, 15 * 60);

  const text = vectorText("rsa-pkcs1/oaep-label.txt");
  const field = (name: string): Uint8Array =>
    fromHex(new RegExp(`^${name} = ([0-9a-f]+)`, "m").exec(text)![1]);
  const options = { hash: "SHA-512", label: field("OAEPLabel") } as const;
  const message = decryptOaep(parsePrivateKey(field("KEY")) as RsaPrivateKey, field("Input"), options);
  assert.equal(new TextDecoder().decode(message), "Hello World");
});

test("RSASSA-PSS: the signatures of RSA Laboratories are made and verified", { needs }, () => {
  let count = 0;
  for (const [key, example] of examples("rsa-pkcs1/pkcs-1v2-1d2-vec/pss-vect.txt", "Signature")) {
    const message = example["Message to be signed"];
    const options = { hash: "SHA-1" as HashName, random: fixed(example.Salt) };
    assert.equal(toHex(signPss(key, message, options)), toHex(example.Signature));
    assert.ok(verifyPss(key, message, example.Signature, options));
    assert.ok(!verifyPss(key, message, example.Signature, { ...options, saltLength: 19 }));
    count++;
  }
  assert.equal(count, 60);
});

test("RSASSA-PKCS1-v1_5: the signatures of RSA Laboratories are made and verified", { needs }, () => {
  let count = 0;
  for (const [key, example] of examples("rsa-pkcs1/pkcs1v15sign-vectors.txt", "Signature")) {
    const message = example["Message to be signed"];
    assert.ok(verifyPkcs1(key, "SHA-1", message, example.Signature));
    if (count++ % 10 === 0) {
      assert.equal(toHex(signPkcs1(key, "SHA-1", message)), toHex(example.Signature));
    }
  }
  assert.equal(count, 300);
});
