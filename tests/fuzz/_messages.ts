/** Targets above and below a session: frames, compression, prefaces, WebSockets, and the first bytes of a client. */
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { accept } from "../../mod.ts";
import { concat, EMPTY, equalBytes, toUtf8 } from "../../src/bytes.ts";
import { ChannelError } from "../../src/errors.ts";
import { messageCodec } from "../../src/message/agreed_codec.ts";
import { Control, frameParts } from "../../src/message/frame.ts";
import { Inflater } from "../../src/message/deflate/inflate.ts";
import { HandshakeState, protocolByName } from "../../src/noise/mod.ts";
import { decodeAgreedMode, encodePreface, readAnswer, readPreface } from "../../src/preface.ts";
import { readProxyHeader } from "../../src/transport/proxy_protocol.ts";
import { encodeFrame, FrameParser, OPCODE } from "../../src/transport/websocket/frames.ts";
import { acceptWebSocket, openWebSocket } from "../../src/transport/websocket/handshake.ts";
import type { Transport } from "../../src/connection.ts";
import { Wire } from "../../src/wire.ts";
import { offers } from "../_kit/offers.ts";
import { fixedRandom, oneSided } from "../_kit/replay.ts";
import { client, server } from "../noise/_ways.ts";
import type { FuzzTarget } from "./_target.ts";

/** The limit on inflated messages, in bytes, at which a decompression bomb must stop. */
const LIMIT = 100_000;
const text = toUtf8("the quick brown fox and the quick brown dog ".repeat(20));
const deflated = (level: number, bytes = text): Uint8Array =>
  new Uint8Array(deflateRawSync(bytes, { level }));

async function drain({ readable }: Transport): Promise<number> {
  const reader = readable.getReader();
  let length = 0;
  for (let read = await reader.read(); !read.done; read = await reader.read()) length += read.value.length;
  return length;
}

const frame = (flags: number, payload: Uint8Array): Uint8Array => concat(...frameParts({ flags, payload }));

async function readFrames(mode: "message" | "stream", bytes: Uint8Array): Promise<void> {
  const { decoder } = messageCodec({ compression: mode, maxMessageSize: LIMIT });
  for (let start = 0; start < bytes.length; start += 50) {
    decoder.push(bytes.subarray(start, start + 50));
    for (let next = decoder.next(); next !== null; next = decoder.next()) {
      const { length } = await decoder.decode(next);
      if (length > LIMIT) throw new Error("a message is over the limit");
    }
  }
}

/** Inflates a stream with zlib. Returns undefined if zlib refuses it. */
function byZlib(input: Uint8Array): Uint8Array | undefined {
  try {
    return new Uint8Array(inflateRawSync(input, { maxOutputLength: LIMIT }));
  } catch {
    return undefined;
  }
}

/**
 * This library's inflater must give the same result as zlib, and accept nothing that zlib refuses. Only zlib accepts bytes
 * after the stream.
 */
async function inflateAsZlib(input: Uint8Array): Promise<void> {
  const expected = byZlib(input);
  let actual: Uint8Array | ChannelError;
  try {
    actual = await new Inflater(LIMIT).inflate(input);
  } catch (error) {
    if (!(error instanceof ChannelError)) throw error;
    actual = error;
  }
  const isWhole = expected !== undefined && byZlib(input.subarray(0, -1)) === undefined;
  if (actual instanceof ChannelError) {
    if (isWhole) throw new Error(`zlib takes it: ${actual.message}`);
    throw actual;
  }
  if (expected === undefined || !equalBytes(actual, expected)) throw new Error("zlib gives something else");
}

const PATTERNS = ["NN", "NNpsk0", "NK", "KK", "IK", "XX"] as const;

function responder(pattern: typeof PATTERNS[number]): HandshakeState {
  return new HandshakeState(protocolByName(`Noise_${pattern}_25519_ChaChaPoly_SHA256`), {
    initiator: false,
    random: fixedRandom(2),
    ...(pattern.startsWith("NN") ? {} : { s: server }),
    ...(pattern === "KK" && { rs: client.publicKey }),
    ...(pattern === "NNpsk0" && { psks: [new Uint8Array(32)] }),
  });
}

