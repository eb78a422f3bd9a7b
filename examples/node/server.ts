/**
 * A server on Node that shows a certificate, and answers every message.
 *
 *     npx tsx examples/node/server.ts [PORT]
 */
import "../keys_if_missing.ts";
import { readFileSync } from "node:fs";
import process from "node:process";
import { serve } from "@fesa/channel";
import { listen } from "@fesa/channel/node";

const certificates = readFileSync("keys/certificate.pem", "utf8");
const key = readFileSync("keys/key.pem", "utf8");

const listener = await listen({ port: Number(process.argv[2] ?? 4433) });
const server = serve(listener, {
  security: [{ setting: "certificate", certificates, key }],
  onError: (error, client) => console.error(`${client?.peer.address}: ${error}`),
}, async (channel) => {
  for await (const message of channel) await channel.send(message);
});
console.log(`listening on port ${listener.port}`);

process.once("SIGINT", () => server.close());
