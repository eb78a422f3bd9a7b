/** Run by websocket_runtime_node_test.ts in a Deno that has WebSocketStream, which is behind a flag there. */
import { listenWebSocket } from "../../src/transport/node.ts";
import { webSocketTransport } from "../../src/transport/websocket/mod.ts";
import { serveTransports } from "../../src/server/transport_server.ts";
import type { Transport } from "../../src/wire.ts";
import { assert, channelError } from "../_kit/mod.ts";
import { echoed, numbered, readAll, takenWithoutReader } from "./_streams.ts";

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
console.log("all went well");
