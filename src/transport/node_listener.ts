/** Listens on a TCP port or a Unix socket with `node:net`. */

import { type AddressInfo, createServer } from "node:net";
import process from "node:process";
import { fromSocket } from "./node_duplex.ts";
import { Queue } from "./queue.ts";
import type { ListenOptions, Place, TcpListener, TcpTransport } from "./tcp.ts";
import { listenBy, type RuntimeListener } from "./tcp_listener.ts";

/**
 * Listens on a TCP port or a Unix socket.
 *
 * @param options The address or Unix socket to listen on.
 * @returns The listener, which is already listening.
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
export function listen(options: ListenOptions = {}): Promise<TcpListener> {
  return listenBy(options, bind);
}

function bind(place: Place, reusePort: boolean): Promise<RuntimeListener> {
  const queue = new Queue<TcpTransport>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    if (!queue.push(fromSocket(socket))) socket.destroy();
  });
  const close = (): void => {
    server.close(); // not awaited: its callback would also wait for the connections
    for (const waiting of queue.end()) waiting.close();
  };
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ ...place, reusePort: checkedReusePort(reusePort) }, () => {
      server.on("error", (error) => queue.fail(error)); // such as too many open files
      const { address, port } = server.address() as AddressInfo;
      resolve({ host: address, port, connections: queue, close });
    });
  });
}

/** Returns the option, but refuses true on older versions of Node, which would ignore it. */
function checkedReusePort(reusePort: boolean): boolean {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (reusePort && (major < 22 || major === 22 && minor < 12)) {
    throw new TypeError("reusePort needs Node 22.12 or later; node:cluster does the same");
  }
  return reusePort;
}
