/** The message layer alone: framing, and its DEFLATE compared with fflate's. */
import { deflateSync, inflateSync } from "fflate/browser";
import { concat, toUtf8 } from "../src/bytes.ts";
import { type CodecOptions, messageCodec } from "../src/message/agreed_codec.ts";
import { Inflater } from "../src/message/deflate/inflate.ts";
import { json, noise, text } from "../tests/message/_samples.ts";
import { compare } from "./_kit.ts";

export const name = "The message layer";

export async function run(): Promise<void> {
  console.log("\n  framing: encoded and decoded");
  await framing();
  console.log("\n  small JSON messages, compressed and inflated");
  await smallMessages();
  console.log("\n  inflating a text of a megabyte");
  await inflating();
}

async function framing(): Promise<void> {
  const small = Array.from({ length: 100 }, () => noise(64));
  const large = noise(1_000_000);
  await compare({ "64-byte messages": await passing({}, small) }, {
    unit: { name: "messages/s", perOperation: small.length },
  });
  await compare({
    "not compressed": await passing({}, [large]),
    "compression on, data that does not compress": await passing({ compression: "message" }, [large]),
  }, { unit: { name: "MB/s", perOperation: 1 } });
}

async function smallMessages(): Promise<void> {
  const messages = Array.from({ length: 200 }, (_, i) => toUtf8(json(i)));
  const dictionary = concat(...messages.slice(0, 20));
  const size = messages.reduce((sum, { length }) => sum + length, 0);
  const { encoder } = messageCodec({ compression: "stream" });
  let sent = 0;
  for (const message of messages) for (const { length } of await encoder.encode(message)) sent += length;
  console.log(`  a stream takes ${Math.round(100 * sent / size)} % of the bytes, headers counted`);
  await compare({
    "a stream": await passing({ compression: "stream" }, messages),
    "each for itself, with a dictionary": await passing({ compression: "message", dictionary }, messages),
    "each for itself, with a dictionary, by fflate": () => {
      for (const message of messages) inflateSync(deflateSync(message, { dictionary }), { dictionary });
    },
  }, { unit: { name: "messages/s", perOperation: messages.length } });
}

async function inflating(): Promise<void> {
  const deflated = deflateSync(toUtf8(text(1_000_000)));
  const inflater = new Inflater(1 << 20);
  await compare({
    "bounded and strict": async () => void await inflater.inflate(deflated),
    "fflate's": () => void inflateSync(deflated),
  }, { unit: { name: "MB/s", perOperation: 1 } });
}

/** Encodes messages and decodes them again. */
async function passing(
  options: CodecOptions,
  messages: readonly Uint8Array[],
): Promise<() => Promise<void>> {
  const { encoder, decoder } = messageCodec(options);
  return async () => {
    for (const message of messages) {
      for (const part of await encoder.encode(message)) decoder.push(part);
      await decoder.decode(decoder.next()!);
    }
  };
}
