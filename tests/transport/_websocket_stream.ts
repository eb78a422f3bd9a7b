/** Run by websocket_runtime_node_test.ts in a Deno that has WebSocketStream, which is behind a flag there. */
import { listenWebSocket } from "../../src/transport/node.ts";
import { webSocketTransport } from "../../src/transport/websocket/mod.ts";
import { serveTransports } from "../../src/server/transport_server.ts";
import type { Transport } from "../../src/wire.ts";
import { assert, channelError } from "../_kit/mod.ts";
import { httpServer } from "./_http_server.ts";
import { echoed, numbered, pause, read, readAll, takenWithoutReader, write } from "./_streams.ts";

assert.ok("WebSocketStream" in globalThis);

let serve: (transport: Transport) => Promise<void> = ({ readable, writable }) => readable.pipeTo(writable);
const listener = await listenWebSocket();
const running = serveTransports(listener, {}, (transport) => serve(transport));
const url = `ws://127.0.0.1:${listener.port}/`;

await echoed(webSocketTransport(url), numbered(700_000));

serve = ({ writable }) => writable.close();
const closed = webSocketTransport(url);
assert.equal((await readAll(closed)).length, 0);
await closed.writable.close();

serve = ({ writable }) => writable.abort();
const aborted = webSocketTransport(url);
await channelError(() => readAll(aborted), "transport");
await channelError(() => aborted.writable.getWriter().write(numbered(1)), "transport");

serve = () => new Promise(() => {});
const held = webSocketTransport(url);
const taken = await takenWithoutReader(held, 100_000, 200_000_000);
assert.ok(taken < 20_000_000, `${taken} bytes were taken`);
await running.close({ grace: 0 });

await channelError(() => readAll(webSocketTransport(url)), "transport");

const bytes = numbered(1_500_000);
const http = await httpServer({ maxQueued: 1024 * 1024 });
const slow = webSocketTransport(`ws://127.0.0.1:${http.port}/`);
const { value: peer } = await http.listener[Symbol.asyncIterator]().next();
for (const [from, to] of [[slow, peer], [peer, slow]]) {
  await write(from, numbered(1));
  await read(to, 1);
}
const writing = [write(slow, bytes), write(peer, bytes)];
await pause(50);
for (const end of [slow, peer]) assert.deepEqual(await read(end, bytes.length), bytes);
await Promise.all(writing);
await slow.writable.close();
await http.close();
console.log("all went well");
