/** WebSockets on the port of an HTTP server on Node, which passes upgrade requests to this listener. */

import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Listener } from "../server/server.ts";
import { fromSocket } from "./node_duplex.ts";
import { Queue } from "./queue.ts";
import { insideOf, type TcpTransport } from "./tcp.ts";
import { type AdmissionOptions, checkAdmission } from "./websocket/admission.ts";
import { acceptUpgrade } from "./websocket/handshake.ts";

const UNAVAILABLE = "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";

/** A listener for WebSockets of an HTTP server, for `serve`. Its functions do not use `this`. */
export interface WebSocketUpgrades extends Listener<TcpTransport> {
  /** Handles one request of the `upgrade` event of `node:http` or `node:https`. */
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Uint8Array) => void;
  /** Stops accepting WebSockets; later requests are answered with 503. The HTTP server itself is not closed. */
  close(): void;
}

/**
 * Returns a listener for WebSockets on the port of an HTTP server on Node, such as that of Express, Fastify, Hono, or your
 * own. Pages of other hosts are refused as by {@link listenWebSocket}. A refused connection fails with an error.
 *
 * @param options The accepted requests.
 * @returns The listener. Its `upgrade` is the handler for the server's event `upgrade`.
 * @throws {TypeError} If an option has the wrong type.
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
    const socket = duplex as Socket; // both of Node's HTTP servers pass a socket
    socket.setTimeout(0); // the HTTP server's timeout must not apply to WebSockets
    if (head.length > 0) socket.unshift(head);
    const { method, url, httpVersion, headers } = request;
    const fields = new Map(Object.entries(headers).map(([name, value]) => [name, String(value)]));
    const transport = fromSocket(socket);
    const opening = { start: `${method} ${url} HTTP/${httpVersion}`, fields };
    const given = insideOf(transport, acceptUpgrade(transport, opening, options));
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
