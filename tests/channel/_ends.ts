/** Run by serve_node_test.ts: a server that is closed, after which its process must exit by itself. */
import { connect, serve } from "../../mod.ts";
import { runtime } from "../_kit/mod.ts";
import { bytes, echo, offers, requests } from "./_helpers.ts";
import { httpServer, webSocketClient } from "../transport/_http_server.ts";
import * as node from "../../src/transport/node.ts";
import * as deno from "../../src/transport/deno.ts";
import * as bun from "../../src/transport/bun.ts";

const { dial, listen } = { node, deno, bun }[runtime as "node" | "deno" | "bun"];
const limits = { security: [offers.native], closeTimeout: 60_000, handshakeTimeout: 60_000 };

const listener = await listen();
const http = await httpServer();
const servers = [serve(listener, limits, echo), serve(http.listener, limits, echo)];
for (const enter of [() => dial(listener), () => Promise.resolve(webSocketClient(http.port))]) {
  await enter(); // stays silent
  const client = await connect(await enter(), { security: requests.native });
  await client.send("hello");
  await client.receive();
  await client.close();
}
const stuck = await connect(await dial(listener), { security: requests.native });
for (let i = 0; i < 100; i++) stuck.send(bytes(100_000)).catch(() => {}); // and it does not read the answers
await Promise.all(servers.map((server) => server.close({ grace: 200 })));
await http.close();
console.log("closed");
