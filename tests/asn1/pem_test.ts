import { decodePem, encodePem } from "../../src/asn1/mod.ts";
import { toHex } from "../../src/bytes.ts";
import { assert, channelError, test } from "../_kit/mod.ts";

test("blocks are read out of a text, whatever its line ends", () => {
  const text = [
    "about",
    "-----BEGIN A-----",
    "AAEC",
    "-----END A-----",
    "x: y",
    "-----BEGIN B C-----",
    "/w==",
    "-----END B C-----",
  ];
  for (const end of ["\n", "\r\n", "\r"]) {
    const blocks = decodePem(text.join(end));
    assert.deepEqual(blocks.map((block) => [block.label, toHex(block.bytes)]), [["A", "000102"], [
      "B C",
      "ff",
    ]]);
  }
  assert.deepEqual(decodePem("no blocks"), []);
  // Editors put a byte order mark in front, which OpenSSL passes over as well.
  const block = text.slice(1, 4).join("\n");
  assert.deepEqual(decodePem(`\ufeff${block}`), decodePem(block));
});

test("headers of RFC 1421 are kept apart from the contents", () => {
  const [block] = decodePem(
    "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: DES-EDE3-CBC,\n 0011\n\nAAEC\n-----END RSA PRIVATE KEY-----\n",
  );
  assert.deepEqual([...block.headers], [["Proc-Type", "4,ENCRYPTED"], ["DEK-Info", "DES-EDE3-CBC,0011"]]);
  assert.equal(toHex(block.bytes), "000102");
});

test("what is written is read, in lines of 64", () => {
  const bytes = Uint8Array.from({ length: 100 }, (_, i) => i);
  const text = encodePem("CERTIFICATE", bytes);
  assert.equal(text.split("\n")[1].length, 64);
  assert.deepEqual(decodePem(text)[0].bytes, bytes);
});

test("broken blocks are refused", async () => {
  const broken = [
    "-----BEGIN A-----\nAAEC\n",
    "-----BEGIN A-----\n-----BEGIN A-----\n-----END A-----",
    "-----BEGIN A-----\nAAEC\n-----END B-----",
    "-----END A-----",
    "-----BEGIN A-----\nAAE\n-----END A-----",
    "-----BEGIN A-----\nA=EC\n-----END A-----",
    "-----BEGIN A-----\nAA?C\n-----END A-----",
  ];
  for (const text of broken) await channelError(() => decodePem(text), "malformed");
});

test("a megabyte of beginnings, of dashes or of one line costs one pass", async () => {
  await channelError(() => decodePem("-----BEGIN A-----\n".repeat(60_000)), "malformed");
  assert.deepEqual(decodePem("-".repeat(1 << 20)), []);
  assert.deepEqual(decodePem("-----BEGIN A-----x\n".repeat(60_000)), []);
  assert.deepEqual(decodePem(`-----BEGIN ${" ".repeat(1 << 20)}-----`), []);
});
