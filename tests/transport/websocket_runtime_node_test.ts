import { assert, channelError, test } from "../_kit/mod.ts";
import { serveTransports } from "../../src/server/transport_server.ts";
import { connect as connectChannel } from "../../mod.ts";
import { listen, listenWebSocket } from "../../src/transport/node.ts";
import type { Transport } from "../../src/connection.ts";
import { httpServer, webSocketClient } from "./_http_server.ts";
import { echoed, numbered, pause, read, readAll, takenWithoutReader, write } from "./_streams.ts";

async function first(listener: AsyncIterable<Transport>): Promise<Transport> {
  const { value } = await listener[Symbol.asyncIterator]().next();
  return value;
}

test("websocket: the runtime's own client and server, both ways, to an orderly end", async () => {
  const ended: unknown[] = [];
  const { listener, port, close } = await httpServer();
  const running = serveTransports(
    listener,
    {},
    ({ readable, writable }) =>
      readable.pipeTo(writable).then(() => void ended.push("ended"), (error) => void ended.push(error)),
  );
  await echoed(webSocketClient(port), numbered(700_000));
  await echoed(webSocketClient(port), numbered(1));
  while (ended.length < 2) await pause(5);
  assert.deepEqual(ended, ["ended", "ended"]);
  await running.close();
  await close();
});

test("websocket: the runtime's own client with our server over TCP", async () => {
  const listener = await listenWebSocket();
  const running = serveTransports(listener, {}, ({ readable, writable }) => readable.pipeTo(writable));
  await echoed(webSocketClient(listener.port), numbered(700_000));
  await running.close();
});

test("websocket: an abort at either end is an error at the other", async () => {
  const { port, listener, close } = await httpServer();
  const client = webSocketClient(port);
  const peer = await first(listener);
  await client.writable.abort();
  await channelError(() => readAll(peer), "transport");
  await channelError(() => readAll(client), "transport");
  await channelError(() => peer.writable.getWriter().write(numbered(1)), "transport");
  await close();
});

test("websocket: a peer that does not read blocks the writer", async () => {
  const listener = await listenWebSocket();
  const running = serveTransports(listener, {}, () => new Promise(() => {}));
  const client = webSocketClient(listener.port);
  const taken = await takenWithoutReader(client, 100_000, 200_000_000);
  assert.ok(taken < 20_000_000, `${taken} bytes were taken`);
  await running.close({ grace: 0 });
});

test("websocket: late readers block their writers, and receive everything", async () => {
  const maxQueued = 1024 * 1024;
  const bytes = numbered(300_000);
  const ours = await listenWebSocket();
  const own = await httpServer({ maxQueued });
  for (const { listener, port } of [own, { listener: ours, port: ours.port }]) {
    const client = webSocketClient(port, { maxQueued });
    const peer = await first(listener);
    for (const [from, to] of [[client, peer], [peer, client]]) { // as a handshake does, this brings the offers of credits
      await write(from, numbered(1));
      await read(to, 1);
    }
    const writing = [client, peer].map(async (end) => {
      for (let i = 0; i < 10; i++) await write(end, bytes);
    });
    await pause(50);
    for (const end of [client, peer]) {
      for (let i = 0; i < 10; i++) assert.deepEqual(await read(end, bytes.length), bytes);
    }
    await Promise.all(writing);
    await Promise.all([client.writable.close(), peer.writable.close()]);
  }
  await own.close();
  await ours.close();
});

test("websocket: a ws socket is paused while nobody reads", { on: ["node"] }, async () => {
  const { port, listener, close } = await httpServer();
  const client = webSocketClient(port);
  const taken = first(listener);
  const sent = await takenWithoutReader(client, 100_000, 200_000_000);
  assert.ok(sent < 20_000_000, `${sent} bytes were taken`);
  const reader = (await taken).readable.getReader();
  for (let length = 0; length < sent;) length += (await reader.read()).value!.length;
  await close();
});

test("websocket: no server listens", async () => {
  const client = webSocketClient(9);
  const writing = client.writable.getWriter().write(numbered(1));
  await channelError(() => readAll(client), "transport");
  await channelError(() => writing, "transport");
});

test("websocket: a server that never opens one, a time limit, and a signal", async () => {
  const listener = await listen();
  const running = serveTransports(listener, {}, () => new Promise(() => {}));
  const security = { setting: "off" } as const;
  const silent = () => webSocketClient(listener.port);
  await channelError(() => connectChannel(silent(), { security, handshakeTimeout: 100 }), "timeout");
  const signal = AbortSignal.timeout(100);
  await channelError(() => connectChannel(silent(), { security, signal }), "aborted");
  await running.close({ grace: 0 });
});
