/// <reference lib="esnext.disposable" preserve="true" />
/** Listens on a TCP port or a Unix socket by `node:net`. */

import { createServer } from "node:net";
import process from "node:process";
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
import { bindSocket } from "./unix_socket.ts";

/**
 * Listens on a TCP port or a Unix socket.
 *
 * @param options Where to listen.
 * @returns The listener, listening.
 * @throws {ChannelError} `transport` if the port cannot be listened on, or the socket's file cannot be made.
 * @throws {TypeError} If an option has the wrong type.
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
  const { host = "127.0.0.1", port = 0, reusePort = false, path, mode, proxyProtocol } = options;
  const queue = new Queue<TcpTransport>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    if (!queue.push(fromSocket(socket))) socket.destroy();
  });
  const listening = new Promise<void>((resolve, reject) => {
    server.once("listening", resolve);
    server.once("error", reject);
  });
  try {
    if (path === undefined) server.listen({ host, port, reusePort: checkedReusePort(reusePort) });
    else await bindSocket(path, mode, () => server.listen({ path }));
    await listening;
  } catch (cause) {
    throw cannotListen(path === undefined ? { host, port } : { path }, cause);
  }
  server.on("error", (error) => queue.fail(error)); // such as too many open files

  const address = server.address();
  const close = async (): Promise<void> => {
    server.close(); // its callback would wait for the connections, too
    for (const waiting of queue.end()) waiting.close();
  };
  return behindProxies(proxyProtocol, {
    host: typeof address === "object" && address?.address || "",
    port: typeof address === "object" && address?.port || 0,
    path,
    close,
    [Symbol.asyncIterator]: () => queue,
    [Symbol.asyncDispose]: close,
  });
}

/** Refuses `reusePort` on older versions of Node, which would ignore it. */
function checkedReusePort(reusePort: boolean): boolean {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (reusePort && (major < 22 || major === 22 && minor < 12)) {
    throw new TypeError("reusePort needs Node 22.12 or later; node:cluster does the same");
  }
  return reusePort;
}
