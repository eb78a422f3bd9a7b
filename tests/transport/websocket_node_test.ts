import { WebSocket as WsClient, WebSocketServer } from "ws";
import { assert, channelError, test } from "../_kit/mod.ts";
import { until } from "../_kit/until.ts";
import {
  dial,
  dialWebSocket,
  type DialWebSocketOptions,
  listen,
  listenWebSocket,
} from "../../src/transport/node.ts";
import { encodeFrame, type FrameEvent, FrameParser } from "../../src/transport/websocket/frames.ts";
import { serveTransports } from "../../src/server/transport_server.ts";
import { ChannelError } from "../../src/errors.ts";
import { concat, fromHex, toHex, toUtf8 } from "../../src/bytes.ts";
import type { Transport } from "../../src/connection.ts";
import { deferred, echoed, numbered, readAll, takenWithoutReader, writeAll } from "./_streams.ts";

/** A server whose first connection the test uses directly. Its connections stay open until the test ends. */
async function server() {
  const { promise: taken, resolve } = deferred<Transport>();
  const errors: string[] = [];
  const listener = await listenWebSocket();
  const running = serveTransports(listener, {
    onError: (error) => errors.push((error as Error).message),
  }, async ({ readable, writable }, { signal }) => {
    resolve(await opened({ readable, writable }));
    await new Promise((done) => signal.addEventListener("abort", done));
  });
  return {
    listener,
    url: `ws://127.0.0.1:${listener.port}/`,
    taken,
    errors,
    close: () => running.close({ grace: 0 }),
  };
}

/** Waits until a transport of a WebSocket server is open. */
async function opened(transport: Transport): Promise<Transport> {
  const writer = transport.writable.getWriter();
  await writer.write(new Uint8Array(0));
  writer.releaseLock();
  return transport;
}

test("websocket over TCP: bytes both ways, and a close that both ends see", async () => {
  const { url, taken, close } = await server();
  const client = await dialWebSocket(url);
  const peer = await taken;
  const echo = peer.readable.pipeTo(peer.writable);
  await echoed(client, numbered(700_000));
  await echo;
  await close();
});

test("websocket over TCP: a reader that does not read blocks the writer", async () => {
  for (const reversed of [false, true]) {
    const { url, taken, close } = await server();
    const client = await dialWebSocket(url);
    const bytes = await takenWithoutReader(reversed ? await taken : client, 100_000, 200_000_000);
    assert.ok(bytes < 20_000_000, `${bytes} bytes were taken`);
    await close();
  }
});

test("websocket over TCP: a writer continues after it has stopped reading", async () => {
  const { url, taken, close } = await server();
  const client = await dialWebSocket(url);
  const peer = await taken;
  const reading = readAll(peer);
  await client.readable.cancel();
  await writeAll(client, numbered(100_000));
  assert.equal((await reading).length, 100_000);
  await close();
});

test("websocket over TCP: the ws package as the client", async () => {
  const { url, taken, close } = await server();
  const ws = new WsClient(url);
  await new Promise((opened) => ws.once("open", opened));
  const peer = await taken;
  const reader = peer.readable.getReader();
  ws.send(numbered(3), { fin: false });
  ws.send(numbered(300_000), { fin: true });
  ws.ping("are you there?");
  const pong = new Promise((answered) => ws.once("pong", (data: Uint8Array) => answered(data.toString())));
  for (let length = 0; length < 300_003;) length += (await reader.read()).value!.length;
  const next = reader.read();
  assert.equal(await pong, "are you there?");
  const received: Uint8Array[] = [];
  ws.on(
    "message",
    (data: Uint8Array, binary: boolean) => received.push(binary ? new Uint8Array(data) : fromHex("")),
  );
  const closed = new Promise((done) => ws.once("close", (code: number) => done(code)));
  const writer = peer.writable.getWriter();
  await writer.write(numbered(200_000));
  await writer.close();
  assert.equal(await closed, 1000);
  assert.equal((await next).done, true);
  assert.deepEqual(received.map(({ length }) => length), [65_535, 65_535, 65_535, 3395]);
  assert.equal(toHex(concat(...received)), toHex(numbered(200_000)));
  await close();
});

test("websocket over TCP: the ws package as the server, and its close codes", async () => {
  const wss = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  await new Promise((listening) => wss.once("listening", listening));
  const url = `ws://127.0.0.1:${(wss.address() as { port: number }).port}/some/path?query`;
  wss.on("connection", (ws, request) => {
    assert.equal(request.url, "/some/path?query");
    ws.on(
      "message",
      (data: Uint8Array) => data.length === 2 ? ws.close(data[0] * 256 + data[1], "why") : ws.send(data),
    );
  });
  await echoed(await dialWebSocket(url), numbered(500_000));
  for (const [code, orderly] of [[1000, true], [1001, true], [1011, false], [4001, false]] as const) {
    const transport = await dialWebSocket(url);
    const writer = transport.writable.getWriter();
    await writer.write(Uint8Array.of(code >> 8, code));
    if (orderly) assert.equal((await readAll(transport)).length, 0);
    else {
      const { message } = await channelError(() => readAll(transport), "transport");
      assert.match(message, new RegExp(`code ${code}( \\(internal error\\))?: why`));
    }
    await (orderly ? writer.write(numbered(1)) : channelError(() => writer.write(numbered(1)), "transport"));
  }
  wss.removeAllListeners("connection").on("connection", (ws) => ws.send("text"));
  const error = await channelError(async () => readAll(await dialWebSocket(url)), "protocol");
  assert.match(error.message, /text/);
  wss.removeAllListeners("connection").on("connection", (ws) => ws.terminate());
  await channelError(async () => readAll(await dialWebSocket(url)), "transport");
  await new Promise((closed) => wss.close(closed));
});

