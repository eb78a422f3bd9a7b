import { assert, test } from "./_kit/mod.ts";
import { ByteReader, ByteWriter } from "../src/byte_fields.ts";
import {
  concat,
  equalBytes,
  fromBase64,
  fromHex,
  join,
  PartReader,
  pieces,
  toBase64,
  toHex,
} from "../src/bytes.ts";
import { ChannelError } from "../src/errors.ts";

const fail = (what: string) => new ChannelError("malformed", what);

test("bytes: hexadecimal and base64 round trips, and refusals of anything else", () => {
  const all = Uint8Array.from({ length: 256 }, (_, i) => i);
  assert.deepEqual(fromHex(toHex(all)), all);
  assert.deepEqual(fromBase64(toBase64(all)), all);
  for (const text of ["0", "0g", "0x00", " 00"]) assert.throws(() => fromHex(text), RangeError);
  for (const text of ["AAA", "AA=A", "A===", "AA A", "AA-_"]) {
    assert.throws(() => fromBase64(text), RangeError);
  }
});

test("bytes: join takes lists of any length", () => {
  const parts = Array.from({ length: 2 ** 19 }, (_, i) => Uint8Array.of(i));
  assert.ok(equalBytes(join(parts), Uint8Array.from({ length: 2 ** 19 }, (_, i) => i)));
});

test("bytes: equalBytes", () => {
  assert.ok(equalBytes(fromHex("0102"), fromHex("0102")));
  assert.ok(!equalBytes(fromHex("0102"), fromHex("0103")));
  assert.ok(!equalBytes(fromHex("0102"), fromHex("010200")));
});

test("bytes: the reader gives back what the writer wrote, and nothing beyond", () => {
  const written = new ByteWriter().u8(1).u16(0x0203).u24(0x040506).u32(0x0708090a)
    .vector(2, new Uint8Array(1000).fill(7)).nested(2, (list) => list.u16s([0x0b0c, 0x0d0e])).finish();
  const reader = new ByteReader(written, fail);
  assert.deepEqual([reader.u8(), reader.u16(), reader.u24(), reader.u32()], [
    1,
    0x0203,
    0x040506,
    0x0708090a,
  ]);
  assert.throws(() => reader.end(), ChannelError);
  assert.equal(reader.vector(2).length, 1000);
  assert.deepEqual(reader.nested(2).u16s(), [0x0b0c, 0x0d0e]);
  reader.end();
  assert.throws(() => reader.u8(), ChannelError);
  assert.throws(() => new ByteReader(fromHex("0501"), fail).vector(1), ChannelError);
  assert.throws(() => new ByteReader(fromHex("0101"), fail).vector(1, 2), ChannelError);
  assert.throws(() => new ByteReader(fromHex("01"), fail).u16s(), ChannelError);
  assert.throws(() => new ByteWriter().u8(256), RangeError);
});

test("bytes: pieces are views of one size", () => {
  for (const size of [0, 3, 8, 16, 17]) {
    const bytes = new Uint8Array(size).map((_, i) => i);
    const cut = [...pieces(bytes, 8)];
    assert.deepEqual(concat(...cut), bytes);
    assert.ok(cut.slice(0, -1).every((piece) => piece.length === 8 && piece.buffer === bytes.buffer));
    assert.ok(cut.every((piece) => piece.length > 0));
  }
});

test("bytes: a PartReader keeps the bytes and their order, whatever the parts", () => {
  for (const sizes of [[], [0], [1, 2, 3], [10], [16, 16], [5, 0, 40, 1]]) {
    const parts = sizes.map((size, i) => new Uint8Array(size).map((_, j) => i * 50 + j));
    const joined = concat(...parts);
    for (const size of [1, 7, 8, 16, 100]) {
      const reader = new PartReader(parts);
      const read: Uint8Array[] = [];
      while (reader.left > 0) {
        const next = new Uint8Array(Math.min(size, reader.left));
        reader.read(next);
        read.push(next);
        assert.equal(reader.left, joined.length - concat(...read).length);
      }
      assert.deepEqual(concat(...read), joined);
    }
  }
});
