/**
 * TCP and Unix sockets on Deno. A `Deno.Conn` has a `readable` and a `writable`, so it is itself a transport, which is
 * enough for channels. But its streams end together, and the system then resets the connection if the peer is still
 * sending, so that unread data is lost. The connections of this module can end one direction at a time, which relays and TLS
 * streams need.
 *
 * @example
 * ```ts
 * import { connect, serve } from "@fesa/channel";
 * import { dial, listen } from "@fesa/channel/deno";
 *
 * const secret = crypto.getRandomValues(new Uint8Array(32));
 * const listener = await listen({ port: 0 });
 * await using server = serve(listener, { security: [{ setting: "native", secret }] }, async (channel) => {
 *   for await (const message of channel) await channel.send(message);
 * });
 * await using client = await connect(await dial(listener), { security: { setting: "native", secret } });
 * await client.send("hello");
 * console.log(new TextDecoder().decode((await client.receive())!));
 * ```
 *
 * @module
 */

import { abortedBy } from "../abort.ts";
import type { Peer } from "../peer.ts";
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

/** The part of a `Deno.Conn` that is used. */
export interface DenoConn {
  /** The peer's address. */
  readonly remoteAddr: object;
  /** Reads into a buffer. Returns the number of bytes, or null at the end. */
  read(buffer: Uint8Array): Promise<number | null>;
  /** Writes some of the bytes, and returns their number. */
  write(bytes: Uint8Array): Promise<number>;
  /** Ends the writing direction. */
  closeWrite(): Promise<void>;
  /** Closes both directions. */
  close(): void;
}

/**
 * The errors of `accept` for a connection that the client ended before it was accepted. All other errors are the listener's.
 */
const CONNECTION_FAILURES: readonly string[] = ["NotConnected", "ConnectionReset", "ConnectionAborted"];

interface SocketConn extends DenoConn {
  /** Sets TCP_NODELAY; Unix sockets do not have it. */
  setNoDelay?(noDelay: boolean): void;
}

type DenoPlace = { hostname: string; port: number; reusePort?: boolean } | {
  transport: "unix";
  path: string;
};

interface DenoRuntime {
  listen(options: DenoPlace): {
    readonly addr: { readonly hostname?: string; readonly port?: number };
    accept(): Promise<SocketConn>;
    close(): void;
  };
  connect(options: DenoPlace & { signal?: AbortSignal }): Promise<SocketConn>;
}

/**
 * Returns a transport over a connection of Deno: TCP, TLS or a Unix socket. The connection belongs to the transport from
 * then on.
 *
 * @param conn The connection, whose own streams must not have been used.
 * @returns The transport. If the connection fails, both directions fail with a {@link ChannelError} `transport`. Deno cannot
 * reset a connection, so an abort looks like the end of the bytes to the peer. The peer of a channel can distinguish the
 * two.
 * @example
 * ```ts
 * import { fromConn } from "@fesa/channel/deno";
 *
 * using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
 * const { port } = listener.addr;
 * const [client, server] = await Promise.all([Deno.connect({ hostname: "127.0.0.1", port }), listener.accept()]);
 * const [here, there] = [fromConn(client), fromConn(server)];
 * await here.writable.close(); // there may still send
 * await there.writable.getWriter().write(new Uint8Array(3));
 * const { value } = await here.readable.getReader().read();
 * if (value?.length !== 3) throw new Error("not there");
 * there.close();
 * here.close();
 * ```
 */
export function fromConn(conn: DenoConn): TcpTransport {
  return new ConnTransport(conn);
}

/**
 * Connects to a TCP port or a Unix socket.
 *
 * @param server The server: `"host:port"`, `"unix:/path"`, or an object.
 * @returns The connected transport.
 * @throws {ChannelError} `transport` if it cannot connect; `aborted` if the signal fires first.
 * @example
 * ```ts
 * import { dial } from "@fesa/channel/deno";
 *
 * try {
 *   await dial({ host: "127.0.0.1", port: 1, signal: AbortSignal.timeout(5_000) });
 * } catch (error) {
 *   console.log(`no server listens there: ${error}`);
 * }
 * ```
 */
