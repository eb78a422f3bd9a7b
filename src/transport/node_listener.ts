/// <reference lib="esnext.disposable" preserve="true" />
/** Listening on a TCP port by `node:net`. */

import { createServer } from "node:net";
import { fromSocket } from "./node_duplex.ts";
import { behindProxies } from "./proxied_listener.ts";
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
 * @throws {ChannelError} `transport` if the port cannot be listened on.
 * @throws {TypeError} If an option is of another kind than it should be.
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
export async function listen(options: ListenOptions = {}): Promise<TcpListener> {
  checkListenOptions(options);
  const { host = "127.0.0.1", port = 0, proxyProtocol } = options;
  const queue = new Queue<TcpTransport>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    if (!queue.push(fromSocket(socket))) socket.destroy();
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
  return behindProxies(proxyProtocol, {
    host: address.address,
    port: address.port,
    close,
    [Symbol.asyncIterator]: () => queue,
    [Symbol.asyncDispose]: close,
  });
}
