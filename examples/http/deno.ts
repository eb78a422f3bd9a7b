/**
 * One port for pages by Deno.serve and for channels.
 *
 *     deno run -A examples/http/deno.ts [PORT]
 */
import "../keys_if_missing.ts";
import { serve } from "@fesa/channel";
import { webSocketListener } from "@fesa/channel/websocket";

const webSockets = webSocketListener({ paths: ["/channel"] });
const channels = serve(webSockets, {
  security: [{ setting: "key", key: await Deno.readTextFile("keys/key.pem") }],
  onError: (error) => console.error(error),
}, async (channel) => {
  for await (const message of channel) await channel.send(message);
});

const http = Deno.serve({
  hostname: "127.0.0.1",
  port: Number(Deno.args[0] ?? 8000),
  onListen: ({ port }) => console.log(`listening on port ${port}`),
}, (request) => {
  return new URL(request.url).pathname === "/" ? new Response("hello by HTTP\n") : webSockets.fetch(request);
});

Deno.addSignalListener("SIGINT", async () => {
  await channels.close();
  await http.shutdown();
  Deno.exit();
});
