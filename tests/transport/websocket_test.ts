import { execFile } from "node:child_process";
import process from "node:process";
import { promisify } from "node:util";
import { WebSocket as WsClient, WebSocketServer } from "ws";
import { assert, channelError, runtime, test } from "../_kit/mod.ts";
import { listenWebSocket } from "../../src/transport/node.ts";
import {
  type BunWebSocketHandlers,
  bunWebSocketHandlers,
  type WebSocketEvent,
  type WebSocketLike,
  webSocketTransport,
} from "../../src/transport/websocket.ts";
import { serveTransports } from "../../src/server.ts";
import type { Transport } from "../../src/wire.ts";
import { deferred, echoed, numbered, pause, readAll, takenWithoutReader } from "./_streams.ts";

interface Server {
  readonly url: string;
  close(): unknown;
}

interface DenoServer {
  readonly addr: { readonly port: number };
  shutdown(): Promise<void>;
}

interface Runtimes {
  readonly Deno: {
    serve(options: object, handler: (request: Request) => Response): DenoServer;
    upgradeWebSocket(request: Request): { socket: WebSocket; response: Response };
  };
  readonly Bun: {
    serve(options: {
      port: number;
      hostname: string;
      fetch: (request: Request, server: { upgrade(request: Request): boolean }) => Response | undefined;
      websocket: BunWebSocketHandlers;
    }): { port: number; stop(force: boolean): void };
  };
}

/** The server's end of WebSockets as each runtime has it; the ws package on Node. */
async function serve(onTransport: (transport: Transport) => void): Promise<Server> {
  const { Deno, Bun } = globalThis as unknown as Runtimes;
  if (runtime === "deno") {
    const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, (request) => {
      const { socket, response } = Deno.upgradeWebSocket(request);
      onTransport(webSocketTransport(socket));
      return response;
    });
    return { url: `ws://127.0.0.1:${server.addr.port}/`, close: () => void server.shutdown() };
  }
  if (runtime === "bun") {
    const server = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch: (request, server) => server.upgrade(request) ? undefined : new Response("", { status: 426 }),
      websocket: bunWebSocketHandlers(onTransport),
    });
    return { url: `ws://127.0.0.1:${server.port}/`, close: () => server.stop(true) };
  }
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  await new Promise((listening) => server.once("listening", listening));
  server.on("connection", (socket) => onTransport(webSocketTransport(socket)));
  return {
    url: `ws://127.0.0.1:${(server.address() as { port: number }).port}/`,
    close: () => {
      for (const client of server.clients) client.terminate();
      server.close();
    },
  };
}

/** The client's end as each runtime has it; the ws package on Node 20. */
function connect(url: string): Transport {
  return "WebSocket" in globalThis ? webSocketTransport(url) : webSocketTransport(new WsClient(url));
}

test("websocket: the runtime's own client and server, both ways, to an orderly end", async () => {
  const ended: unknown[] = [];
  const server = await serve(({ readable, writable }) =>
    readable.pipeTo(writable).then(() => ended.push("ended"), (error) => ended.push(error))
  );
  await echoed(connect(server.url), numbered(700_000));
  await echoed(connect(server.url), numbered(1));
  while (ended.length < 2) await pause(5);
  assert.deepEqual(ended, ["ended", "ended"]);
  await server.close();
});

test("websocket: the runtime's own client with our server over TCP", async () => {
  const listener = await listenWebSocket();
  const running = serveTransports(listener, {}, ({ readable, writable }) => readable.pipeTo(writable));
  await echoed(connect(`ws://127.0.0.1:${listener.port}/`), numbered(700_000));
  await running.close();
});

test("websocket: an abort at either end is an error at the other", async () => {
  const { promise: taken, resolve } = deferred<Transport>();
  const server = await serve(resolve);
  const client = connect(server.url);
  const peer = await taken;
  await client.writable.abort();
  await channelError(() => readAll(peer), "transport");
  await channelError(() => readAll(client), "transport");
  await channelError(() => peer.writable.getWriter().write(numbered(1)), "transport");
  await server.close();
});

