/**
 * One port for pages by Hono, on Node, and for channels.
 *
 *     npx tsx examples/http/hono.ts [PORT]
 */
import "../keys_if_missing.ts";
import { readFileSync } from "node:fs";
import process from "node:process";
import { serve as serveHttp } from "@hono/node-server";
import { Hono } from "hono";
import { serve } from "@fesa/channel";
import { webSocketUpgrades } from "@fesa/channel/node";

const app = new Hono();
app.get("/", (context) => context.text("hello by HTTP\n"));

const webSockets = webSocketUpgrades({ paths: ["/channel"] });
const channels = serve(webSockets, {
  security: [{ setting: "key", key: readFileSync("keys/key.pem", "utf8") }],
  onError: (error) => console.error(error),
}, async (channel) => {
  for await (const message of channel) await channel.send(message);
});

const place = { hostname: "127.0.0.1", port: Number(process.argv[2] ?? 8000) };
const http = serveHttp(
  { fetch: app.fetch, ...place },
  ({ port }) => console.log(`listening on port ${port}`),
);
http.on("upgrade", webSockets.upgrade);

process.once("SIGINT", async () => {
  await channels.close();
  http.close();
});
