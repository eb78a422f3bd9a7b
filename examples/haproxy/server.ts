/**
 * A server behind HAProxy, which tells it the clients' addresses. At SIGINT or SIGTERM it lets its channels end, while
 * HAProxy sends new connections to the other server, so that both can be restarted one after the other.
 *
 *     npx tsx examples/haproxy/server.ts [PORT]
 */
import "../keys_if_missing.ts";
import { readFileSync } from "node:fs";
import process from "node:process";
import { serve } from "@fesa/channel";
import { listen } from "@fesa/channel/node";

const secret = Uint8Array.from(readFileSync("keys/secret", "utf8").match(/../g)!, (hex) => parseInt(hex, 16));
const listener = await listen({ port: Number(process.argv[2] ?? 4434), proxyProtocol: true });
const server = serve(listener, {
  security: [{ setting: "native", secret }],
  onError: (error, client) => console.error(`${client?.peer.address}: ${error}`),
}, async (channel) => {
  for await (const message of channel) {
    console.log(`${channel.info.remote?.address}: ${new TextDecoder().decode(message)}`);
    await channel.send(message);
  }
});
console.log(`listening on port ${listener.port}`);

const end = () => void server.close({ grace: 30_000 });
process.once("SIGINT", end).once("SIGTERM", end);