function initiator(pattern: typeof PATTERNS[number]): HandshakeState {
  return new HandshakeState(protocolByName(`Noise_${pattern}_25519_ChaChaPoly_SHA256`), {
    initiator: true,
    random: fixedRandom(1),
    ...(["KK", "IK", "XX"].includes(pattern) && { s: client }),
    ...(["NK", "KK", "IK"].includes(pattern) && { rs: server.publicKey }),
    ...(pattern === "NNpsk0" && { psks: [new Uint8Array(32)] }),
  });
}

const HEAD = "GET /channel HTTP/1.1\r\nHost: host.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nOrigin: https://host.example\r\n\r\n";
const ANSWER = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
  "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
const hello = encodeFrame(OPCODE.binary, toUtf8("hello"), "client");

export const MESSAGE_TARGETS: readonly FuzzTarget[] = [
  {
    name: "frames",
    run: (bytes) => readFrames("message", bytes),
    seeds: [
      concat(
        frame(0, text),
        frame(1, deflated(9)),
        frame(Control.keepAlive, EMPTY),
        frame(Control.end, EMPTY),
      ),
    ],
  },
  {
    name: "frames in a stream",
    run: (bytes) => readFrames("stream", bytes),
    seeds: [concat(frame(3, deflated(9)), frame(2, text), frame(0, text), frame(3, deflated(1)))],
  },
  {
    name: "inflate",
    run: inflateAsZlib,
    seeds: [deflated(0), deflated(1), deflated(9), deflated(9, new Uint8Array(200_000)), Uint8Array.of(3, 0)],
  },
  {
    name: "noise message",
    run: ([which, ...message]) =>
      responder(PATTERNS[(which ?? 0) % PATTERNS.length]).readMessage(Uint8Array.from(message)),
    seeds: PATTERNS.map((pattern, index) =>
      concat(Uint8Array.of(index), initiator(pattern).writeMessage(text))
    ),
  },
  {
    name: "preface",
    run: async (bytes) => {
      const wire = new Wire(oneSided([bytes]));
      const { compression } = await readPreface(wire);
      await readAnswer(wire);
      decodeAgreedMode(await wire.take(1), compression);
    },
    seeds: [0, 1, 2].map((request) =>
      concat(encodePreface(request, { mode: "message" }), Uint8Array.of(0, 1))
    ),
  },
  {
    name: "websocket frames to a server",
    run: (bytes) => [...new FrameParser("server").parse(bytes)],
    seeds: [
      concat(
        hello,
        encodeFrame(OPCODE.ping, text.subarray(0, 9), "client"),
        encodeFrame(OPCODE.close, Uint8Array.of(3, 232), "client"),
      ),
    ],
  },
  {
    name: "websocket frames to a client",
    run: (bytes) => [...new FrameParser("client").parse(bytes)],
    seeds: [
      concat(
        encodeFrame(OPCODE.binary, text, "server"),
        encodeFrame(OPCODE.close, Uint8Array.of(3, 232), "server"),
      ),
    ],
  },
  {
    name: "websocket request",
    run: (bytes) => drain(acceptWebSocket(oneSided([bytes]), { paths: ["/channel"] })),
    seeds: [concat(toUtf8(HEAD), hello)],
  },
  {
    name: "websocket answer",
    run: async (bytes) =>
      drain(await openWebSocket(oneSided([bytes]), new URL("ws://host.example/channel"), {})),
    seeds: [toUtf8(ANSWER)],
  },
  {
    name: "proxy header",
    run: readProxyHeader,
    seeds: [
      toUtf8("PROXY TCP4 192.0.2.1 192.0.2.2 40000 443\r\n"),
      toUtf8("PROXY TCP6 2001:db8::1 2001:db8::2 40000 443\r\n"),
      concat(
        toUtf8("\r\n\r\n\0\r\nQUIT\n"),
        Uint8Array.of(0x21, 0x11, 0, 12, 192, 0, 2, 1, 192, 0, 2, 2, 156, 64, 1, 187),
      ),
      concat(
        toUtf8("\r\n\r\n\0\r\nQUIT\n"),
        Uint8Array.of(0x21, 0x21, 0, 39),
        new Uint8Array(36),
        Uint8Array.of(4, 0, 0),
      ),
    ],
  },
  {
    name: "accept",
    run: async (bytes) => await (await accept(oneSided([bytes]), { security: offers })).receive(),
    seeds: [
      concat(encodePreface(0, { mode: "message" }), Uint8Array.of(0, 6), frame(0, toUtf8("a"))),
      encodePreface(1, { mode: "message" }),
      Uint8Array.of(22, 3, 1, 0, 4, 1, 0, 0, 0),
    ],
  },
];
