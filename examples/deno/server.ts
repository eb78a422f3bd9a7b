/**
 * A server on Deno that shares a secret with its clients, and answers every message. It uses Deno's own listener.
 *
 *     deno run -A examples/deno/server.ts [PORT]
 */
import "../keys_if_missing.ts";
import { serve } from "@fesa/channel";

const secret = Uint8Array.fromHex(await Deno.readTextFile("keys/secret"));
const listener = Deno.listen({ hostname: "127.0.0.1", port: Number(Deno.args[0] ?? 4433) });
const server = serve(listener, {
  security: [{ setting: "native", secret }],
  onError: (error, client) => console.error(client?.remoteAddr, error),
}, async (channel) => {
  for await (const message of channel) await channel.send(message);
});
console.log(`listening on port ${listener.addr.port}`);

Deno.addSignalListener("SIGINT", () => server.close());
