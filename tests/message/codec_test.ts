import { Buffer } from "node:buffer";
import { assert, channelError, test } from "../_kit/mod.ts";
import { checkCodecOptions, type CodecOptions, messageCodec } from "../../src/message/agreed_codec.ts";
import { Control } from "../../src/message/frame.ts";
import { concat, equalBytes, fromHex, toHex, toUtf8 } from "../../src/bytes.ts";
import { ChannelError } from "../../src/errors.ts";
import { json, noise, random, text } from "./_samples.ts";

const dictionary = toUtf8(json(1) + json(2));
const modes: CodecOptions[] = [
  {},
  { compression: "message" },
  { compression: "message", dictionary },
  { compression: "message", dictionary: noise(32_768) },
  { compression: "stream" },
  { compression: "stream", dictionary },
];

async function encodeAll(messages: readonly Uint8Array[], options: CodecOptions): Promise<Uint8Array> {
  const { encoder } = messageCodec(options);
  const parts: Uint8Array[] = [];
  for (const message of messages) parts.push(...await encoder.encode(message));
  return concat(...parts);
}

async function decodeAll(chunks: Iterable<Uint8Array>, options: CodecOptions): Promise<Uint8Array[]> {
  const { decoder } = messageCodec(options);
  const messages: Uint8Array[] = [];
  for (const chunk of chunks) {
    decoder.push(chunk);
    for (let frame = decoder.next(); frame !== null; frame = decoder.next()) {
      messages.push(await decoder.decode(frame));
    }
  }
  if (decoder.inside) throw new ChannelError("truncated", "inside a message");
  return messages;
}

function* cut(bytes: Uint8Array, size: () => number): Generator<Uint8Array> {
  for (let i = 0; i < bytes.length;) yield bytes.subarray(i, i += size());
}

test("codec: the bytes of a plain message", async () => {
  const { encoder } = messageCodec({});
  assert.equal(toHex(concat(...await encoder.encode(toUtf8("hi")))), "00000000026869");
  assert.equal(toHex(concat(...await encoder.encode(new Uint8Array(0)))), "0000000000");
  const large = new Uint8Array(0x12345);
  const parts = await encoder.encode(large);
  assert.equal(toHex(parts[0]), "0000012345");
  assert.equal(parts[1], large, "a message is not copied");
});

test("codec: every kind and size of message, in every mode, in any pieces", async () => {
  const messages = [0, 1, 5, 7, 8, 127, 128, 300, 1024, 1025, 5000, 40_000, 100_000].flatMap((size) => [
    new Uint8Array(size),
    noise(size),
    toUtf8(text(size)),
  ]);
  for (let i = 0; i < 400; i++) messages.push(toUtf8(json(i)));
  for (const options of modes) {
    const bytes = await encodeAll(messages, options);
    const saved = 1 - bytes.length / messages.reduce((sum, { length }) => sum + length + 5, 0);
    assert.ok(options.compression ? saved > 0.5 : saved === 0, `${options.compression} saved ${saved}`);
    for (const size of [() => bytes.length, () => 1 + random(20_000), () => 1 + random(9)]) {
      const decoded = await decodeAll(cut(bytes, size), options);
      assert.equal(decoded.length, messages.length);
      for (const [i, message] of messages.entries()) {
        if (!equalBytes(decoded[i], message)) assert.fail(`message ${i} of ${JSON.stringify(options)}`);
        assert.equal(decoded[i].byteLength, decoded[i].buffer.byteLength, "an array of its own");
      }
    }
  }
});

test("codec: no message grows by more than its header, and incompressible ones are left alone", async () => {
  for (const options of modes) {
    const { encoder } = messageCodec(options);
    for (let i = 0; i < 150; i++) {
      const message = noise(random(4000));
      const length = (await encoder.encode(message)).reduce((sum, part) => sum + part.length, 0);
      assert.ok(length <= message.length + 5);
    }
    const large = noise(20_000);
    const [first, second] = await encoder.encode(large);
    assert.equal(first[0], 0);
    assert.equal(second, large);
  }
});

