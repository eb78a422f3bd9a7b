/// <reference lib="esnext.disposable" preserve="true" />
/** Listening on a TCP port by `node:net`. */

import { createServer } from "node:net";
import type { Transport } from "../wire.ts";
import { DuplexConnection } from "./node_duplex.ts";
import { Queue } from "./queue.ts";
import {
  cannotListen,
  checkListenOptions,
  type ListenOptions,
  type TcpListener,
  type TcpTransport,
} from "./tcp.ts";

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
  checkListenOptions({ host, port });
  const queue = new Queue<TcpTransport>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    const connection = new DuplexConnection(socket);
    const peer = { address: socket.remoteAddress ?? "", port: socket.remotePort ?? 0 };
    const transport = { ...carried(connection), peer, close: () => connection.close() };
    if (!queue.push(transport)) socket.destroy();
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) => reject(cannotListen(host, port, cause)));
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
