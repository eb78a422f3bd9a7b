/**
 * A page and its server, on Deno: one port serves the page, its script, and the WebSockets that channels run over.
 *
 *     deno run -A examples/browser/server.ts [PORT]        (then open http://127.0.0.1:8000/)
 */
import "../keys_if_missing.ts";
import { build } from "esbuild";
import { serve } from "@fesa/channel";
import { webSocketListener } from "@fesa/channel/websocket";

const page = await Deno.readTextFile("examples/browser/index.html");
const script = await build({
  entryPoints: ["examples/browser/page.js"],
  bundle: true,
  format: "esm",
  write: false,
});

const key = await Deno.readTextFile("keys/key.pem");
const webSockets = webSocketListener();
serve(
  webSockets,
  { security: [{ setting: "key", key }], onError: (error) => console.error(error) },
  async (channel) => {
    for await (const message of channel) await channel.send(message);
  },
);

Deno.serve({ hostname: "127.0.0.1", port: Number(Deno.args[0] ?? 8000) }, (request) => {
  switch (new URL(request.url).pathname) {
    case "/":
      return new Response(page, { headers: { "content-type": "text/html" } });
    case "/page.js":
      return new Response(script.outputFiles[0].text, { headers: { "content-type": "text/javascript" } });
    default:
      return webSockets.fetch(request);
  }
});