test("websocket over TCP: handshakes that are refused, and a server that continues", async () => {
  const { listener, url, errors, taken, close } = await server();
  const request = (changed: Record<string, string>, start = "GET / HTTP/1.1") => {
    const fields = {
      Host: "here",
      Upgrade: "websocket",
      Connection: "keep-alive, Upgrade",
      "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
      "Sec-WebSocket-Version": "13",
      ...changed,
    };
    const lines = Object.entries(fields).filter(([, value]) => value !== "").map((field) => field.join(": "));
    return [start, ...lines, "", ""].join("\r\n");
  };
  const refused: [string, RegExp][] = [
    [request({ Host: "" }), /400/],
    [request({ Upgrade: "h2c" }), /426/],
    [request({ Connection: "close" }), /426/],
    [request({ "Sec-WebSocket-Version": "8" }), /426/],
    [request({ "Sec-WebSocket-Key": "AAAA" }), /400/],
    [request({}, "POST / HTTP/1.1"), /400/],
    [request({}, "GET / HTTP/1.0"), /400/],
    [request({ "a b": "c" }), /^$/],
    [request({ Host: "h\u00e9" }), /400/],
    [request({ Cookie: "x".repeat(17_000) }), /431/],
    ["x".repeat(20_000), /431/],
    [request({ Origin: "https://evil.example" }), /403/],
    [request({ Origin: "null" }), /403/],
    ["\x16\x03\x01\x00\x05hello", /400/], // refused at once, without waiting for more
  ];
  for (const [text, answer] of refused) {
    const transport = await dial({ host: listener.host, port: listener.port });
    await transport.writable.getWriter().write(toUtf8(text));
    const bytes = await readAll(transport).catch(() => new Uint8Array(0));
    assert.match(String.fromCharCode(...bytes).split("\r\n")[0], answer);
  }
  // On Deno and Bun these clients do not end their direction, so that the server waits for a second.
  await until(() => errors.length, { holds: (count) => count === refused.length });
  assert.match(String(errors.at(-1)), /what came is not of a WebSocket handshake, but of a channel over TCP/);
  const transport = await dialWebSocket(url);
  await (await taken).writable.close();
  assert.equal((await readAll(transport)).length, 0);
  await close();
});

test("websocket over TCP: 16 KiB of cookies, as browsers send them where people sign in", async () => {
  const { url, taken, close } = await server();
  const client = new WsClient(url, { headers: { Cookie: "a".repeat(15_000) } });
  await new Promise((resolve) => client.on("open", resolve));
  client.close();
  await taken;
  await close();
});

test("websocket over TCP: origins, paths and subprotocols that a server accepts", async () => {
  const listener = await listenWebSocket({
    origins: ["https://app.example"],
    paths: ["/channel"],
    protocol: "fesa-test",
  });
  const running = serveTransports(listener, {}, async (transport) => {
    await opened(transport);
  });
  const at = (path: string) => `ws://${listener.host}:${listener.port}${path}`;
  const open = async (path: string, options: DialWebSocketOptions) => {
    await (await dialWebSocket(at(path), options)).writable.abort();
  };
  await open("/channel?a=b", {});
  await open("/channel", { headers: { origin: "https://app.example" }, protocol: "fesa-test" });
  for (
    const [path, options, status] of [
      ["/", {}, 404],
      ["/channel/x", {}, 404],
      ["/channel", { headers: { origin: `http://${listener.host}:${listener.port}` } }, 403],
      ["/channel", { headers: { origin: "https://app.example.evil.example" } }, 403],
    ] as const
  ) {
    const { message } = await channelError(() => open(path, options), "protocol");
    assert.match(message, new RegExp(`answered ${status}`));
  }
  await channelError(() => open("/channel", { protocol: "another" }), "protocol");
  await running.close({ grace: 0 });
  await assert.rejects(dialWebSocket("ws://name:word@127.0.0.1:1/"), /^TypeError: a user name and password/);
  for (
    const headers of [{ host: "a" }, { "a b": "c" }, { a: "b\r\nc: d" }, { upgrade: "x" }, { a: 1 }]
  ) {
    await assert.rejects(dialWebSocket("ws://127.0.0.1:1/", { headers: headers as never }), TypeError);
  }
  for (
    const wrong of [{ origins: ["app.example"] }, { origins: "all" as never }, { paths: ["a"] }, {
      protocol: "a b",
    }]
  ) {
    await assert.rejects(listenWebSocket(wrong), TypeError);
  }
});

