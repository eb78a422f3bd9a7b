import { assert, channelError, test } from "../_kit/mod.ts";
import {
  type WebSocketEvent,
  type WebSocketLike,
  webSocketListener,
  webSocketTransport,
} from "../../src/transport/websocket/mod.ts";
import { toUtf8 } from "../../src/bytes.ts";
import { memoryPair } from "../../src/transport/memory.ts";
import { STEP } from "../../src/transport/websocket/credits.ts";
import { closePayload, encodeFrame, FrameParser, OPCODE } from "../../src/transport/websocket/frames.ts";
import { acceptWebSocket } from "../../src/transport/websocket/handshake.ts";
import { FramedTransport } from "../../src/transport/websocket/stream.ts";
import type { Transport } from "../../src/connection.ts";
import { Wire } from "../../src/wire.ts";
import { numbered, pause, read, readAll, write, writeAll } from "./_streams.ts";

const MEBIBYTE = 1024 * 1024;

/** A WebSocket whose events are made by the test. */
class Played implements WebSocketLike {
  readyState = 1;
  bufferedAmount = 0;
  binaryType = "blob";
  closedWith: number | undefined;
  readonly sent: number[] = [];
  readonly #browser: boolean;
  readonly #listeners = new Map<string, ((event: WebSocketEvent) => void)[]>();

  /** A browser's WebSocket reserves the registered close codes. */
  constructor(browser = false) {
    this.#browser = browser;
  }

  send(data: Uint8Array): void {
    this.sent.push(data.length);
    this.bufferedAmount += data.length;
  }

