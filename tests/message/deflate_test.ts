import { constants, deflateRawSync, inflateRawSync } from "node:zlib";
import { assert, channelError, test } from "../_kit/mod.ts";
import { deflate, looksRandom } from "../../src/message/deflate/deflate.ts";
import { messageCodec } from "../../src/message/agreed_codec.ts";
import { Inflater } from "../../src/message/deflate/inflate.ts";
import { concat, equalBytes, fromHex, toHex, toUtf8 } from "../../src/bytes.ts";
import { json, noise, random, text } from "./_samples.ts";

const bytes = (buffer: Uint8Array) => new Uint8Array(buffer);
const samples = [0, 1, 2, 3, 10, 100, 258, 259, 1000, 5000, 70_000].flatMap((size) => [
  new Uint8Array(size),
  noise(size),
  toUtf8(text(size)),
  noise(size).map((byte) => byte & 3),
]);

test("inflate: what zlib deflates, at every level and with every strategy", async () => {
  const { Z_DEFAULT_STRATEGY, Z_FILTERED, Z_HUFFMAN_ONLY, Z_RLE, Z_FIXED } = constants;
  const inflater = new Inflater(1 << 20);
  for (const sample of samples) {
    for (const level of [0, 1, 6, 9]) {
      for (const strategy of [Z_DEFAULT_STRATEGY, Z_FILTERED, Z_HUFFMAN_ONLY, Z_RLE, Z_FIXED]) {
        const inflated = await inflater.inflate(bytes(deflateRawSync(sample, { level, strategy })));
        if (toHex(inflated) !== toHex(sample)) assert.fail(`${sample.length} bytes, ${level}, ${strategy}`);
      }
    }
  }
});

// Deno's node:zlib does not support dictionaries for raw streams.
test("deflate: zlib inflates what was compressed, alone, with a dictionary, in a stream", {
  on: ["node", "bun", "workerd", "chromium", "firefox", "webkit"],
}, async () => {
  const messages = [...samples, ...Array.from({ length: 300 }, (_, i) => toUtf8(json(i)))];
  const dictionary = toUtf8(json(1) + text(500));
  for (const compression of ["message", "stream"] as const) {
    for (const start of [undefined, dictionary]) {
      const { encoder } = messageCodec({ compression, dictionary: start });
      let window = start ?? new Uint8Array(0);
      for (const message of messages) {
        const frame = concat(...await encoder.encode(message));
        const payload = frame.subarray(5);
        // A client in another language needs no more than this.
        const received = frame[0] & 1
          ? bytes(inflateRawSync(payload, window.length > 0 ? { dictionary: window } : {}))
          : payload;
        if (frame[0] & 2) window = concat(window, received).slice(-32_768);
        if (toHex(received) !== toHex(message)) assert.fail(`${message.length} bytes, ${compression}`);
      }
    }
  }
});

test("inflate: messages of a stream that zlib deflated after the window", async () => {
  const { decoder } = messageCodec({ compression: "stream" });
  let window = new Uint8Array(0);
  for (let i = 0; i < 400; i++) {
    const message = i % 50 === 7 ? toUtf8(text(random(60_000))) : toUtf8(json(i));
    const payload = bytes(deflateRawSync(message, window.length > 0 ? { dictionary: window } : {}));
    decoder.push(Uint8Array.of(3, 0, payload.length >> 16, payload.length >> 8, payload.length));
    decoder.push(payload);
    if (toHex(await decoder.decode(decoder.next()!)) !== toHex(message)) assert.fail(`message ${i}`);
    window = concat(window, message).slice(-32_768);
  }
});

test("inflate: refuses input that is not one complete stream", async () => {
  const faults: Record<string, string> = {
    "": "nothing at all",
    "07": "a block of type 3",
    "03": "a fixed block that is cut off",
    "030000": "a byte behind the end",
    "0000000000ffff": "no final block",
    "000100feff": "a stored block that is cut off",
    "010100ffff00": "stored lengths that disagree",
    "0100": "stored lengths that are cut off",
    "0302": "a match before the window",
    "1b03": "a fixed symbol 286",
    "fdff": "too many symbols",
    "05e081000000": "a code of nothing",
    "0d": "a dynamic block that is cut off",
  };
  for (const [input, why] of Object.entries(faults)) {
    await channelError(async () => {
      await new Inflater(1000).inflate(fromHex(input));
      assert.fail(why);
    }, "protocol");
  }
  const whole = bytes(deflateRawSync(toUtf8(text(3000))));
  for (let length = 0; length < whole.length; length++) {
    await channelError(() => new Inflater(5000).inflate(whole.subarray(0, length)), "protocol");
  }
  await channelError(() => new Inflater(5000).inflate(concat(whole, new Uint8Array(1))), "protocol");
});

test("inflate: refuses oversubscribed and incomplete codes", async () => {
  // The header of a dynamic block, with the lengths of the codes for 16, 17, 18 and 0, and the following bits.
  const header = (lengths: readonly number[]) => {
    const fields = [[1, 1], [2, 2], [0, 5], [0, 5], [0, 4], ...lengths.map((length) => [length, 3])];
    let [hold, held] = [0n, 0n];
    for (const [value, count] of fields) {
      hold |= BigInt(value) << held;
      held += BigInt(count);
    }
    return Uint8Array.from({ length: 40 }, (_, i) => Number(hold >> BigInt(8 * i) & 0xffn));
  };
  for (
    const [lengths, why] of [[[1, 1, 1, 0], /too many/], [[2, 2, 0, 0], /incomplete/], [
      [1, 2, 2, 2],
      /too many/,
    ]] as const
  ) {
    const input = header(lengths);
    assert.match((await channelError(() => new Inflater(1000).inflate(input), "protocol")).message, why);
    assert.throws(() => inflateRawSync(input), "zlib refuses it, too");
  }
});