test("websocket over TCP: servers that do not open a WebSocket, and signals", async () => {
  const answers = [
    "HTTP/1.1 404 Not Found\r\n\r\n",
    "HTTP/1.1 101 \r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: AAAA\r\n\r\n",
    "SSH-2.0-OpenSSH_9.6\r\n\r\n",
    "HTTP/1.1 101 ",
  ];
  const listener = await listen();
  const running = serveTransports(listener, {}, async ({ readable, writable }) => {
    await readable.getReader().read();
    const answer = answers.shift();
    if (answer === undefined) return new Promise(() => {});
    const writer = writable.getWriter();
    await writer.write(toUtf8(answer));
    await writer.close();
  });
  const url = `ws://127.0.0.1:${listener.port}`;
  while (answers.length > 0) await channelError(() => dialWebSocket(url), "protocol");
  await channelError(() => dialWebSocket(url, { signal: AbortSignal.timeout(50) }), "aborted");
  await running.close({ grace: 0 });
  // Bun may accept a connection after its listener was stopped, which is then reset.
  await until(() => channelError(() => dialWebSocket(url)), { holds: ({ code }) => code === "transport" });
  for (const wrong of ["http://127.0.0.1/", "127.0.0.1:4433", { host: "127.0.0.1", port: 4433 }]) {
    await assert.rejects(dialWebSocket(wrong as string), /^TypeError: url must be a WebSocket URL/);
  }
  const signal = new AbortController() as unknown as AbortSignal;
  await assert.rejects(
    dialWebSocket("ws://127.0.0.1:1/", { signal }),
    /^TypeError: signal must be an AbortS/,
  );
});

test("websocket frames: what is allowed, in any pieces", () => {
  const parse = (hex: string, size: number, masked = false) => {
    const parser = new FrameParser(masked ? "server" : "client");
    const bytes = fromHex(hex);
    const events: FrameEvent[] = [];
    for (let i = 0; i < bytes.length; i += size) events.push(...parser.parse(bytes.subarray(i, i + size)));
    let text = "";
    for (const event of events) {
      if (event.type === "data") text += toHex(event.bytes);
      else if (event.type === "end of message") text += `/${event.length} `;
      else if (event.type === "ping") text += ` ping:${toHex(event.bytes)} `;
      else text += event.type === "close" ? ` close:${event.code}:${event.reason}` : " text";
    }
    return text;
  };
  const frames: Record<string, string> = {
    "8200": "/0 ",
    "8203616263": "616263/3 ",
    "020161800162": "6162/2 ",
    "02016189017a0000800162": "61 ping:7a 62/2 ",
    "020161800082008200": "61/1 /0 /0 ",
    "0200890080008200": " ping: /0 /0 ",
    "8a02abcd820161": "61/1 ",
    ["827e0080" + "61".repeat(128)]: "61".repeat(128) + "/128 ",
    "8800": " close:1005:",
    "880203e8": " close:1000:",
    "88060fa3626f6f6d": " close:4003:boom",
  };
  for (const [hex, expected] of Object.entries(frames)) {
    for (const size of [1, 2, 3, 1000]) assert.equal(parse(hex, size), expected, hex);
  }
  assert.equal(parse("828301020304606162", 1, true), "616361/3 ");
  const faults = [
    "c200",
    "8300",
    "8b00",
    "0900",
    "897e007e",
    "8000",
    "020161820162",
    "8281",
    "827e007d",
    "827f000000000000ffff",
    "827fffffffffffffffff",
    "880103",
    "880203ed",
    "880203e7",
    "880303e8ff",
  ];
  for (const hex of faults) {
    for (const size of [1, 1000]) {
      assert.throws(
        () => parse(hex, size),
        (error) => error instanceof ChannelError && error.code === "protocol",
        hex,
      );
    }
  }
  assert.throws(() => parse("820161", 9, true), ChannelError, "a client has to mask");
});

test("websocket frames: masking, at every place in memory and in any pieces", () => {
  for (let length = 0; length < 40; length++) {
    const payload = numbered(length + 3).subarray(3);
    const frame = encodeFrame(0x2, payload, "client");
    const key = frame.subarray(2, 6);
    assert.equal(toHex(frame.subarray(6)), toHex(payload.map((byte, i) => byte ^ key[i % 4])));
    for (const size of [1, 3, 5, 100]) {
      const parser = new FrameParser("server");
      const received: Uint8Array[] = [];
      for (let i = 0; i < frame.length; i += size) {
        for (const event of parser.parse(frame.subarray(i, i + size))) {
          if (event.type === "data") received.push(event.bytes);
        }
      }
      assert.equal(toHex(concat(...received)), toHex(payload));
    }
  }
});
