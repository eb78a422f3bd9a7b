/**
 * TCP on Deno. A `Deno.Conn` has a `readable` and a `writable` and is a transport as it is, which does for channels. But
 * its two directions end at once, and a peer that is still sending then loses what it has not read, since the system resets
 * the connection. The connections given here end one direction at a time, as relays and TLS streams need it.
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

import type { Transport } from "../wire.ts";
import {
  abortedBy,
  cannotConnect,
  cannotListen,
  connectionFailed,
  type DialOptions,
  HIGH_WATER_MARK,
  LINGER,
  type ListenOptions,
  type Peer,
  type TcpListener,
  type TcpTransport,
} from "./tcp.ts";

export type { Listener } from "../server.ts";
export type { Transport } from "../wire.ts";
export type { DialOptions, ListenOptions, Peer, TcpListener, TcpTransport } from "./tcp.ts";

/** What is used of a `Deno.Conn`. */
export interface DenoConn {
  /** Who is at the other end. */
  readonly remoteAddr: object;
  /** Reads into a buffer; null at the end. */
  read(buffer: Uint8Array): Promise<number | null>;
  /** Writes some of the bytes, and says how many. */
  write(bytes: Uint8Array): Promise<number>;
  /** Ends the writing direction. */
  closeWrite(): Promise<void>;
  /** Closes both directions. */
  close(): void;
}

interface TcpConn extends DenoConn {
  setNoDelay(noDelay: boolean): void;
}

interface DenoRuntime {
  listen(options: { hostname: string; port: number }): {
    readonly addr: { readonly hostname: string; readonly port: number };
    accept(): Promise<TcpConn>;
    close(): void;
  };
  connect(options: { hostname: string; port: number; signal?: AbortSignal }): Promise<TcpConn>;
}

/**
 * A transport over a connection of Deno: TCP, TLS or a Unix socket. From here on the connection belongs to it.
 *
 * @param conn The connection, whose own streams nobody has used.
 * @returns The transport. Where the connection fails, both directions fail with a {@link ChannelError} `transport`. Deno
 * cannot reset a connection, so the peer takes an abort for the end of the bytes; a channel's peer tells them apart.
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
 * Connects to a TCP port.
 *
 * @param options Where to.
 * @returns The transport, connected.
 * @throws {ChannelError} `transport` where it cannot connect; `aborted` where the signal fired before it had.
 * @example
 * ```ts
 * import { dial } from "@fesa/channel/deno";
 *
 * try {
 *   await dial({ host: "127.0.0.1", port: 1, signal: AbortSignal.timeout(5_000) });
 * } catch (error) {
 *   console.log(`nobody listens there: ${error}`);
 * }
 * ```
 */
export async function dial({ host, port, signal }: DialOptions): Promise<Transport> {
  try {
    const conn = await deno().connect({ hostname: host, port, ...signal && { signal } });
    conn.setNoDelay(true);
    return fromConn(conn);
  } catch (cause) {
    throw signal?.aborted ? abortedBy(signal) : cannotConnect(host, port, cause);
  }
}