export async function dial(server: DialOptions | DialUnixOptions | string): Promise<TcpTransport> {
  const { signal, ...place } = dialOptions(server);
  try {
    signal?.throwIfAborted(); // Deno checks the signal only for TCP
    const conn = await deno().connect({ ...denoPlace(place), ...signal && { signal } });
    conn.setNoDelay?.(true);
    return fromConn(conn);
  } catch (cause) {
    throw signal?.aborted ? abortedBy(signal) : cannotConnect(place, cause);
  }
}

/**
 * Listens on a TCP port or a Unix socket.
 *
 * @param options The address or Unix socket to listen on.
 * @returns The listener, which is already listening.
 * @throws {ChannelError} `transport` if the port cannot be listened on, or the socket's file cannot be made.
 * @throws {TypeError} If an option has the wrong type.
 * @example
 * ```ts
 * import { dial, listen } from "@fesa/channel/deno";
 *
 * await using listener = await listen({ port: 0 });
 * const client = await dial(listener);
 * for await (const transport of listener) {
 *   console.log(transport.peer.address); // 127.0.0.1
 *   transport.close();
 *   break;
 * }
 * await client.writable.close();
 * await client.readable.cancel();
 * ```
 */
export function listen(options: ListenOptions = {}): Promise<TcpListener> {
  return listenBy(options, (place, reusePort) => {
    const listener = deno().listen({ ...denoPlace(place), ...reusePort && { reusePort } });
    let closed = false;
    const next = async (): Promise<IteratorResult<TcpTransport>> => {
      try {
        const conn = await listener.accept();
        conn.setNoDelay?.(true);
        return { done: false, value: fromConn(conn) };
      } catch (error) {
        if (closed) return { done: true, value: undefined };
        if (CONNECTION_FAILURES.includes((error as Error).name)) return next();
        throw error;
      }
    };
    const close = (): void => {
      closed = true;
      listener.close();
    };
    const { hostname = "", port = 0 } = listener.addr;
    return { host: hostname, port, connections: { next }, close };
  });
}

function denoPlace(place: Place): DenoPlace {
  return "path" in place
    ? { transport: "unix", path: place.path }
    : { hostname: place.host, port: place.port };
}

class ConnTransport extends TcpConnection implements TcpTransport {
  readonly peer: Peer;
  readonly #conn: DenoConn;
  #buffer: Uint8Array = new Uint8Array(HIGH_WATER_MARK);
  #reading = false;

  constructor(conn: DenoConn) {
    super(0); // reads on demand only
    this.#conn = conn;
    const { hostname = "", port = 0 } = conn.remoteAddr as { hostname?: string; port?: number };
    this.peer = { address: hostname, port };
  }

  protected async send(chunk: Uint8Array): Promise<void> {
    for (let offset = 0; offset < chunk.length;) offset += await this.#conn.write(chunk.subarray(offset));
  }

  protected finish(): Promise<void> {
    return this.#conn.closeWrite();
  }

  /** Reads once. It is called again when more data is needed. */
  protected async resume(): Promise<void> {
    if (this.#reading) return;
    this.#reading = true;
    const length = await this.#conn.read(this.#buffer).catch((cause) => this.breakOff(cause));
    this.#reading = false;
    if (length === null) this.onEnd();
    else if (length !== undefined) this.onData(this.#taken(length));
  }

  protected pause(): void {} // reading pauses after each read anyway

  protected terminate(): void {
    this.release(); // Deno has no reset
  }

  protected release(): void {
    try {
      this.#conn.close();
    } catch {
      // The connection was already closed.
    }
  }

  /** Returns the bytes that were read into the buffer. Copies a small read, so that it does not keep a large buffer alive. */
  #taken(length: number): Uint8Array {
    const buffer = this.#buffer;
    if (length < buffer.length / 2) return buffer.slice(0, length);
    this.#buffer = new Uint8Array(HIGH_WATER_MARK);
    return buffer.subarray(0, length);
  }
}

function deno(): DenoRuntime {
  const { Deno } = globalThis as { Deno?: DenoRuntime };
  if (Deno === undefined) throw new TypeError("this runtime is not Deno");
  return Deno;
}