test("codec: a message kept out of compression stays out of the streaming context", async () => {
  const { encoder } = messageCodec({ compression: "stream" });
  const secret = toUtf8("Q7x:fL2!vK9#zR4@mT6$wB8%");
  const frames: Uint8Array[] = [];
  for (const compress of [false, true, true]) frames.push(concat(...await encoder.encode(secret, compress)));
  const [outside, first, again] = frames;
  assert.equal(outside[0], 0);
  assert.equal(first[0], 2, "the first to enter the context has nothing to refer to");
  assert.equal(again[0], 3);
  assert.ok(again.length < 14);
  assert.equal((await decodeAll(frames, { compression: "stream" })).length, 3);
});

test("codec: small messages in a streaming context shrink to a fraction", async () => {
  const messages = Array.from({ length: 2000 }, (_, i) => toUtf8(json(i)));
  const plain = (await encodeAll(messages, {})).length;
  assert.ok((await encodeAll(messages, { compression: "stream" })).length < 0.4 * plain);
  assert.ok((await encodeAll(messages, { compression: "message", dictionary })).length < 0.7 * plain);
});

test("codec: a dictionary and the bytes of a frame are copied, also from a Node Buffer", async () => {
  const shared = Buffer.from(dictionary);
  const { encoder, decoder } = messageCodec({ compression: "message", dictionary: shared });
  shared.fill(0); // zeros in a message would now match it
  for (
    const message of [
      toUtf8(json(3)),
      concat(dictionary, noise(1000)),
      concat(new Uint8Array(99), noise(1000)),
    ]
  ) {
    const encoded = Buffer.from(await encodeAll([message], { compression: "message", dictionary }));
    assert.equal(toHex(concat(...await encoder.encode(message))), toHex(encoded));
    decoder.push(encoded);
    const frame = decoder.next()!;
    encoded.fill(0);
    assert.deepEqual(await decoder.decode(frame), message);
  }
});

test("codec: matches reach to the far end of the window, and no farther", async () => {
  const once = noise(500);
  const filler = noise(1000);
  for (const distance of [32_766, 32_767, 32_768, 32_769, 40_000]) {
    const messages = [once];
    for (let left = distance - once.length; left > 0; left -= 1000) {
      messages.push(filler.map((byte) => byte ^ random(256)).subarray(0, left));
    }
    messages.push(once);
    const bytes = await encodeAll(messages, { compression: "stream" });
    const decoded = await decodeAll([bytes], { compression: "stream" });
    assert.ok(decoded.every((message, i) => equalBytes(message, messages[i])));
    assert.equal(bytes.at(-505) === 2, distance > 32_767, `${distance} bytes back`);
  }
});

test("codec: the size limit holds for the length in a header and for the inflated length", async () => {
  const limits = { maxMessageSize: 1000, compression: "message" } as const;
  assert.equal((await decodeAll([await encodeAll([noise(1000)], {})], limits))[0].length, 1000);
  await channelError(async () => decodeAll([await encodeAll([noise(1001)], {})], limits), "limit");
  await channelError(() => decodeAll([fromHex("00ffffffff")], {}), "limit");
  await channelError(() => decodeAll([fromHex("0001000001")], {}), "limit");
  const exact = await encodeAll([new Uint8Array(1000)], limits);
  assert.equal(exact[0], 1);
  assert.equal((await decodeAll([exact], limits))[0].length, 1000);
  const bombs = [
    await encodeAll([new Uint8Array(1001)], limits),
    await encodeAll([new Uint8Array(10_000_000)], limits),
  ];
  for (const bomb of bombs) {
    assert.ok(bomb.length < 50_000);
    const error = await channelError(
      () => decodeAll([bomb], { compression: "message", maxMessageSize: Math.max(1000, bomb.length) }),
      "limit",
    );
    assert.match(error.message, /inflates/);
  }
  for (const size of [0, 32_769]) {
    assert.throws(() => checkCodecOptions({ dictionary: new Uint8Array(size) }), RangeError);
  }
});

test("codec: the limit holds after a window, which has room for more", async () => {
  const maxMessageSize = 2000;
  for (const compression of ["message", "stream"] as const) {
    for (const dictionary of [undefined, new Uint8Array(100)]) {
      const options = { compression, dictionary };
      const { encoder } = messageCodec(options);
      const { decoder } = messageCodec({ ...options, maxMessageSize });
      for (let i = 0; i < 75; i++) {
        const message = new Uint8Array(1920).fill(i);
        for (const part of await encoder.encode(message)) decoder.push(part);
        assert.deepEqual(await decoder.decode(decoder.next()!), message);
      }
      for (const part of await encoder.encode(new Uint8Array(2001))) decoder.push(part);
      await channelError(async () => await decoder.decode(decoder.next()!), "limit");
    }
  }
});

