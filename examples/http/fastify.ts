/**
 * One port for pages by Fastify and for channels.
 *
 *     npx tsx examples/http/fastify.ts [PORT]
 */
import "../keys_if_missing.ts";
import { readFileSync } from "node:fs";
import process from "node:process";
import fastify from "fastify";
import { serve } from "@fesa/channel";
import { webSocketUpgrades } from "@fesa/channel/node";

const app = fastify();
app.get("/", () => "hello by HTTP\n");

const webSockets = webSocketUpgrades({ paths: ["/channel"] });
const channels = serve(webSockets, {
  security: [{ setting: "key", key: readFileSync("keys/key.pem", "utf8") }],
  onError: (error) => console.error(error),
}, async (channel) => {
  for await (const message of channel) await channel.send(message);
});

app.server.on("upgrade", webSockets.upgrade);
const address = await app.listen({ host: "127.0.0.1", port: Number(process.argv[2] ?? 8000) });
console.log(`listening on port ${new URL(address).port}`);

process.once("SIGINT", async () => {
  await channels.close();
  await app.close();
});
