import { decodePem, encodePem } from "../../src/asn1/mod.ts";
import { toHex, toUtf8 } from "../../src/bytes.ts";
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
  // Some editors write a byte order mark first. OpenSSL ignores it too.
  const block = text.slice(1, 4).join("\n");
  assert.deepEqual(decodePem(`\ufeff${block}`), decodePem(block));
});

test("the lax form of RFC 7468: as people paste and join files", () => {
  const text = encodePem("A", Uint8Array.from({ length: 100 }, (_, i) => i));
  const forms: Readonly<Record<string, string>> = {
    "literal line ends": text.replaceAll("\n", "\\n"),
    "literal CRLF": text.replaceAll("\n", "\\r\\n"),
    "one line": text.replaceAll("\n", " "),
    "indented": text.replaceAll(/^/gm, "\t  "),
    "END indented": text.replace("-----END", "  -----END"),
    "in quotation marks": `"${text.trim()}"`,
    "blank lines": text.replaceAll("\n", "\n\n"),
    "after 300 blanks": " ".repeat(300) + text,
    "text after END": `${text.trim()} # the end`,
  };
  for (const [form, changed] of Object.entries(forms)) {
    assert.deepEqual(decodePem(changed), decodePem(text), form);
  }
  const [one] = decodePem(text);
  assert.deepEqual(decodePem(text.trim() + text), [one, one], "no line end between two");
  assert.deepEqual(decodePem(`${text}\ufeff${text}`), [one, one], "a byte order mark between two");
});

test("a block in a comment stays a comment", () => {
  const text = encodePem("A", Uint8Array.of(1, 2, 3));
  assert.deepEqual(decodePem(`${text.trim().replaceAll(/^/gm, "# ")}\n${text}`), decodePem(text));
  assert.deepEqual(decodePem(`# ${text.trim().replaceAll("\n", " ")}\n`), []);
  assert.deepEqual(decodePem(`${" ".repeat(300)}#${text.trim().replaceAll("\n", " ")}\n`), []);
  assert.deepEqual(decodePem(`KEY=${text.trim().replaceAll("\n", "\\n")}`.repeat(2)), []);
});

test("a file's bytes are UTF-8, UTF-16 with a byte order mark, or have Latin-1 in comments", () => {
  const text = encodePem("A", Uint8Array.of(1, 2, 3));
  const utf16 = (littleEndian: boolean) => {
    const view = new DataView(new ArrayBuffer(2 + 2 * text.length));
    [...`\ufeff${text}`].forEach((char, i) => view.setUint16(2 * i, char.charCodeAt(0), littleEndian));
    return new Uint8Array(view.buffer);
  };
  const latin1 = Uint8Array.from(`M\u00fcller\n${text}`, (char) => char.charCodeAt(0));
  for (const bytes of [toUtf8(text), toUtf8(`\ufeff${text}`), utf16(true), utf16(false), latin1]) {
    assert.deepEqual(decodePem(bytes), decodePem(text));
  }
});

test("headers of RFC 1421 are kept apart from the contents", () => {
  const [block] = decodePem(
    "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: DES-EDE3-CBC,\n 0011\n\nAAEC\n-----END RSA PRIVATE KEY-----\n",
  );
  assert.deepEqual([...block.headers], [["Proc-Type", "4,ENCRYPTED"], ["DEK-Info", "DES-EDE3-CBC,0011"]]);
  assert.equal(toHex(block.bytes), "000102");
});

test("written PEM can be read, and has lines of 64 characters", () => {
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

test("a megabyte of BEGIN lines, of dashes or of one line is read in one pass", async () => {
  await channelError(() => decodePem("-----BEGIN A-----\n".repeat(60_000)), "malformed");
  assert.deepEqual(decodePem("-".repeat(1 << 20)), []);
  await channelError(() => decodePem("-----BEGIN A-----x\n".repeat(60_000)), "malformed");
  assert.deepEqual(decodePem("x-----BEGIN A-----".repeat(60_000)), []);
  const empty = "-----BEGIN A-----" + "\\n".repeat(1 << 19) + "-----END A-----";
  assert.equal(decodePem(empty)[0].bytes.length, 0);
  assert.deepEqual(decodePem(`-----BEGIN ${" ".repeat(1 << 20)}-----`), []);
});
