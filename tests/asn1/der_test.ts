import {
  constructed,
  context,
  decodeOid,
  decodeString,
  der,
  DerReader,
  encodeOid,
  MAX_DEPTH,
  readDer,
  TAG,
} from "../../src/asn1/mod.ts";
import { fromHex, toHex, toUtf8 } from "../../src/bytes.ts";
import { assert, channelError, test } from "../_kit/mod.ts";

const read = <T>(hex: string, how: (reader: DerReader) => T): T => readDer(fromHex(hex), "the value", how);

test("integers are read and written as X.690 8.3 defines them", async () => {
  const pairs: [bigint, string][] = [
    [0n, "020100"],
    [127n, "02017f"],
    [128n, "02020080"],
    [256n, "02020100"],
    [-1n, "0201ff"],
    [-128n, "020180"],
    [-129n, "0202ff7f"],
    [1n << 64n, "0209010000000000000000"],
  ];
  for (const [value, hex] of pairs) {
    assert.equal(toHex(der.integer(value)), hex);
    assert.equal(read(hex, (reader) => reader.integer()), value);
  }
  for (const hex of ["0200", "02020001", "0202ff80"]) {
    await channelError(() => read(hex, (r) => r.integer()), "malformed");
  }
});

test("lengths must be definite and minimal, and nothing may be left over", async () => {
  for (
    const hex of [
      "0480",
      "04800000",
      "04810100",
      "0482000100",
      "048500000000010",
      "1f0100",
      "0402ff",
      "04",
      "",
    ]
  ) {
    const bytes = fromHex(hex.length % 2 ? `${hex}0` : hex);
    await channelError(() => readDer(bytes, "the value", (reader) => reader.any()), "malformed");
  }
  await channelError(() => read("0401ff00", (reader) => reader.octetString()), "malformed");
  assert.equal(read(`048180${"ab".repeat(128)}`, (reader) => reader.octetString()).length, 128);
});

test("booleans, bit strings and named bits are strict", async () => {
  assert.equal(read("0101ff", (reader) => reader.boolean()), true);
  for (const hex of ["010101", "0100", "01020000"]) {
    await channelError(() => read(hex, (r) => r.boolean()), "malformed");
  }
  assert.equal(read("010100", (reader) => reader.booleanDefaultFalse()), false);
  assert.deepEqual([...read("030205a0", (reader) => reader.namedBits())], [0, 2]);
  assert.equal(toHex(der.namedBits([0, 2])), "030205a0");
  assert.equal(toHex(der.namedBits([])), "030100");
  assert.equal(toHex(der.namedBits([8])), "0303070080");
  for (const hex of ["0300", "030101", "030208ff", "030201ff"]) {
    await channelError(() => read(hex, (reader) => reader.bitString()), "malformed");
  }
  await channelError(() => read("03020780", (reader) => reader.bitStringBytes()), "malformed");
});

test("object identifiers keep arcs of any size, and encodings that are not minimal are refused", async () => {
  const oids: [string, string][] = [
    ["1.2.840.113549.1.1.11", "2a864886f70d01010b"],
    ["2.5.29.17", "551d11"],
    ["0.39", "27"],
    ["2.999.3", "883703"],
    ["2.16777215.268435455.268435456", "8880804fffffff7f8180808000"],
    ["1.3.6.1.4.1.340282366920938463463374607431768211455", "2b06010401" + "83" + "ff".repeat(17) + "7f"],
  ];
  for (const [text, hex] of oids) {
    assert.equal(decodeOid(fromHex(hex)), text);
    assert.equal(toHex(encodeOid(text)), hex);
  }
  for (const hex of ["", "80", "2a80", "2a8001", "8001"]) {
    await channelError(() => decodeOid(fromHex(hex)), "malformed");
  }
  for (const text of ["", "1", "3.1", "1.40", "1.02", "1..2", "a.b"]) {
    assert.throws(() => encodeOid(text), RangeError);
  }
});

