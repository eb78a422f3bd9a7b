/**
 * The page, `npm run demo:web`: an application server that offers every security setting on one WebSocket, and a page
 * that shows what each of them does. Everything it needs is made in memory.
 *
 *     npm run demo:web [-- --port 8443] [--host 127.0.0.1]
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import process from "node:process";
import { parseArgs } from "node:util";
import { accept, type AcceptSecurity, type Transport } from "@fesa/channel";
import { webSocketTransport } from "@fesa/channel/websocket";
import { WebSocketServer } from "ws";
import { administer } from "./administration.ts";
import { serve } from "./application.ts";
import { answer, pageFiles } from "./page_files.ts";

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "8443" },
    host: { type: "string", default: "127.0.0.1" },
  },
});

const [{ security, clientSettings }, files] = await Promise.all([administer(), pageFiles()]);
files.set("/settings.json", { type: "application/json", body: JSON.stringify(clientSettings) });
const server = createServer((request, response) => answer(files, request, response));
const webSockets = new WebSocketServer({ server, path: "/channel" });
webSockets.on("connection", (socket) => void converse(webSocketTransport(socket), security));
for (const emitter of [server, webSockets]) emitter.on("error", fail);

server.listen(Number(values.port), values.host, () => {
  const { port } = server.address() as AddressInfo;
  console.log(`Open http://${values.host}:${port}/ in a browser; Ctrl-C ends it.`);
});

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    for (const socket of webSockets.clients) socket.close(1001);
    server.close();
    server.closeAllConnections();
  });
}

/** One client from its handshake to its end; whatever goes wrong with it is told on one line, and is its own affair. */
async function converse(transport: Transport, security: readonly AcceptSecurity[]): Promise<void> {
  try {
    await serve(await accept(transport, { security }));
  } catch (error) {
    console.error(`A client left: ${(error as Error).message}`);
  }
}

function fail(error: Error): void {
  console.error(error.message);
  process.exit(1);
}
