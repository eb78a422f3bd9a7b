import { createServer, type Socket } from "node:net";
import { assert, channelError, test } from "../_kit/mod.ts";
import { dial, listen, type ListenOptions } from "../../src/transport/node.ts";
import type { Transport } from "../../src/wire.ts";
import { deferred, exchange, numbered, pause, readAll, takenWithoutReader, writeAll } from "./_streams.ts";

/** A listener whose first connection is taken out of it, and that stays until `done`. */
async function pair(options: Partial<ListenOptions> = {}) {
  const { promise: server, resolve } = deferred<Transport>();
  const { promise: done, resolve: finish } = deferred<void>();
  const listener = await listen({ onTransport: (transport) => (resolve(transport), done), ...options });
  const client = await dial({ host: listener.host, port: listener.port });
  return { client, server: await server, listener, finish };
}

test("node: a megabyte both ways at once, then both ends", async () => {
  const { client, server, listener, finish } = await pair();
  await exchange(client, server);
  finish();
  await listener.close();
  assert.equal(listener.connections, 0);
});

test("node: one direction ends, the other goes on", async () => {
  const { client, server, listener, finish } = await pair();
  await writeAll(client, numbered(5));
  assert.deepEqual(await readAll(server), numbered(5));
  await writeAll(server, numbered(300_000));
  assert.equal((await readAll(client)).length, 300_000);
  finish();
  await listener.close();
});

test("node: a reader that does not read holds the writer", async () => {
  for (const reversed of [false, true]) {
    const { client, server, listener } = await pair();
    const taken = await takenWithoutReader(reversed ? server : client, 100_000, 200_000_000);
    assert.ok(taken < 20_000_000, `${taken} bytes were taken`); // what the two sockets' buffers hold
    await listener.close({ grace: 0 });
  }
});

test("node: what was written before the end arrives, though the writer reads no more", async () => {
  const { client, server, listener, finish } = await pair();
  void writeAll(server, numbered(50_000)); // lies unread at the client, which would reset the connection
  await pause(30);
  const sending = writeAll(client, numbered(3_000_000));
  void client.readable.cancel();
  assert.equal((await readAll(server)).length, 3_000_000);
  await sending;
  finish();
  await listener.close();
});

test("node: an abort ends the other side too, a reset is an error", async () => {
  const { client, server, listener, finish } = await pair();
  const reading = channelError(() => readAll(server), "transport");
  await client.writable.abort();
  await channelError(() => readAll(client), "transport");
  await reading;
  const writer = server.writable.getWriter();
  await channelError(async () => {
    for (;;) await writer.write(new Uint8Array(10_000));
  }, "transport");
  finish();
  await listener.close();

  const { promise: socket, resolve } = deferred<Socket>();
  const raw = createServer(resolve).listen(0, "127.0.0.1");
  await new Promise((listening) => raw.once("listening", listening));
  const dialled = await dial({ host: "127.0.0.1", port: (raw.address() as { port: number }).port });
  (await socket).resetAndDestroy();
  await channelError(() => readAll(dialled), "transport");
  raw.close();
});

test("node: nobody listens, a signal fires", async () => {
  const listener = await listen({ onTransport: () => Promise.resolve() });
  await channelError(
    () => listen({ port: listener.port, onTransport: () => Promise.resolve() }),
    "transport",
  );
  await listener.close();
  await channelError(() => dial({ host: "127.0.0.1", port: listener.port }), "transport");
  await channelError(() => dial({ host: "127.0.0.1", port: 1, signal: AbortSignal.abort() }), "aborted");
  const controller = new AbortController();
  const dialling = dial({ host: "127.0.0.1", port: listener.port, signal: controller.signal });
  controller.abort();
  await channelError(() => dialling, "aborted");
});

test("node: a connection that fails ends itself alone, and those beyond the limit are not taken", async () => {
  const errors: unknown[] = [];
  let count = 0;
  const listener = await listen({
    maxConnections: 2,
    onTransport: (transport) => {
      if (count++ === 0) throw new Error("at once");
      if (count === 2) return Promise.reject(new Error("later"));
      return writeAll(transport, numbered(100));
    },
    onError: (error) => errors.push((error as Error).message),
  });
  const dialHere = () => dial({ host: listener.host, port: listener.port });
  for (let i = 0; i < 2; i++) await readAll(await dialHere()).catch(() => {});
  assert.deepEqual(errors, ["at once", "later"]);
  await exchangeOnce(await dialHere());

  const held = [await dialHere(), await dialHere()];
  const refused = await dialHere();
  assert.equal((await readAll(refused).catch(() => [])).length, 0);
  assert.deepEqual(errors.slice(2), ["more than 2 connections at a time"]);
  assert.equal(listener.connections, 2);
  for (const transport of held) await exchangeOnce(transport);
  await listener.close();
});

async function exchangeOnce(client: Transport): Promise<void> {
  assert.equal((await readAll(client)).length, 100);
  await client.writable.close();
}

test("node: closing waits for connections, up to the grace", async () => {
  const { client, server, listener, finish } = await pair();
  let closed = false;
  const closing = listener.close().then(() => closed = true);
  await pause(30);
  assert.equal(closed, false);
  await exchange(client, server, 1000);
  finish();
  await closing;

  const second = await pair();
  await second.listener.close({ grace: 30 });
  await readAll(second.client).catch(() => {});
  assert.equal(second.listener.connections, 0);
});