  close(code = 1000): void {
    if (this.#browser && code !== 1000 && code < 3000) throw new Error("InvalidAccessError");
    this.closedWith ??= code;
  }

  addEventListener(type: string, listener: (event: WebSocketEvent) => void): void {
    this.#listeners.set(type, [...this.#listeners.get(type) ?? [], listener]);
  }

  /** Opens the socket. As in browsers, what one listener causes happens before the next is called. */
  async open(): Promise<void> {
    this.readyState = 1;
    for (const listener of this.#listeners.get("open") ?? []) {
      listener({});
      await pause(0);
    }
  }

  play(type: string, event: WebSocketEvent): void {
    for (const listener of this.#listeners.get(type) ?? []) listener(event);
  }
}

test("websocket: text is refused, close codes are told apart", async () => {
  for (const browser of [false, true]) {
    const texted = new Played(browser);
    const transport = webSocketTransport(texted);
    assert.equal(texted.binaryType, "arraybuffer");
    texted.play("message", { data: "text" });
    assert.match((await channelError(() => readAll(transport), "protocol")).message, /text/);
    await channelError(() => transport.writable.getWriter().write(numbered(1)), "protocol");
    assert.equal(texted.closedWith, browser ? 4003 : 1003);
  }

  const meanings = {
    1000: null,
    1001: null,
    1005: null,
    1002: " (protocol error)",
    1006: " (the connection was lost, or never made)",
    1009: " (message too big)",
    1011: " (internal error)",
    4011: "",
  };
  for (const [key, meaning] of Object.entries(meanings)) {
    const code = Number(key);
    const socket = new Played();
    const { readable, writable } = webSocketTransport(socket);
    for (const byte of [1, 2]) socket.play("message", { data: new Uint8Array([byte]).buffer });
    socket.readyState = 3;
    socket.play("close", { code, reason: "why" });
    const reader = readable.getReader();
    for (const byte of [1, 2]) assert.deepEqual((await reader.read()).value, new Uint8Array([byte]));
    if (meaning === null) {
      assert.equal((await reader.read()).done, true);
      await writable.getWriter().write(numbered(1)); // goes nowhere
    } else {
      const message = `the WebSocket was closed with code ${code}${meaning}: why`;
      assert.equal((await channelError(() => reader.read(), "transport")).message, message);
      assert.equal(
        (await channelError(() => writable.getWriter().write(numbered(1)), "transport")).message,
        message,
      );
    }
  }
  if (typeof WebSocket !== "function") {
    assert.throws(() => webSocketTransport("ws://127.0.0.1:1/"), /this platform has no WebSocket/);
  }
  const gone = new Played();
  gone.readyState = 3;
  await channelError(() => webSocketTransport(gone), "closed");
});

test("websocket: a client offers credits before its first bytes, so that the peer knows of them when it answers", async () => {
  const socket = new Played();
  socket.readyState = 0;
  const writing = webSocketTransport(socket).writable.getWriter().write(numbered(1));
  await pause(0);
  await socket.open();
  await writing;
  assert.deepEqual(socket.sent, [0, 1]);
});

/** One end of a WebSocket in memory, which delivers its messages to the other end after a delay. */
class Joined extends Played {
  other!: Joined;
  bytesSent = 0;

  override send(data: Uint8Array): void {
    this.sent.push(data.length);
    this.bytesSent += data.length;
    const copy = data.slice().buffer;
    queueMicrotask(() => this.other.play("message", { data: copy }));
  }

  override close(code = 1000): void {
    if (this.readyState === 3) return;
    this.readyState = 3;
    queueMicrotask(() => {
      this.play("close", { code });
      this.other.close(code);
    });
  }
}

/** Two transports over the ends of a WebSocket, each with a quarter of `maxQueued` as the other's window. */
function joined(maxQueued = MEBIBYTE): { a: Joined; b: Joined; here: Transport; there: Transport } {
  const [a, b] = [new Joined(), new Joined()];
  [a.other, b.other] = [b, a];
  return { a, b, here: webSocketTransport(a, { maxQueued }), there: webSocketTransport(b, { maxQueued }) };
}

test("websocket: a slow reader holds a peer of this library, in both directions at once, and gets everything", async () => {
  const { a, b, here, there } = joined();
  const bytes = numbered(700_000);
  const writing = [write(here, bytes, 100_000), write(there, bytes, 7_001)];
  await pause(20);
  for (const { bytesSent } of [a, b]) assert.ok(bytesSent <= STEP + 65_535, `${bytesSent} bytes were sent`);
  for (const end of [here, there]) assert.deepEqual(await read(end, bytes.length), bytes);
  await Promise.all(writing);
  await here.writable.close();
});

test("websocket: messages of a byte cost credit for the memory that they take", async () => {
  const { a, here, there } = joined();
  const writer = here.writable.getWriter();
  const writing = (async () => {
    for (let i = 0; i < 3_000; i++) await writer.write(numbered(1));
    await writer.close();
  })();
  await pause(20);
  assert.ok(a.bytesSent <= STEP / 129 + 1, `${a.bytesSent} messages were sent`);
  assert.equal((await readAll(there)).length, 3_000);
  await writing;
});

test("websocket: a writer that waits for credit sees the end, an abort and a reader that cancels", async () => {
  const wait = async () => {
    const ends = joined();
    const writer = ends.here.writable.getWriter();
    const writing = writer.write(new Uint8Array(700_000));
    await pause(5);
    return { ...ends, writer, writing };
  };
  const ended = await wait();
  await ended.there.writable.close();
  await ended.writing; // as over TCP, the rest goes nowhere
  const failed = await wait();
  const failing = channelError(() => failed.writing, "transport");
  await failed.there.writable.abort();
  await failing;
  const aborted = await wait();
  const refused = assert.rejects(aborted.writing);
  await aborted.writer.abort(new Error("enough"));
  await refused;
  const dropped = await wait();
  await dropped.there.readable.cancel();
  await dropped.writing;
  assert.equal(dropped.a.bytesSent, 700_000);
});

test("websocket: a peer that sends no grants is not limited, and receives one empty message", async () => {
  const socket = new Played();
  const { readable, writable } = webSocketTransport(socket);
  const writer = writable.getWriter();
  for (let i = 0; i < 100; i++) {
    await writer.write(new Uint8Array(60_000));
    socket.bufferedAmount = 0;
    socket.play("message", { data: new ArrayBuffer(60_000) });
  }
  const reader = readable.getReader();
  for (let i = 0; i < 100; i++) await reader.read();
  assert.deepEqual(socket.sent.filter((length) => length === 0), [0]);
  assert.equal(socket.sent.length, 101);
});

test("websocket: too many grants end the WebSocket", async () => {
  const socket = new Played();
  const transport = webSocketTransport(socket);
  for (let i = 0; i < 64; i++) socket.play("message", { data: new ArrayBuffer(0) });
  assert.equal(socket.closedWith, undefined);
  for (let i = 0; i < 2; i++) socket.play("message", { data: new ArrayBuffer(0) });
  assert.equal(socket.closedWith, 1009);
  const { message } = await channelError(() => readAll(transport), "limit");
  assert.equal(message, "the peer sent 65 empty messages, which grant too much");
  await channelError(() => transport.writable.getWriter().write(numbered(1)), "limit");
});

/** This library's WebSocket as a server, and the client's end, whose frames the test makes. */
function framed() {
  const [near, far] = memoryPair();
  const transport = new FramedTransport(new Wire(near), Promise.resolve(), "server");
  const writer = far.writable.getWriter();
  const [parser, reader] = [new FrameParser("client"), far.readable.getReader()];
  const got = { grants: 0, bytes: 0, closedWith: 0 };
  const reading = (async () => {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      for (const event of parser.parse(next.value)) {
        if (event.type === "data") got.bytes += event.bytes.length;
        if (event.type === "end of message" && event.length === 0) got.grants++;
        if (event.type === "close") got.closedWith = event.code;
      }
    }
  })().catch(() => {});
  const send = (...lengths: number[]) =>
    Promise.all(
      lengths.map((length) => writer.write(encodeFrame(OPCODE.binary, new Uint8Array(length), "client"))),
    );
  const close = (payload: Uint8Array = new Uint8Array(0)) =>
    writer.write(encodeFrame(OPCODE.close, payload, "client"));
  const end = () => writer.close();
  return { transport, got, send, close, end, reading };
}

test("websocket over a transport: a peer's grant is answered, and reaches a writer whose reader does not read", async () => {
  const { transport, got, send, close, reading } = framed();
  const writing = transport.writable.getWriter().write(new Uint8Array(3_000_000));
  await send(0);
  await send(60_000, 60_000, 60_000); // nobody reads them
  while (got.grants < 16) await pause(1);
  await pause(20);
  assert.equal(got.grants, 16);
  const before = got.bytes;
  assert.ok(before < 3_000_000, `${before} bytes were sent`);
  await send(...Array<number>(12).fill(0));
  await writing;
  while (got.bytes < 3_000_000) await pause(1);
  await close();
  assert.equal((await readAll(transport)).length, 180_000);
  await reading;
});

test("websocket over a transport: a peer that ignores its credits, or grants too much, is cut off", async () => {
  for (const lengths of [Array<number>(66).fill(0), [0, ...Array<number>(260).fill(65_535)]]) {
    const { transport, got, send, reading } = framed();
    send(...lengths).catch(() => {}); // it is cut off meanwhile
    if (lengths[1] > 0) {
      await channelError(() => transport.writable.getWriter().write(new Uint8Array(MEBIBYTE)), "limit");
    }
    await channelError(() => readAll(transport), "limit");
    await reading;
    assert.equal(got.closedWith, 1009);
  }
});

test("websocket over a transport: what came before a failure is read first, whether the peer closes or is gone", async () => {
  for (const code of [1011, undefined]) {
    const { transport, send, close, end, reading } = framed();
    await send(3, 2);
    await (code === undefined ? end() : close(closePayload(code)));
    const writer = transport.writable.getWriter();
    await channelError(() => writer.closed, "transport"); // nothing is read until then
    const reader = transport.readable.getReader();
    for (const length of [3, 2]) assert.equal((await reader.read()).value?.length, length);
    const { message } = await channelError(() => reader.read(), "transport");
    assert.match(message, code === undefined ? /without a WebSocket close frame/ : /code 1011/);
    await reading;
  }
});

test("websocket over a transport: a reader that cancels is not needed for the peer's grants and its end", async () => {
  const { transport, got, send, close, reading } = framed();
  await send(0);
  await transport.readable.cancel();
  const writer = transport.writable.getWriter();
  const writing = writer.write(new Uint8Array(1_000_000));
  await send(60_000, 0, 0, 0, 0);
  await writing;
  await close();
  await reading;
  assert.equal(got.bytes, 1_000_000);
  assert.equal(got.closedWith, 1005);
});

test("websocket over a transport: each byte of a long request is checked once, however it is divided", async () => {
  const request = toUtf8(`GET / HTTP/1.1\r\nX: ${"x".repeat(16_000)}\r\n`);
  const { every } = Uint8Array.prototype;
  let looked = 0;
  Uint8Array.prototype.every = function (...parameters) {
    looked += this.length;
    return every.apply(this, parameters);
  };
  try {
    const [client, server] = memoryPair({ recut: (bytes) => [bytes.subarray(0, 1), bytes.subarray(1)] });
    await writeAll(client, request, request.length);
    await channelError(() => readAll(acceptWebSocket(server, {})), "protocol");
  } finally {
    Uint8Array.prototype.every = every;
  }
  assert.ok(looked < 2 * request.length, `${looked} bytes`);
});

test("websocket: a peer that cannot be paused is cut off at the limit", async () => {
  for (const [length, count] of [[100_000 - 128, 2], [1, Math.floor(200_000 / 129)]]) {
    const socket = new Played();
    const transport = webSocketTransport(socket, { maxQueued: 200_000 });
    for (let i = 0; i < count; i++) socket.play("message", { data: new ArrayBuffer(length) });
    assert.equal(socket.closedWith, undefined);
    socket.play("message", { data: new ArrayBuffer(1) });
    assert.equal(socket.closedWith, 1009);
    await channelError(() => readAll(transport), "limit");
  }
  for (const maxQueued of [0, -1, 1.5, Infinity, "1"]) {
    assert.throws(() => webSocketTransport(new Played(), { maxQueued: maxQueued as number }), RangeError);
    assert.throws(() => webSocketListener({ maxQueued: maxQueued as number }), RangeError);
  }
});

test("websocket: writes are split into messages, and wait while too much is buffered", async () => {
  const socket = new Played();
  const writer = webSocketTransport(socket).writable.getWriter();
  let written = false;
  const writing = writer.write(new Uint8Array(2_000_000)).then(() => written = true);
  await pause(30);
  const heldBack = !written;
  const sent = [...socket.sent];
  while (!written) {
    socket.bufferedAmount = 0;
    await pause(5);
  }
  await writing;
  assert.ok(heldBack);
  assert.equal(sent.shift(), 0); // offers credits
  assert.equal(sent.length, 17); // the first beyond a mebibyte
  assert.equal(Math.max(...sent), 65_535);
  assert.equal(Math.min(...sent), 65_535);
  assert.equal(socket.sent.reduce((sum, length) => sum + length, 0), 2_000_000);
});
