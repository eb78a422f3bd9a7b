/**
 * A server on Bun that has a key and no certificate, and answers every message.
 *
 *     bun examples/bun/server.ts [PORT]
 */
import "../keys_if_missing.ts";
import { readFileSync } from "node:fs";
import process from "node:process";
import { serve } from "@fesa/channel";
import { listen } from "@fesa/channel/bun";

const key = readFileSync("keys/key.pem", "utf8");
const listener = await listen({ port: Number(process.argv[2] ?? 4433) });
const server = serve(listener, {
  security: [{ setting: "key", key }],
  onError: (error, client) => console.error(`${client?.peer.address}: ${error}`),
}, async (channel) => {
  for await (const message of channel) await channel.send(message);
});
console.log(`listening on port ${listener.port}`);

process.once("SIGINT", () => server.close());