test("websocket: a peer that does not read holds the writer", async () => {
  const listener = await listenWebSocket();
  const running = serveTransports(listener, {}, () => new Promise(() => {}));
  const client = connect(`ws://127.0.0.1:${listener.port}/`);
  const taken = await takenWithoutReader(client, 100_000, 200_000_000);
  assert.ok(taken < 20_000_000, `${taken} bytes were taken`);
  await running.close({ grace: 0 });
});

test("websocket: a ws socket is paused while nobody reads", { on: ["node"] }, async () => {
  const { promise: taken, resolve } = deferred<Transport>();
  const server = await serve(resolve);
  const client = connect(server.url);
  const sent = await takenWithoutReader(client, 100_000, 200_000_000);
  assert.ok(sent < 20_000_000, `${sent} bytes were taken`);
  const reader = (await taken).readable.getReader();
  for (let length = 0; length < sent;) length += (await reader.read()).value!.length;
  await server.close();
});

test("websocket: nobody is there", async () => {
  const client = connect("ws://127.0.0.1:9/");
  const writing = client.writable.getWriter().write(numbered(1));
  await channelError(() => readAll(client), "transport");
  await channelError(() => writing, "transport");
});

/** A WebSocket whose events are made by the test. */
class Played implements WebSocketLike {
  readyState = 1;
  bufferedAmount = 0;
  binaryType = "blob";
  closedWith: number | undefined;
  readonly sent: number[] = [];
  readonly #listeners = new Map<string, ((event: WebSocketEvent) => void)[]>();

  send(data: Uint8Array): void {
    this.sent.push(data.length);
    this.bufferedAmount += data.length;
  }

  close(code?: number): void {
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
  const texted = new Played();
  const transport = webSocketTransport(texted);
  assert.equal(texted.binaryType, "arraybuffer");
  texted.play("message", { data: "text" });
  await channelError(() => readAll(transport), "protocol");
  assert.equal(texted.closedWith, 4003);

  for (
    const [code, orderly] of [[1000, true], [1001, true], [1005, true], [1006, false], [4000, false]] as const
  ) {
    const socket = new Played();
    const { readable, writable } = webSocketTransport(socket);
    socket.play("message", { data: new Uint8Array([1]).buffer });
    socket.readyState = 3;
    socket.play("close", { code, reason: "why" });
    const reader = readable.getReader();
    if (orderly) {
      assert.deepEqual((await reader.read()).value, new Uint8Array([1]));
      assert.equal((await reader.read()).done, true);
      await channelError(() => writable.getWriter().write(numbered(1)), "transport");
    } else {assert.match(
        (await channelError(() => reader.read(), "transport")).message,
        new RegExp(`${code}: why`),
      );}
  }
  const gone = new Played();
  gone.readyState = 3;
  await channelError(() => webSocketTransport(gone), "closed");
});

test("websocket: what cannot be told to wait is cut off at the limit", async () => {
  const socket = new Played();
  const transport = webSocketTransport(socket, { maxQueued: 200_000 });
  for (let i = 0; i < 2; i++) socket.play("message", { data: new ArrayBuffer(100_000) });
  assert.equal(socket.closedWith, undefined);
  socket.play("message", { data: new ArrayBuffer(1) });
  assert.equal(socket.closedWith, 4009);
  await channelError(() => readAll(transport), "limit");
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

test("websocket: WebSocketStream, which Deno has behind a flag", { on: ["deno"] }, async () => {
  const program = new URL("_websocket_stream.ts", import.meta.url).pathname;
  const options = ["run", "-A", "--no-check", "--unstable-net"];
  const { stdout } = await promisify(execFile)(process.execPath, [...options, program]);
  assert.match(stdout, /all went well/);
});
