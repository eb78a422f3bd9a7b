/** Listening on a TCP port by `node:net`. */

import { createServer, type Socket } from "node:net";
import { ChannelError } from "../errors.ts";
import type { Listener } from "../server.ts";
import type { Transport } from "../wire.ts";
import { fromDuplex } from "./node_duplex.ts";
import { Queue } from "./queue.ts";

/** Who is at the other end of a connection. */
export interface Peer {
  /** The peer's address. */
  readonly address: string;
  /** The peer's port. */
  readonly port: number;
}

/** A connection that a listener took. */
export interface TcpTransport extends Transport {
  /** Who connected. */
  readonly peer: Peer;
  /** Closes both directions; what was written before still goes out, for two seconds at most. */
  close(): void;
}

/** Where to listen. */
export interface ListenOptions {
  /** The address to listen on; `127.0.0.1` by default, so that nothing is open to the network unasked. */
  readonly host?: string | undefined;
  /** The port to listen on; 0, the default, takes a free one. */
  readonly port?: number | undefined;
}

/** Something that listens on a port. Iterating it gives the connections; {@link serve} does. */
export interface TcpListener extends Listener<TcpTransport>, AsyncDisposable {
  /** The address it listens on. */
  readonly host: string;
  /** The port it listens on. */
  readonly port: number;
  /** Stops listening. Connections that were taken live on; those that wait to be are closed. */
  close(): Promise<void>;
}

/** Milliseconds that a peer has to end a connection that was closed here. */
const LINGER = 2_000;

/**
 * Listens on a TCP port.
 *
 * @param options Where to listen.
 * @returns The listener, listening.
 * @throws {ChannelError} `transport` where the port cannot be listened on.
 * @example
 * ```ts
 * import { dial, listen } from "@fesa/channel/node";
 *
 * await using listener = await listen({ port: 0 });
 * const client = await dial(listener);
 * for await (const { peer, writable } of listener) {
 *   console.log(peer.address); // 127.0.0.1
 *   await writable.close();
 *   break;
 * }
 * await client.writable.close();
 * ```
 */
export function listen(options: ListenOptions = {}): Promise<TcpListener> {
  return listenFor(options, (transport) => transport);
}

/** Listens for connections that carry another transport, or are one. */
export async function listenFor(
  { host = "127.0.0.1", port = 0 }: ListenOptions,
  carried: (transport: Transport) => Transport,
): Promise<TcpListener> {
  const queue = new Queue<TcpTransport>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    socket.on("error", () => {}); // it reaches whoever serves through the transport
    const peer = { address: socket.remoteAddress ?? "", port: socket.remotePort ?? 0 };
    const transport = { ...carried(fromDuplex(socket)), peer, close: () => finish(socket) };
    if (!queue.push(transport)) socket.destroy();
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) => {
      reject(new ChannelError("transport", `cannot listen on ${host}:${port}: ${cause.message}`, { cause }));
    });
    server.listen({ host, port }, resolve);
  });
  server.on("error", (error) => queue.fail(error)); // such as too many open files

  const address = server.address();
  if (address === null || typeof address === "string") throw new TypeError("not a TCP port");
  const close = async (): Promise<void> => {
    server.close(); // its callback would wait for the connections, too
    for (const waiting of queue.end()) waiting.close();
  };
  return {
    host: address.address,
    port: address.port,
    close,
    [Symbol.asyncIterator]: () => queue,
    [Symbol.asyncDispose]: close,
  };
}

/** Ends a connection; a peer that does not end it too has a moment to do so. */
function finish(socket: Socket): void {
  if (socket.destroyed) return;
  socket.removeAllListeners("data"); // nobody reads on, and what lies unread would reset the connection
  socket.resume();
  socket.end();
  const timer = setTimeout(() => socket.destroy(), LINGER);
  socket.once("close", () => clearTimeout(timer));
}
