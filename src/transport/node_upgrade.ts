/** WebSockets on the port of an HTTP server of Node's, which hands over requests to upgrade. */

import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Listener } from "../server/server.ts";
import { fromSocket } from "./node_duplex.ts";
import { Queue } from "./queue.ts";
import type { TcpTransport } from "./tcp.ts";
import { type AdmissionOptions, checkAdmission } from "./websocket/admission.ts";
import { acceptUpgrade } from "./websocket/handshake.ts";

const UNAVAILABLE = "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";

/** Takes WebSockets from an HTTP server, and gives them to `serve`. Its functions need no `this`. */
export interface WebSocketUpgrades extends Listener<TcpTransport> {
  /** Takes one request, as the `upgrade` event of `node:http` and `node:https` gives it, and answers it. */
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Uint8Array) => void;
  /** Takes no more; what comes is answered 503. The HTTP server is left as it is. */
  close(): void;
}

/**
 * A listener for WebSockets on the port of an HTTP server on Node: that of Express, Fastify, Hono, or one's own. Pages of
 * other hosts are refused as by {@link listenWebSocket}, and what is refused is an error of its connection.
 *
 * @param options Which requests are taken.
 * @returns The listener. Its `upgrade` is for the server's event of that name.
 * @throws {TypeError} If an option is of another kind than it should be.
 * @example
 * ```ts
 * import { createServer } from "node:http";
 * import { serve } from "@fesa/channel";
 * import { webSocketUpgrades } from "@fesa/channel/node";
 *
 * const webSockets = webSocketUpgrades({ paths: ["/channel"] });
 * const server = serve(webSockets, { security: [{ setting: "off" }] }, async (channel) => {
 *   for await (const message of channel) await channel.send(message);
 * });
 * const http = createServer((_request, response) => response.end("a page"));
 * http.on("upgrade", webSockets.upgrade);
 * http.listen(0, "127.0.0.1");
 * await server.close();
 * http.close();
 * ```
 */
export function webSocketUpgrades(options: AdmissionOptions = {}): WebSocketUpgrades {
  checkAdmission(options);
  const queue = new Queue<TcpTransport>();
  let closed = false;
  const upgrade = (request: IncomingMessage, duplex: Duplex, head: Uint8Array): void => {
    if (closed) return void duplex.on("error", () => {}).end(UNAVAILABLE);
    const socket = duplex as Socket; // as both servers of Node have it
    socket.setTimeout(0); // the HTTP server's ends with HTTP
    if (head.length > 0) socket.unshift(head);
    const { method, url, httpVersion, headers } = request;
    const fields = new Map(Object.entries(headers).map(([name, value]) => [name, String(value)]));
    const transport = fromSocket(socket);
    const { peer, close } = transport;
    const opening = { start: `${method} ${url} HTTP/${httpVersion}`, fields };
    const given = { ...acceptUpgrade(transport, opening, options), peer, close };
    if (!queue.push(given)) given.writable.abort().catch(() => {});
  };
  return {
    upgrade,
    close: () => {
      closed = true;
      for (const { writable } of queue.end()) writable.abort().catch(() => {});
    },
    [Symbol.asyncIterator]: () => queue,
  };
}
