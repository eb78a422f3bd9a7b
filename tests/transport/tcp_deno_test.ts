import { connect } from "node:net";
import { assert, test } from "../_kit/mod.ts";
import { dial, listen } from "../../src/transport/deno.ts";
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

function connectAndReset(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => socket.resetAndDestroy());
    socket.on("close", () => resolve());
    socket.on("error", reject);
  });
}
