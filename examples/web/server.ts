/**
 * The demonstration, `npm run demo:web`: an application server that offers every security setting by WebSocket, and a page
 * that shows what each of them does. Keys and certificates are made in memory.
 *
 *     npm run demo:web [-- --port 8443] [--host 127.0.0.1]
 */
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import process from "node:process";
import { parseArgs } from "node:util";
import { serve } from "@fesa/channel";
import { webSocketListener } from "@fesa/channel/websocket";
import { WebSocketServer } from "ws";
import { administer } from "./administration.ts";
import { converse } from "./application.ts";
import { answer, pageFiles } from "./page_files.ts";

const values = readOptions();

const [{ security, weakSecurity, clientSettings }, files] = await Promise.all([administer(), pageFiles()]);
files.set("/settings.json", { type: "application/json", body: JSON.stringify(clientSettings) });

const listeners = new Map([["/channel", webSocketListener()], ["/channel-1024", webSocketListener()]]);
const servers = [...listeners.values()].map((listener, index) =>
  serve(
    listener,
    {
      security: [security, weakSecurity][index],
      onError: (error) => console.error(`A client left: ${(error as Error).message}`),
    },
    (channel, { closing }) => converse(channel, closing),
  )
);

const http = createServer((request, response) => answer(files, request, response));
const webSockets = new WebSocketServer({
  server: http,
  // Pages of this server may connect, others may not; programs send no origin.
  verifyClient: ({ origin, req: { url = "", headers } }: { origin: string; req: IncomingMessage }) =>
    listeners.has(url) && (!origin || origin === `http://${headers.host}`),
});
webSockets.on("connection", (socket, { url = "" }) => listeners.get(url)?.take(socket));
webSockets.on("error", (error) => { // the HTTP server's errors are among them
  console.error(error.message);
  process.exit(1);
});

http.listen(Number(values.port), values.host, () => {
  const { port } = http.address() as AddressInfo;
  console.log(`Open http://${values.host}:${port}/ in a browser; Ctrl-C ends it.`);
});

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, async () => {
    await Promise.all(servers.map((server) => server.close()));
    http.close();
    http.closeAllConnections();
  });
}

/** Reads the command line; prints its usage or an error and exits if need be. */
function readOptions(): { readonly host: string; readonly port: string } {
  try {
    const { values } = parseArgs({
      options: {
        port: { type: "string", default: "8443" },
        host: { type: "string", default: "127.0.0.1" },
        help: { type: "boolean", default: false },
      },
    });
    if (values.help) {
      console.log("npm run demo:web -- [--port 8443] [--host 127.0.0.1]");
      process.exit(0);
    }
    if (/^\d{1,5}$/.test(values.port) && Number(values.port) <= 65_535) return values;
    throw new Error("--port must be a number from 0 to 65535");
  } catch (error) {
    console.error((error as Error).message.split(/[.\n]/)[0]);
    process.exit(2);
  }
}