test("a 1 MB object identifier and a 100 KB integer are refused before they are decoded", async () => {
  const huge = new Uint8Array(1 << 20).fill(0xff);
  huge[huge.length - 1] = 0x7f;
  await channelError(() => decodeOid(huge), "limit");
  const integer = der.element(TAG.integer, new Uint8Array(100_000).fill(0x55));
  await channelError(() => readDer(integer, "the value", (reader) => reader.integer()), "limit");
});

test("nesting stops at the bound, however deep the value is", async () => {
  let value = der.nul();
  for (let i = 0; i < 1000; i++) value = der.sequence(value);
  let steps = 0;
  const descend = (reader: DerReader): void => {
    steps++;
    if (reader.has(TAG.sequence)) descend(reader.sequence());
  };
  await channelError(() => descend(new DerReader(value, "the value")), "limit");
  assert.equal(steps, MAX_DEPTH + 1);
});

test("times are as RFC 5280 4.1.2.5 restricts them", async () => {
  const dates: [string, string][] = [
    ["1950-01-01T00:00:00Z", "170d3530303130313030303030305a"],
    ["2049-12-31T23:59:59Z", "170d3439313233313233353935395a"],
    ["2050-01-01T00:00:00Z", "180f32303530303130313030303030305a"],
    ["9999-12-31T23:59:59Z", "180f39393939313233313233353935395a"],
  ];
  for (const [text, hex] of dates) {
    assert.equal(toHex(der.time(new Date(text))), hex);
    assert.equal(read(hex, (reader) => reader.time()).getTime(), Date.parse(text));
  }
  const bad = [
    "1702" + toHex(toUtf8("5Z")),
    ...["230229000000Z", "231301000000Z", "230100000000Z", "230101240000Z", "230101006000Z", "230101000060Z"],
    ...["2301010000Z", "230101000000+0000", "23010100000aZ", "230101000000z", " 30101000000Z"],
  ].map((text) => text.startsWith("1702") ? text : toHex(der.element(TAG.utcTime, toUtf8(text))));
  assert.equal(
    read(toHex(der.element(TAG.generalizedTime, toUtf8("20230101000000Z"))), (reader) => reader.time())
      .getUTCFullYear(),
    2023,
  );
  bad.push(toHex(der.element(TAG.generalizedTime, toUtf8("20500101000000.5Z"))));
  for (const hex of bad) await channelError(() => read(hex, (reader) => reader.time()), "malformed");
});

test("a SET OF is written in order and must be in order", async () => {
  const set = der.setOf(der.integer(3), der.integer(256), der.integer(1));
  assert.equal(toHex(set), "310a02010102010302020100");
  assert.equal(readDer(set, "the set", (reader) => reader.setOf()).length, 3);
  await channelError(() => read("3106020103020101", (reader) => reader.setOf()), "malformed");
});

test("tags: implicit keeps the form, explicit wraps", () => {
  assert.equal(toHex(der.implicit(1, der.octetString(Uint8Array.of(5)))), "810105");
  assert.equal(toHex(der.implicit(2, der.sequence(der.nul()))), "a2020500");
  assert.equal(toHex(der.explicit(0, der.integer(2))), "a003020102");
  assert.equal(read("810105", (reader) => reader.octetString(context(1))).length, 1);
  assert.equal(read("a003020102", (reader) => reader.within((inner) => inner.integer(), constructed(0))), 2n);
});

function string(reader: DerReader): string {
  const { tag, contents } = reader.any();
  return decodeString(tag, contents);
}

test("character strings are decoded by their type", async () => {
  const strings: [string, string][] = [
    ["0c06c3a4e282ac21", "ä€!"],
    ["130441202b42", "A +B"],
    ["1402e441", "äA"],
    ["1e0400e420ac", "ä€"],
    ["1c080001f600000000e4", "😀ä"],
    ["160161", "a"],
  ];
  for (const [hex, text] of strings) {
    assert.equal(read(hex, string), text);
  }
  for (
    const hex of ["0c01ff", "130121", "160180", "1e0100", "1e02d800", "1c0400110000", "120161", "040161"]
  ) {
    await channelError(() => read(hex, string), "malformed");
  }
});
