/**
 * One port for pages by Bun.serve and for channels.
 *
 *     bun examples/http/bun.ts [PORT]
 */
import "../keys_if_missing.ts";
import { readFileSync } from "node:fs";
import process from "node:process";
import { serve } from "@fesa/channel";
import { type WebSocketListener, webSocketListener } from "@fesa/channel/websocket";

/** The part of Bun's types that is used here; the package `@types/bun` has all of them. */
declare const Bun: {
  serve(options: {
    hostname: string;
    port: number;
    fetch(request: Request, server: unknown): Response;
    websocket: WebSocketListener["websocket"];
  }): { port: number; stop(): Promise<void> };
};

const webSockets = webSocketListener({ paths: ["/channel"] });
const channels = serve(webSockets, {
  security: [{ setting: "key", key: readFileSync("keys/key.pem", "utf8") }],
  onError: (error) => console.error(error),
}, async (channel) => {
  for await (const message of channel) await channel.send(message);
});

const http = Bun.serve({
  hostname: "127.0.0.1",
  port: Number(process.argv[2] ?? 8000),
  websocket: webSockets.websocket,
  fetch: (request, server) =>
    new URL(request.url).pathname === "/"
      ? new Response("hello by HTTP\n")
      : webSockets.fetch(request, server),
});
console.log(`listening on port ${http.port}`);

process.once("SIGINT", async () => {
  await channels.close();
  await http.stop();
});
