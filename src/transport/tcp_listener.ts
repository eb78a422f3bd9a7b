/// <reference lib="esnext.disposable" preserve="true" />
/** Listening on TCP ports and Unix sockets: what is the same on every runtime. */

import { checkOptions, wrongType } from "../check.ts";
import { behindProxies, trustedProxies } from "./proxied_listener.ts";
import {
  cannotListen,
  checkPort,
  type ListenOptions,
  type Place,
  type TcpListener,
  type TcpTransport,
} from "./tcp.ts";
import { bindSocket, checkSocketFile, removeSocket } from "./unix_socket.ts";

/** A listener of the runtime. */
export interface RuntimeListener {
  /** The address and port that it listens on; meaningless for a Unix socket. */
  readonly host: string;
  readonly port: number;
  readonly connections: AsyncIterator<TcpTransport>;
  /** Stops listening, and closes the connections that wait. */
  close(): void;
}

/** Begins listening before it returns. If it returns a promise, that resolves when the listener is ready. */
type Bind = (place: Place, reusePort: boolean) => RuntimeListener | Promise<RuntimeListener>;

/**
 * Listens with the runtime's own listener, which `bind` makes.
 *
 * @throws {ChannelError} `transport` if the port cannot be listened on, or the socket's file cannot be made.
 * @throws {TypeError} If an option has the wrong type.
 */
export async function listenBy(options: ListenOptions, bind: Bind): Promise<TcpListener> {
  checkListenOptions(options);
  const { path, proxyProtocol } = options;
  const listener = await bound(options, bind);
  let closed = false;
  const close = async (): Promise<void> => {
    if (closed) return;
    closed = true;
    try {
      if (path !== undefined) removeSocket(path); // first, so that it is not the file of a listener that follows
    } finally {
      listener.close();
    }
  };
  return behindProxies(proxyProtocol, {
    host: path === undefined ? listener.host : "",
    port: path === undefined ? listener.port : 0,
    path,
    close,
    [Symbol.asyncIterator]: () => listener.connections,
    [Symbol.asyncDispose]: close,
  });
}

async function bound(
  { host = "127.0.0.1", port = 0, reusePort = false, path, mode }: ListenOptions,
  bind: Bind,
): Promise<RuntimeListener> {
  const place = path === undefined ? { host, port } : { path };
  try {
    return path === undefined
      ? await bind(place, reusePort)
      : await bindSocket(path, mode, () => bind(place, false));
  } catch (cause) {
    throw cannotListen(place, cause);
  }
}

/** Refuses options of `listen` with the wrong type. */
function checkListenOptions(options: ListenOptions): void {
  checkOptions("options", options);
  const { host, port, reusePort, path, mode, proxyProtocol } = options;
  if (reusePort !== undefined && typeof reusePort !== "boolean") {
    throw wrongType("reusePort", "a boolean", reusePort);
  }
  if (path !== undefined) checkSocketFile(path, mode);
  if (host !== undefined && typeof host !== "string") throw wrongType("host", "an address", host);
  if (port !== undefined) checkPort(port);
  if (proxyProtocol !== undefined) trustedProxies(proxyProtocol);
}