test("codec: the memory of an incomplete message at most doubles, by 64 KiB at least and 1 MiB at most", async () => {
  const message = noise(3_500_000);
  const { decoder } = messageCodec({});
  let arrived = -5; // the header
  for (const piece of cut(await encodeAll([message], {}), () => 30_011)) {
    decoder.push(piece);
    arrived += piece.length;
    if (arrived === message.length) break;
    assert.ok(
      decoder.held >= arrived && decoder.held < arrived + Math.min(Math.max(arrived, 65_536), 1 << 20),
    );
  }
  decoder.giveUp(); // it is whole
  const whole = await decoder.decode(decoder.next()!);
  assert.ok(equalBytes(whole, message));
  assert.equal(whole.buffer.byteLength, message.length);
  assert.equal(decoder.held, 0);
});

test(
  "codec: memory grows with the bytes that arrive, not with the length in a header",
  { on: ["node"] },
  async () => {
    const before = process.memoryUsage().arrayBuffers;
    const codecs = await Promise.all(Array.from({ length: 200 }, () => messageCodec({})));
    for (const { decoder } of codecs) decoder.push(fromHex("000100000000"));
    assert.ok(process.memoryUsage().arrayBuffers - before < 200 * 70_000);
  },
);

test("codec: accepts only the flags that were agreed on", async () => {
  const agreed = { off: [0], message: [0, 1], stream: [0, 2, 3] };
  const body = { 0: "", 1: "0300", 2: "", 3: "0300" }; // 0300 is an empty stream
  for (const compression of ["off", "message", "stream"] as const) {
    for (let flags = 0; flags < 256; flags++) {
      if (flags >= 4 && flags <= 6) continue; // control frames
      const payload = fromHex(body[flags as 0] ?? "");
      const frame = Uint8Array.of(flags, 0, 0, 0, payload.length, ...payload);
      if (agreed[compression].includes(flags)) {
        assert.deepEqual(await decodeAll([frame], { compression }), [new Uint8Array(0)]);
      } else await channelError(() => decodeAll([frame], { compression }), "protocol");
    }
  }
});

test("codec: control frames may always come, and have no payload", async () => {
  for (const options of modes) {
    for (const flags of Object.values(Control)) {
      const { decoder } = messageCodec(options);
      decoder.push(Uint8Array.of(flags, 0, 0, 0, 0));
      assert.deepEqual(decoder.next(), { flags, payload: new Uint8Array(0) });
      assert.equal(decoder.next(), null);
      decoder.push(Uint8Array.of(flags, 0, 0, 0, 1));
      await channelError(() => decoder.next(), "protocol");
    }
  }
});

test("codec: an end in the middle of a message is distinguished from an end after a message", async () => {
  const bytes = await encodeAll([toUtf8("one"), toUtf8("two")], {});
  for (let length = 0; length <= bytes.length; length++) {
    const decode = () => decodeAll([bytes.subarray(0, length)], {});
    if (length % 8 === 0) assert.equal((await decode()).length, length / 8);
    else await channelError(decode, "truncated");
  }
});

test("codec: flipped, cut and random bytes give messages or a ChannelError, and nothing else", async () => {
  const messages = [toUtf8(text(2000)), toUtf8(json(1)), noise(50), toUtf8(text(300)), toUtf8(json(2))];
  let refused = 0;
  const attempt = async (bytes: Uint8Array, options: CodecOptions) => {
    try {
      await decodeAll([bytes], { ...options, maxMessageSize: 100_000 });
    } catch (error) {
      if (!(error instanceof ChannelError)) throw error;
      refused++;
    }
  };
  for (const options of modes) {
    const bytes = await encodeAll(messages, options);
    for (let i = 0; i < bytes.length; i++) {
      const damaged = bytes.slice();
      damaged[i] ^= 1 << random(8);
      await attempt(damaged, options);
    }
    for (let i = 0; i < 500; i++) {
      const payload = noise(random(200));
      await attempt(
        Uint8Array.of(options.compression === "stream" ? 3 : 1, 0, 0, 0, payload.length, ...payload),
        options,
      );
    }
  }
  assert.ok(refused > 1000);
});
