import { connect } from "node:net";
import { simulated } from "../_kit/clock.ts";
import { assert, channelError, test } from "../_kit/mod.ts";
import { toUtf8 } from "../../src/bytes.ts";
import { dial, fromConn, listen } from "../../src/transport/deno.ts";
import { LINGER } from "../../src/transport/tcp_connection.ts";
import { nextTurn } from "../../src/turns.ts";
import { testTcp } from "./_tcp.ts";

testTcp("deno", { on: ["deno"] }, { dial, listen, resets: false });

test("deno: a connection that was reset before it was taken does not end the listener", {
  on: ["deno"],
}, async () => {
  const listener = await listen();
  for (let i = 0; i < 3; i++) await connectAndReset(listener.port);
  const client = await dial(listener);
  const { value: server } = await listener[Symbol.asyncIterator]().next();
  await client.writable.close();
  assert.equal((await server.readable.getReader().read()).done, true);
  server.close();
  await client.readable.cancel();
  await listener.close();
});

test("deno: new data does not wait until all that waits for a turn was resumed many times", {
  on: ["deno"],
}, async () => {
  const listener = await listen();
  const client = await dial(listener);
  const { value: server } = await listener[Symbol.asyncIterator]().next();
  const echoing = server.readable.pipeTo(server.writable);
  const [reader, writer] = [client.readable.getReader(), client.writable.getWriter()];
  let [resumed, done] = [0, false];
  const waiting = Array.from({ length: 500 }, async (_, origin) => {
    for (; !done; resumed++) await nextTurn(origin);
  });
  for (let i = 0; i < 20; i++) {
    await writer.write(new Uint8Array(1));
    await reader.read();
  }
  done = true;
  await Promise.all(waiting);
  await writer.close();
  await echoing;
  assert.equal((await reader.read()).done, true);
  await listener.close();
  assert.ok(resumed < 20 * 5_000, `${resumed} calls were resumed during 20 round trips`);
});

test("deno: what the peer sent before a write failed can be read, and is followed by the write's error", {
  on: ["node", "deno", "bun"],
}, async () => {
  for (const reads of ["before", "after"]) {
    const { conn, arrive } = failingConn();
    const { readable, writable } = fromConn(conn);
    const reader = readable.getReader();
    const early = reads === "before" ? reader.read() : undefined;
    await channelError(() => writable.getWriter().write(new Uint8Array(1)), "transport");
    arrive(toUtf8("why"));
    arrive(null);
    assert.deepEqual((await (early ?? reader.read())).value, toUtf8("why"));
    assert.match((await channelError(() => reader.read(), "transport")).message, /Broken pipe/);
    assert.equal(conn.closed, true);
  }
});

test("deno: a connection on which a write failed is closed in time, though its peer neither sends nor ends", {
  on: ["node", "deno", "bun"],
}, async () => {
  await simulated(async (clock) => {
    const { conn } = failingConn();
    const { readable, writable } = fromConn(conn);
    const reading = channelError(() => readable.getReader().read(), "transport");
    await channelError(() => writable.getWriter().write(new Uint8Array(1)), "transport");
    assert.equal(conn.closed, false);
    await clock.pass(LINGER);
    assert.equal(conn.closed, true);
    assert.match((await reading).message, /Broken pipe/);
    assert.equal(clock.timers, 0);
  });
});

/** A connection on which every write fails, and what arrives is read, or null for the end. */
function failingConn() {
  const arrived: (Uint8Array | null)[] = [];
  let wake = () => {};
  const conn = {
    remoteAddr: {},
    closed: false,
    async read(buffer: Uint8Array): Promise<number | null> {
      while (arrived.length === 0) await new Promise<void>((resolve) => wake = resolve);
      const bytes = arrived.shift()!;
      if (bytes !== null) buffer.set(bytes);
      return bytes && bytes.length;
    },
    write: () => Promise.reject(new Error("Broken pipe")),
    closeWrite: () => Promise.resolve(),
    close: () => void (conn.closed = true),
  };
  const arrive = (bytes: Uint8Array | null) => {
    arrived.push(bytes);
    wake();
  };
  return { conn, arrive };
}

function connectAndReset(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => socket.resetAndDestroy());
    socket.on("close", () => resolve());
    socket.on("error", reject);
  });
}
