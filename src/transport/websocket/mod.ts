/**
 * WebSockets as transports: clients in browsers, Deno, Bun and Node 22; servers in Deno, Bun and workerd; and clients and
 * servers of the `ws` package. (On Node, `@fesa/channel/node` has its own client and server, with backpressure in both
 * directions.)
 *
 * @example
 * ```ts
 * import { serveTransports } from "@fesa/channel";
 * import { webSocketListener, webSocketTransport } from "@fesa/channel/websocket";
 *
 * const sockets = webSocketListener();
 * const server = serveTransports(sockets, {}, ({ readable, writable }) => readable.pipeTo(writable));
 * const http = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, sockets.fetch);
 *
 * const { readable, writable } = webSocketTransport(`ws://127.0.0.1:${http.addr.port}/`);
 * const writer = writable.getWriter();
 * await writer.write(new Uint8Array([1, 2, 3]));
 * const { value } = await readable.getReader().read();
 * if (value?.length !== 3) throw new Error("not echoed");
 * await writer.close();
 * await server.close();
 * await http.shutdown();
 * ```
 *
 * @module
 */

import type { Transport } from "../../connection.ts";
import { EventTransport, type WebSocketLike, type WebSocketOptions } from "./events.ts";

export type { Transport } from "../../connection.ts";
export type { Listener } from "../../server/server.ts";
export type { WebSocketEvent, WebSocketLike, WebSocketOptions } from "./events.ts";
export {
  type BunServerWebSocket,
  type BunWebSocketHandlers,
  type WebSocketListener,
  webSocketListener,
  type WebSocketListenerOptions,
  type WebSocketTransport,
} from "./listener.ts";

/**
 * Returns a transport over a WebSocket. Bytes are sent in binary messages of at most 64 KiB, whose boundaries have no
 * meaning. Writes wait while one mebibyte is unsent. If the peer uses this library and reads more slowly, they also wait
 * until it grants more credit. A close with code 1000, 1001 or none is the orderly end of the stream. Data written after it
 * is discarded, as over TCP.
 *
 * @param socket A URL to connect to, or a WebSocket that is open or connecting; no message may have arrived at it yet.
 * @param options The limit on bytes that wait to be read.
 * @returns The transport, without waiting for the socket to open. Writes wait for that. Both directions fail with a {@link
 * ChannelError} if the socket cannot connect or closes with another code (`transport`), if the peer sends text (`protocol`),
 * or if it sends or grants too much (`limit`).
 * @throws {ChannelError} `closed` if the WebSocket is already closed.
 * @throws {RangeError} If `maxQueued` is not a positive whole number.
 * @throws {DOMException} `SyntaxError` if the URL is not a WebSocket URL.
 * @throws {TypeError} If the platform has no WebSocket, such as Node 20. Pass a WebSocket of the `ws` package there.
 * @example
 * ```ts
 * import { type Channel, connect } from "@fesa/channel";
 * import { webSocketTransport } from "@fesa/channel/websocket";
 *
 * function open(url: string, secret: Uint8Array): Promise<Channel> {
 *   return connect(webSocketTransport(url), { security: { setting: "native", secret } });
 * }
 * ```
 */
export function webSocketTransport(
  socket: WebSocketLike | string | URL,
  options: WebSocketOptions = {},
): Transport {
  if (typeof socket !== "string" && !(socket instanceof URL)) return new EventTransport(socket, options);
  if (typeof WebSocket !== "function") {
    throw new TypeError(
      "this platform has no WebSocket: dialWebSocket of @fesa/channel/node connects, and webSocketTransport accepts a WebSocket of the ws package",
    );
  }
  return new EventTransport(new WebSocket(socket), options);
}
