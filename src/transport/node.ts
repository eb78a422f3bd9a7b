/**
 * TCP, Unix sockets and WebSockets for Node, Deno and Bun with `node:net`, and Node's streams as transports.
 *
 * @example
 * ```ts
 * import { serve } from "@fesa/channel";
 * import { dial, listen } from "@fesa/channel/node";
 *
 * const listener = await listen({ port: 0 });
 * await using server = serve(listener, { security: [{ setting: "off" }] }, async (channel) => {
 *   for await (const message of channel) await channel.send(message);
 * });
 * const transport = await dial({ host: "127.0.0.1", port: listener.port }); // for connect(transport, …)
 * await transport.writable.abort();
 * ```
 *
 * @module
 */

import { connect, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { abortedBy, onAbort } from "../abort.ts";
import { checkSignal } from "../check.ts";
import type { ChannelError } from "../errors.ts";
import { fromSocket } from "./node_duplex.ts";
import { listen } from "./node_listener.ts";
import {
  cannotConnect,
  type DialOptions,
  dialOptions,
  type DialUnixOptions,
  insideOf,
  type ListenOptions,
  type Place,
  type TcpListener,
  type TcpTransport,
} from "./tcp.ts";
import { type AdmissionOptions, checkAdmission } from "./websocket/admission.ts";
import { acceptWebSocket, checkOpening, openWebSocket } from "./websocket/handshake.ts";

export type { Peer } from "../peer.ts";
export type { Listener } from "../server/server.ts";
export type { Transport } from "../connection.ts";
export { fromDuplex } from "./node_duplex.ts";
export { listen };
export { type WebSocketUpgrades, webSocketUpgrades } from "./node_upgrade.ts";
export type { AdmissionOptions } from "./websocket/admission.ts";
export type { DialOptions, DialUnixOptions, ListenOptions, TcpListener, TcpTransport } from "./tcp.ts";

/**
 * Connects to a TCP port or a Unix socket.
 *
 * @param server The server: `"host:port"`, `"unix:/path"`, or an object.
 * @returns The connected transport.
 * @throws {ChannelError} `transport` if it cannot connect; `aborted` if the signal fires first.
 * @example
 * ```ts
 * import { dial } from "@fesa/channel/node";
 *
 * try {
 *   await dial({ host: "127.0.0.1", port: 1 });
 * } catch (error) {
 *   console.log(`no server listens there: ${error}`);
 * }
 * ```
 */
export async function dial(server: DialOptions | DialUnixOptions | string): Promise<TcpTransport> {
  const { signal, ...place } = dialOptions(server);
  const socket = connect({ ...place, allowHalfOpen: true, noDelay: true });
  return await connected(socket, "connect", place, signal);
}

/** Options of {@link dialWebSocket}. */
export interface DialWebSocketOptions {
  /** Aborts connecting. */
  readonly signal?: AbortSignal | undefined;
  /** For `wss:`, the trusted roots in PEM instead of those of the platform. */
  readonly ca?: string | Uint8Array | readonly (string | Uint8Array)[];
  /** Additional HTTP fields, such as `authorization`, for a reverse proxy in front of the server. */
  readonly headers?: Readonly<Record<string, string>>;
  /** A subprotocol that the server must select (RFC 6455 section 1.9). */
  readonly protocol?: string;
}

/** Options of {@link listenWebSocket}. */
export interface ListenWebSocketOptions extends ListenOptions, AdmissionOptions {}

/**
 * Connects to a WebSocket server. The transport has backpressure in both directions, unlike the platform's WebSocket.
 *
 * @param url A `ws:` or `wss:` URL. `wss:` uses the platform's TLS and trusted roots.
 * @param options `ca` for a server whose root the platform does not trust, `headers` and `protocol` for a reverse proxy, and
 * `signal` to abort connecting.
 * @returns The connected transport. Its bytes are sent in binary messages of at most 64 KiB, and its end is the close frame.
 * @throws {ChannelError} `transport` if it cannot connect; `protocol` if the server does not open a WebSocket; `timeout` if
 * it does not answer within ten seconds; `aborted` if the signal fires first.
 * @throws {TypeError} If the URL is not a WebSocket URL or contains a user name or password, or an option is invalid.
 * @example
 * ```ts
 * import { serveTransports } from "@fesa/channel";
 * import { dialWebSocket, listenWebSocket } from "@fesa/channel/node";
 *
 * const listener = await listenWebSocket();
 * await using server = serveTransports(listener, {}, ({ readable, writable }) => readable.pipeTo(writable));
 * const { readable, writable } = await dialWebSocket(`ws://127.0.0.1:${listener.port}/`);
 * const writer = writable.getWriter();
 * await writer.write(new Uint8Array(3));
 * const reader = readable.getReader();
 * if ((await reader.read()).value?.length !== 3) throw new Error("not echoed");
 * await writer.close();
 * ```
 */
export async function dialWebSocket(
  url: string | URL,
  options: DialWebSocketOptions = {},
): Promise<TcpTransport> {
  checkOpening(options);
  const { signal, ca } = options;
  checkSignal(signal);
  const target = URL.canParse(url) ? new URL(url) : undefined;
  if (target?.protocol !== "ws:" && target?.protocol !== "wss:") {
    throw new TypeError("url must be a WebSocket URL, such as ws://127.0.0.1:4433/");
  }
  const secure = target.protocol === "wss:";
  if (target.username !== "" || target.password !== "") {
    throw new TypeError("a user name and password in a URL are not sent: use the header Authorization");
  }
  const host = target.hostname.replace(/^\[|\]$/g, ""); // around an IPv6 address
  const port = Number(target.port || (secure ? 443 : 80));
  const socket = secure
    ? connectTls({
      host,
      port,
      servername: isIP(host) ? "" : host,
      ca: ca as string | undefined,
      ALPNProtocols: ["http/1.1"],
    })
    : connect({ host, port, allowHalfOpen: true, noDelay: true });
  const transport = await connected(socket, secure ? "secureConnect" : "connect", { host, port }, signal);
  return insideOf(transport, await openWebSocket(transport, target, options));
}

/**
 * Listens for WebSockets. A page of another host is refused with status 403, unless `origins` lists its origin. A connection
 * is yielded before its opening handshake, so that it counts towards a server's limits from the start; its reads and writes
 * wait for the handshake. A client that does not request a WebSocket within ten seconds is refused, and its transport fails
 * with a {@link ChannelError} `protocol` or `timeout`.
 *
 * @param options The address to listen on, and the accepted requests.
 * @returns The listener, which is already listening.
 * @throws {ChannelError} `transport` if the port cannot be listened on.
 * @throws {TypeError} If an option has the wrong type.
 * @example
 * ```ts
 * import { serve } from "@fesa/channel";
 * import { listenWebSocket } from "@fesa/channel/node";
 *
 * const listener = await listenWebSocket();
 * await using server = serve(listener, { security: [{ setting: "off" }] }, async (channel) => {
 *   for await (const message of channel) await channel.send(message);
 * });
 * console.log(`ws://${listener.host}:${listener.port}/`);
 * ```
 */
export async function listenWebSocket(options: ListenWebSocketOptions = {}): Promise<TcpListener> {
  checkAdmission(options);
  const listener = await listen(options);
  const connections = listener[Symbol.asyncIterator]();
  const next = async (): Promise<IteratorResult<TcpTransport>> => {
    const { done, value } = await connections.next();
    if (done) return { done, value };
    return { done: false, value: insideOf(value, acceptWebSocket(value, options)) };
  };
  const close = () => listener.close();
  return {
    host: listener.host,
    port: listener.port,
    path: listener.path,
    close,
    [Symbol.asyncIterator]: () => ({ next }),
    [Symbol.asyncDispose]: close,
  };
}

/** Returns the transport of a socket when its `event` reports that it is connected. */
function connected(
  socket: Socket,
  event: string,
  place: Place,
  signal: AbortSignal | undefined,
): Promise<TcpTransport> {
  return new Promise((resolve, reject) => {
    const fail = (error: ChannelError) => {
      stopListening();
      socket.destroy();
      reject(error);
    };
    const abort = () => fail(abortedBy(signal));
    const onError = (cause: Error) => fail(cannotConnect(place, cause));
    const stopListening = onAbort(signal, abort);
    socket.once("error", onError); // Bun also emits it after a destroy
    if (signal?.aborted) return abort();
    socket.once(event, () => {
      stopListening();
      socket.off("error", onError);
      resolve(fromSocket(socket)); // at once, since the next event may be an error
    });
  });
}
