import { assert, channelError, test } from "../_kit/mod.ts";
import {
  type WebSocketEvent,
  type WebSocketLike,
  webSocketTransport,
} from "../../src/transport/websocket/mod.ts";
import { numbered, pause, readAll } from "./_streams.ts";

/** A WebSocket whose events are made by the test. */
class Played implements WebSocketLike {
  readyState = 1;
  bufferedAmount = 0;
  binaryType = "blob";
  closedWith: number | undefined;
  readonly sent: number[] = [];
  readonly #browser: boolean;
  readonly #listeners = new Map<string, ((event: WebSocketEvent) => void)[]>();

  /** A browser's WebSocket keeps the registered close codes to itself. */
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
    socket.play("message", { data: new Uint8Array([1]).buffer });
    socket.readyState = 3;
    socket.play("close", { code, reason: "why" });
    const reader = readable.getReader();
    if (meaning === null) {
      assert.deepEqual((await reader.read()).value, new Uint8Array([1]));
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

test("websocket: what cannot be told to wait is cut off at the limit", async () => {
  for (const [length, count] of [[100_000 - 128, 2], [0, Math.floor(200_000 / 128)]]) {
    const socket = new Played();
    const transport = webSocketTransport(socket, { maxQueued: 200_000 });
    for (let i = 0; i < count; i++) socket.play("message", { data: new ArrayBuffer(length) });
    assert.equal(socket.closedWith, undefined);
    socket.play("message", { data: new ArrayBuffer(1) });
    assert.equal(socket.closedWith, 1009);
    await channelError(() => readAll(transport), "limit");
  }
});

test("websocket: writes are cut into messages, and wait for what is buffered", async () => {
  const socket = new Played();
  const writer = webSocketTransport(socket).writable.getWriter();
  let written = false;
  const writing = writer.write(new Uint8Array(2_000_000)).then(() => written = true);
  await pause(30);
  assert.equal(written, false);
  assert.equal(socket.sent.length, 17); // the first beyond a mebibyte
  assert.equal(Math.max(...socket.sent), 65_535);
  assert.equal(Math.min(...socket.sent), 65_535);
  for (let i = 0; i < 100 && !written; i++) {
    socket.bufferedAmount = 0;
    await pause(5);
  }
  await writing;
  assert.equal(socket.sent.reduce((sum, length) => sum + length, 0), 2_000_000);
});