test("inflate: a lone distance code has one bit", async () => {
  // A dynamic block of "A" and the end, whose one distance code has 1, 2 or 5 bits, as the code lengths say.
  const cases = [["05e081000000000010b4f99f42", 1], ["05e081000000008020b0e52fd502", 2], [
    "05e081000020000020b0e52fd502",
    5,
  ]] as const;
  for (const [stream, bits] of cases) {
    const input = fromHex(stream);
    if (bits === 1) {
      assert.equal(toHex(await new Inflater(100).inflate(input)), "41");
      assert.equal(toHex(bytes(inflateRawSync(input))), "41");
    } else {
      await channelError(() => new Inflater(100).inflate(input), "protocol");
      assert.throws(() => inflateRawSync(input), "zlib refuses it, too");
    }
  }
});

test("inflate: refuses a stream of empty dynamic blocks, which cost much and carry nothing", async () => {
  // One code length for the end of the block, one for a distance that is never used; 90 bits in all.
  const block = (final: number) => [
    [final, 1],
    [2, 2],
    [0, 5],
    [0, 5],
    [14, 4],
    ...Array.from({ length: 18 }, (_, i) => [i === 2 || i === 17 ? 1 : 0, 3]),
    ...[[1, 1], [127, 7], [1, 1], [107, 7]], // 138 and 118 zeros
    ...[[0, 1], [0, 1], [0, 1]],
  ];
  const stream = (count: number) => {
    const fields = Array.from({ length: count }, (_, i) => block(i === count - 1 ? 1 : 0)).flat();
    const bits = fields.flatMap(([value, size]) => Array.from({ length: size }, (_, i) => value >> i & 1));
    return Uint8Array.from({ length: Math.ceil(bits.length / 8) }, (_, i) => {
      return bits.slice(8 * i, 8 * i + 8).reduce((byte, bit, j) => byte | bit << j, 0);
    });
  };
  assert.equal((await new Inflater(1000).inflate(stream(10))).length, 0);
  assert.equal(inflateRawSync(stream(10)).length, 0);
  assert.match(
    (await channelError(() => new Inflater(1000).inflate(stream(200)), "protocol")).message,
    /blocks/,
  );
});

test("inflate: agrees with zlib on damaged streams, except that zlib accepts bytes after the end", async () => {
  const whole = bytes(deflateRawSync(toUtf8(text(4000)), { level: 9 }));
  let accepted = 0;
  for (let i = 0; i < whole.length * 8; i += 7) {
    const damaged = whole.slice();
    damaged[i >> 3] ^= 1 << (i & 7);
    const ours = await new Inflater(1 << 20).inflate(damaged).then(toHex, () => "refused");
    if (ours === "refused") continue;
    accepted++;
    assert.equal(ours, toHex(bytes(inflateRawSync(damaged))));
  }
  assert.ok(accepted > 20);
});

test("compress: large messages in steps, which zlib inflates, too", async () => {
  for (const size of [65_536, 65_537, 200_000, 1_000_000]) {
    for (const message of [toUtf8(text(size)), new Uint8Array(size), noise(size).map((byte) => byte & 3)]) {
      for (const window of [new Uint8Array(0), toUtf8(text(1000)), noise(32_768).map((byte) => byte & 3)]) {
        const deflated = await deflate(message, window);
        assert.ok(deflated !== undefined && deflated.length < message.length / 2);
        assert.ok(equalBytes(await new Inflater(1 << 20, window).inflate(deflated), message));
        if (window.length === 0) assert.ok(equalBytes(bytes(inflateRawSync(deflated)), message));
      }
    }
  }
});

// On workerd each request has its own turns, and clocks stand still while it works.
test(
  "compress: a large message, and one that inflates to a large one, yield to other work of the event loop",
  {
    on: ["node", "deno", "bun", "chromium", "firefox", "webkit"],
  },
  async () => {
    const message = toUtf8(text(4_000_000));
    const binary = noise(4_000_000).map((byte) => byte & 15); // with a zero near its start
    const zeros = bytes(deflateRawSync(new Uint8Array(16 << 20)));
    for (
      const work of [
        () => deflate(message),
        () => deflate(binary),
        () => new Inflater(1 << 25).inflate(zeros),
      ]
    ) {
      let turns = 0;
      const counting = setInterval(() => turns++, 0);
      await work();
      clearInterval(counting);
      assert.ok(turns > 3, `${turns} turns`);
    }
  },
);

test("compress: random bytes are distinguished from text, and small messages are always tried", () => {
  assert.ok(looksRandom(noise(5000)));
  assert.ok(looksRandom(bytes(deflateRawSync(toUtf8(text(100_000))))));
  assert.ok(!looksRandom(toUtf8(text(5000))));
  assert.ok(!looksRandom(toUtf8(btoa(String.fromCharCode(...noise(5000))))));
  assert.ok(!looksRandom(noise(1000)));
});
