/**
 * TCP and Unix sockets on Bun with `Bun.listen` and `Bun.connect`. (`@fesa/channel/node` works on Bun too; this module is
 * faster and needs no `node:` modules.)
 *
 * @example
 * ```ts ignore
 * import { connect, serve } from "@fesa/channel";
 * import { dial, listen } from "@fesa/channel/bun";
 *
 * const secret = crypto.getRandomValues(new Uint8Array(32));
 * const listener = await listen({ port: 4433 });
 * await using server = serve(listener, { security: [{ setting: "native", secret }] }, async (channel) => {
 *   for await (const message of channel) await channel.send(message);
 * });
 * await using client = await connect(await dial(listener), { security: { setting: "native", secret } });
 * ```
 *
 * @module
 */

import { abortedBy, onAbort } from "../abort.ts";
import type { Peer } from "../peer.ts";
import { Queue } from "./queue.ts";
import {
  cannotConnect,
  type DialOptions,
  dialOptions,
  type DialUnixOptions,
  type ListenOptions,
  type Place,
  type TcpListener,
  type TcpTransport,
} from "./tcp.ts";
import { HIGH_WATER_MARK, TcpConnection } from "./tcp_connection.ts";
import { listenBy } from "./tcp_listener.ts";

export type { Peer } from "../peer.ts";
export type { Listener } from "../server/server.ts";
export type { Transport } from "../connection.ts";
export type { DialOptions, DialUnixOptions, ListenOptions, TcpListener, TcpTransport } from "./tcp.ts";

/** The part of Bun's `Socket` that is used. */
export interface BunSocket {
  /** The peer's address; undefined for a Unix socket. */
  readonly remoteAddress?: string;
  /** The peer's port. */
  readonly remotePort?: number;
  /** Sends as many bytes as the system accepts, and returns their number; -1 after the end. */
  write(data: Uint8Array): number;
  /** Ends the writing direction. */
  shutdown(): void;
  /** Resets the connection. */
  terminate(): void;
  /** Stops reading from the network. */
  pause(): void;
  /** Resumes reading from the network. */
  resume(): void;
  /** Sets whether small writes are sent at once. */
  setNoDelay(noDelay: boolean): void;
}

/** The `socket` option of `Bun.listen` and `Bun.connect`. */
export interface BunSocketHandlers {
  /** A connection was made. */
  open(socket: BunSocket): void;
  /** Bytes arrived. */
  data(socket: BunSocket, data: Uint8Array): void;
  /** There is room to write again. */
  drain(socket: BunSocket): void;
  /** The peer ended its direction. */
  end(socket: BunSocket): void;
  /** The connection is closed, with or without an error. */
  close(socket: BunSocket, error?: unknown): void;
}

interface BunRuntime {
  listen(options: BunOptions): { readonly hostname?: string; readonly port?: number; stop(): void };
  connect(options: BunOptions): Promise<BunSocket>;
}

type BunPlace = { readonly hostname: string; readonly port: number; readonly reusePort?: boolean } | {
  readonly unix: string;
};

type BunOptions = BunPlace & { readonly allowHalfOpen: true; readonly socket: BunSocketHandlers };

/**
 * Returns `socket` handlers for `Bun.listen` or `Bun.connect` that make a transport of each connection. They work with `tls`
 * and all other options of those functions. Backpressure works in both directions.
 *
 * @param onTransport Called with each transport when it is connected.
 * @returns The handlers. To let each direction end separately, also set the option `allowHalfOpen: true`.
 * @example
 * ```ts ignore
 * import { connect, type Transport } from "@fesa/channel";
 * import { bunSocketHandlers } from "@fesa/channel/bun";
 *
 * const transport = await new Promise<Transport>((resolve, reject) => {
 *   Bun.connect({ hostname: "app.example", port: 4433, tls: true, socket: bunSocketHandlers(resolve) }).catch(reject);
 * });
 * const channel = await connect(transport, { security });
 * ```
 */
export function bunSocketHandlers(onTransport: (transport: TcpTransport) => void): BunSocketHandlers {
  const transports = new WeakMap<BunSocket, BunTransport>();
  return {
    open(socket) {
      socket.setNoDelay(true);
      const transport = new BunTransport(socket);
      transports.set(socket, transport);
      onTransport(transport);
    },
    data: (socket, data) => transports.get(socket)?.onData(data),
    drain: (socket) => transports.get(socket)?.onDrain(),
    end: (socket) => transports.get(socket)?.onEnd(),
    close: (socket, error) => transports.get(socket)?.onClose(error),
  };
}