/**
 * Listens on a TCP port.
 *
 * @param options Where to listen.
 * @returns The listener, listening.
 * @throws {ChannelError} `transport` where the port cannot be listened on.
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
export async function listen({ host = "127.0.0.1", port = 0 }: ListenOptions = {}): Promise<TcpListener> {
  const listener = listening(host, port);
  let closed = false;
  const close = async (): Promise<void> => {
    if (!closed) listener.close();
    closed = true;
  };
  const next = async (): Promise<IteratorResult<TcpTransport>> => {
    try {
      const conn = await listener.accept();
      conn.setNoDelay(true);
      return { done: false, value: fromConn(conn) };
    } catch (error) {
      if (closed) return { done: true, value: undefined };
      throw error;
    }
  };
  return {
    host: listener.addr.hostname,
    port: listener.addr.port,
    close,
    [Symbol.asyncIterator]: () => ({ next }),
    [Symbol.asyncDispose]: close,
  };
}

function listening(hostname: string, port: number): ReturnType<DenoRuntime["listen"]> {
  try {
    return deno().listen({ hostname, port });
  } catch (cause) {
    throw cannotListen(hostname, port, cause);
  }
}

class ConnTransport implements TcpTransport {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
  readonly peer: Peer;
  readonly #conn: DenoConn;
  #buffer: Uint8Array = new Uint8Array(HIGH_WATER_MARK);
  #readEnded = false;
  #discarding = false;
  #writing: Promise<void> = Promise.resolve();
  #ending: Promise<void> | undefined;
  #writeEnded = false;
  #linger: ReturnType<typeof setTimeout> | undefined;

  constructor(conn: DenoConn) {
    this.#conn = conn;
    const { hostname = "", port = 0 } = conn.remoteAddr as { hostname?: string; port?: number };
    this.peer = { address: hostname, port };
    this.readable = new ReadableStream<Uint8Array>({
      pull: (controller) => this.#pull(controller),
      cancel: () => void this.#discard(),
    }, { highWaterMark: 0 });
    this.writable = new WritableStream<Uint8Array>({
      start: (controller) => {
        // `abort` would wait for a write that the peer does not take.
        controller.signal.addEventListener("abort", () => this.#shut());
      },
      write: (chunk) => this.#writing = this.#write(chunk),
      close: () => this.#endWriting(),
    });
  }

  close(): void {
    if (this.#readEnded && this.#writeEnded) return;
    this.#endWriting().catch(() => {}); // it is gone already
    void this.#discard();
    this.#lingering();
  }

  async #pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    const chunk = await this.#read();
    if (chunk) controller.enqueue(chunk);
    else controller.close();
  }

  /** The next bytes, or null at the end. Few are copied, so that they do not hold a large buffer. */
  async #read(): Promise<Uint8Array | null> {
    const buffer = this.#buffer;
    const length = await this.#conn.read(buffer).catch((cause) => this.#fail(cause));
    if (length === null) {
      this.#readEnded = true;
      this.#release();
      return null;
    }
    if (length < buffer.length / 2) return buffer.slice(0, length);
    this.#buffer = new Uint8Array(HIGH_WATER_MARK);
    return buffer.subarray(0, length);
  }

  async #write(chunk: Uint8Array): Promise<void> {
    if (this.#ending) throw connectionFailed(new Error("closed"));
    for (let offset = 0; offset < chunk.length;) {
      offset += await this.#conn.write(chunk.subarray(offset)).catch((cause) => this.#fail(cause));
    }
  }

  #endWriting(): Promise<void> {
    return this.#ending ??= this.#endBehindWrites();
  }

  /** A connection can be closed while a write goes on. */
  async #endBehindWrites(): Promise<void> {
    await this.#writing;
    if (this.#writeEnded) return;
    await this.#conn.closeWrite().catch((cause) => this.#fail(cause));
    this.#writeEnded = true;
    this.#release();
  }

  /** Reads and drops what comes: what lies unread would reset the connection, and take away what was written. */
  async #discard(): Promise<void> {
    this.#discarding = true;
    this.#release();
    try {
      while (await this.#read());
    } catch {
      // It is gone.
    }
  }

  /** Closes a connection of which nothing is wanted any more. */
  #release(): void {
    if (!this.#writeEnded) return;
    if (this.#readEnded) this.#shut();
    else if (this.#discarding) this.#lingering();
  }

  /** A peer that does not end the connection has a moment to do so. */
  #lingering(): void {
    this.#linger ??= setTimeout(() => this.#shut(), LINGER);
  }

  #fail(cause: unknown): never {
    this.#shut();
    throw connectionFailed(cause);
  }

  #shut(): void {
    [this.#readEnded, this.#writeEnded] = [true, true];
    clearTimeout(this.#linger);
    try {
      this.#conn.close();
    } catch {
      // It is closed already.
    }
  }
}

function deno(): DenoRuntime {
  const { Deno } = globalThis as { Deno?: DenoRuntime };
  if (Deno === undefined) throw new TypeError("this runtime is not Deno");
  return Deno;
}
