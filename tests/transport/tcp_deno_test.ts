import { connect } from "node:net";
import { assert, test } from "../_kit/mod.ts";
import { dial, listen } from "../../src/transport/deno.ts";
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

function connectAndReset(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => socket.resetAndDestroy());
    socket.on("close", () => resolve());
    socket.on("error", reject);
  });
}