/**
 * Connects to a TCP port or a Unix socket.
 *
 * @param server The server: `"host:port"`, `"unix:/path"`, or an object.
 * @returns The connected transport.
 * @throws {ChannelError} `transport` if it cannot connect; `aborted` if the signal fires first.
 * @example
 * ```ts ignore
 * import { dial } from "@fesa/channel/bun";
 *
 * const transport = await dial({ host: "127.0.0.1", port: 4433, signal: AbortSignal.timeout(5_000) });
 * ```
 */
export async function dial(server: DialOptions | DialUnixOptions | string): Promise<TcpTransport> {
  const { signal, ...place } = dialOptions(server);
  return await new Promise((resolve, reject) => {
    const abort = () => reject(abortedBy(signal));
    if (signal?.aborted) return abort();
    const stopListening = onAbort(signal, abort);
    const socket = bunSocketHandlers((transport) => {
      stopListening();
      if (signal?.aborted) transport.writable.abort(signal.reason).catch(() => {});
      resolve(transport);
    });
    bun().connect({ ...bunPlace(place), allowHalfOpen: true, socket }).catch((cause) => {
      stopListening();
      reject(cannotConnect(place, cause));
    });
  });
}

/**
 * Listens on a TCP port or a Unix socket.
 *
 * @param options The address or Unix socket to listen on.
 * @returns The listener, which is already listening.
 * @throws {ChannelError} `transport` if the port cannot be listened on, or the socket's file cannot be made.
 * @throws {TypeError} If an option has the wrong type.
 * @example
 * ```ts ignore
 * import { listen } from "@fesa/channel/bun";
 *
 * await using listener = await listen({ port: 0 });
 * for await (const { peer, writable } of listener) {
 *   console.log(peer.address);
 *   await writable.close();
 * }
 * ```
 */
export function listen(options: ListenOptions = {}): Promise<TcpListener> {
  return listenBy(options, (place, reusePort) => {
    const queue = new Queue<TcpTransport>();
    const socket = bunSocketHandlers((transport) => {
      if (!queue.push(transport)) transport.writable.abort().catch(() => {});
    });
    const server = bun().listen({ ...bunPlace(place), reusePort, allowHalfOpen: true, socket });
    const close = (): void => {
      server.stop();
      for (const waiting of queue.end()) waiting.close();
    };
    return { host: server.hostname ?? "", port: server.port ?? 0, connections: queue, close };
  });
}

/** One connection. The handlers report its events. */
class BunTransport extends TcpConnection implements TcpTransport {
  readonly peer: Peer;
  readonly #socket: BunSocket;
  #finished = false;
  #waiting: { readonly resolve: () => void; readonly reject: (cause: unknown) => void } | undefined;

  constructor(socket: BunSocket) {
    super(HIGH_WATER_MARK);
    this.#socket = socket;
    this.peer = { address: socket.remoteAddress ?? "", port: socket.remotePort ?? 0 };
  }

  onDrain(): void {
    this.#waiting?.resolve();
  }

  override onClose(cause: unknown): void {
    if (this.#finished && !cause) return this.onEnd(); // Bun does not report the peer's end separately after this side's
    super.onClose(cause);
    this.#waiting?.reject(cause ?? new Error("closed"));
  }

  protected async send(chunk: Uint8Array): Promise<void> {
    for (let offset = 0; offset < chunk.length;) {
      const written = this.#socket.write(offset === 0 ? chunk : chunk.subarray(offset));
      if (written < 0) throw new Error("closed");
      offset += written;
      if (offset < chunk.length) await this.#room();
    }
  }

  protected async finish(): Promise<void> {
    this.#finished = true;
    this.#socket.shutdown();
  }

  protected resume(): void {
    this.#socket.resume();
  }

  protected pause(): void {
    this.#socket.pause();
  }

  protected terminate(): void {
    this.#socket.terminate();
  }

  protected release(): void {} // Bun releases the socket itself

  /** Resets the connection: Bun reports no other end of a paused socket, and without one the program would not exit. */
  protected override abandon(): void {
    this.terminate();
  }

  #room(): Promise<void> {
    return new Promise((resolve, reject) => this.#waiting = { resolve, reject });
  }
}

function bunPlace(place: Place): BunPlace {
  return "path" in place ? { unix: place.path } : { hostname: place.host, port: place.port };
}

function bun(): BunRuntime {
  const { Bun } = globalThis as { Bun?: BunRuntime };
  if (Bun === undefined) throw new TypeError("this runtime is not Bun");
  return Bun;
}
