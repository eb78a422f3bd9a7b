/**
 * A relay without keys: joins each WebSocket to a TCP connection, and prints the beginning of each chunk that it sees.
 *
 *     npx tsx examples/tls_in_browser/relay.ts [PORT [TARGET_PORT [ORIGINS]]]
 */
import { Buffer } from "node:buffer";
import process from "node:process";
import { serveTransports } from "@fesa/channel";
import { dial, listenWebSocket } from "@fesa/channel/node";

const [port, target] = [Number(process.argv[2] ?? 8080), Number(process.argv[3] ?? 4433)];
const origins = (process.argv[4] ?? "http://localhost:8000,http://127.0.0.1:8000").split(",");
const listener = await listenWebSocket({ port, origins }); // the pages come from another port
serveTransports(listener, { onError: (error) => console.error(error) }, async (browser) => {
  const server = await dial({ host: "127.0.0.1", port: target });
  await Promise.all([
    browser.readable.pipeThrough(watch("browser")).pipeTo(server.writable),
    server.readable.pipeThrough(watch("server")).pipeTo(browser.writable),
  ]);
});
console.log(`listening on port ${listener.port}`);

function watch(who: string): TransformStream<Uint8Array, Uint8Array> {
  return new TransformStream({
    transform(bytes, controller) {
      const beginning = Buffer.from(bytes.subarray(0, 20)).toString("hex");
      console.log(`${who}: ${beginning}… ${bytes.length} bytes`);
      controller.enqueue(bytes);
    },
  });
}
