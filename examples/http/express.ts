/**
 * One port for pages by Express and for channels.
 *
 *     npx tsx examples/http/express.ts [PORT]
 */
import "../keys_if_missing.ts";
import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import process from "node:process";
import express from "express";
import { serve } from "@fesa/channel";
import { webSocketUpgrades } from "@fesa/channel/node";

const app = express();
app.get("/", (_request, response) => void response.send("hello by HTTP\n"));

const webSockets = webSocketUpgrades({ paths: ["/channel"] });
const channels = serve(webSockets, {
  security: [{ setting: "key", key: readFileSync("keys/key.pem", "utf8") }],
  onError: (error) => console.error(error),
}, async (channel) => {
  for await (const message of channel) await channel.send(message);
});

const http = app.listen(Number(process.argv[2] ?? 8000), "127.0.0.1", () => {
  console.log(`listening on port ${(http.address() as AddressInfo).port}`);
});
http.on("upgrade", webSockets.upgrade);

process.once("SIGINT", async () => {
  await channels.close();
  http.close();
});
