/**
 * TCP on Bun, by `Bun.listen` and `Bun.connect`. (`@fesa/channel/node` works on Bun, too; this is faster and needs no
 * `node:` modules.)
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

import type { Transport } from "../wire.ts";
import { Queue } from "./queue.ts";
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

/** What is used of Bun's `Socket`. */
export interface BunSocket {
  /** The peer's address. */
  readonly remoteAddress: string;
  /** The peer's port. */
  readonly remotePort: number;
  /** Sends as much as the system takes, and says how much that was; -1 after the end. */
  write(data: Uint8Array): number;
  /** Ends the writing direction. */
  shutdown(): void;
  /** Resets the connection. */
  terminate(): void;
  /** Stops reading from the network. */
  pause(): void;
  /** Goes on reading from the network. */
  resume(): void;
  /** Whether small writes leave at once. */
  setNoDelay(noDelay: boolean): void;
}

/** What `Bun.listen` and `Bun.connect` take as `socket`. */
export interface BunSocketHandlers {
  /** A connection is there. */
  open(socket: BunSocket): void;
  /** Bytes arrived. */
  data(socket: BunSocket, data: Uint8Array): void;
  /** There is room to write again. */
  drain(socket: BunSocket): void;
  /** The peer ended its direction. */
  end(socket: BunSocket): void;
  /** The connection is gone, because of an error or without. */
  close(socket: BunSocket, error?: unknown): void;
}

interface BunRuntime {
  listen(options: BunOptions): { readonly hostname: string; readonly port: number; stop(): void };
  connect(options: BunOptions): Promise<BunSocket>;
}

interface BunOptions {
  readonly hostname: string;
  readonly port: number;
  readonly allowHalfOpen: true;
  readonly socket: BunSocketHandlers;
}

/**
 * Makes the `socket` handlers of `Bun.listen` or `Bun.connect`, which give a transport for each connection: for Unix
 * sockets, TLS, and whatever else their options say. Backpressure holds in both directions.
 *
 * @param onTransport Takes each transport, once it is connected.
 * @returns The handlers. Set `allowHalfOpen: true` beside them if directions shall end one by one.
 * @example
 * ```ts ignore
 * import { connect, type Transport } from "@fesa/channel";
 * import { bunSocketHandlers } from "@fesa/channel/bun";
 *
 * const transport = await new Promise<Transport>((resolve, reject) => {
 *   Bun.connect({ unix: "/run/app.sock", socket: bunSocketHandlers(resolve) }).catch(reject);
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
 * Connects to a TCP port.
 *
 * @param options Where to.
 * @returns The transport, connected.
 * @throws {ChannelError} `transport` where it cannot connect; `aborted` where the signal fired before it had.
 * @example
 * ```ts ignore
 * import { dial } from "@fesa/channel/bun";
 *
 * const transport = await dial({ host: "127.0.0.1", port: 4433, signal: AbortSignal.timeout(5_000) });
 * ```
 */
export function dial({ host, port, signal }: DialOptions): Promise<Transport> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(abortedBy(signal!));
    if (signal?.aborted) return onAbort();
    signal?.addEventListener("abort", onAbort, { once: true });
    const socket = bunSocketHandlers((transport) => {
      signal?.removeEventListener("abort", onAbort);
      if (signal?.aborted) transport.writable.abort(signal.reason).catch(() => {});
      resolve(transport);
    });
    bun().connect({ hostname: host, port, allowHalfOpen: true, socket }).catch((cause) => {
      signal?.removeEventListener("abort", onAbort);
      reject(
        cannotConnect(host, port, cause),
      );
    });
  });
}

/**
 * Listens on a TCP port.
 *
 * @param options Where to listen.
 * @returns The listener, listening.
 * @throws {ChannelError} `transport` where the port cannot be listened on.
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
export async function listen({ host = "127.0.0.1", port = 0 }: ListenOptions = {}): Promise<TcpListener> {
  const queue = new Queue<TcpTransport>();
  const socket = bunSocketHandlers((transport) => {
    if (!queue.push(transport)) transport.writable.abort().catch(() => {});
  });
  const listening = () => {
    try {
      return bun().listen({ hostname: host, port, allowHalfOpen: true, socket });
    } catch (cause) {
      throw cannotListen(host, port, cause);
    }
  };
  const server = listening();
  const close = async (): Promise<void> => {
    server.stop();
    for (const waiting of queue.end()) waiting.close();
  };
  return {
    host: server.hostname,
    port: server.port,
    close,
    [Symbol.asyncIterator]: () => queue,
    [Symbol.asyncDispose]: close,
  };
}

/** One connection, whose events come from the handlers. */
class BunTransport implements TcpTransport {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
  readonly peer: Peer;
  readonly #socket: BunSocket;
  #source!: ReadableStreamDefaultController<Uint8Array>;
  #sink!: WritableStreamDefaultController;
  #reading = true;
  #writing: Promise<void> = Promise.resolve();
  #ending: Promise<void> | undefined;
  #writeEnded = false;
  #gone = false;
  #linger: ReturnType<typeof setTimeout> | undefined;
  #wakeWriter = () => {};

  constructor(socket: BunSocket) {
    this.#socket = socket;
    this.peer = { address: socket.remoteAddress, port: socket.remotePort };
    this.readable = new ReadableStream<Uint8Array>({
      start: (controller) => void (this.#source = controller),
      pull: () => socket.resume(),
      cancel: () => {
        this.#discard();
        if (this.#writeEnded) this.#lingering();
      },
    }, { highWaterMark: HIGH_WATER_MARK, size: (chunk) => chunk.byteLength });
    this.writable = new WritableStream<Uint8Array>({
      start: (controller) => {
        this.#sink = controller;
        // `abort` would wait for a write that the peer does not take.
        controller.signal.addEventListener("abort", () => socket.terminate());
      },
      write: (chunk) => this.#writing = this.#write(chunk),
      close: async () => {
        await this.#endWriting();
        if (!this.#reading) this.#lingering();
      },
    });
  }

  close(): void {
    if (this.#gone) return;
    this.#discard();
    this.#endWriting().catch(() => {}); // it is gone already
    this.#lingering();
  }

  onData(data: Uint8Array): void {
    if (!this.#reading) return; // nobody wants it, and the peer may still be writing
    this.#source.enqueue(new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength));
    if (this.#source.desiredSize! <= 0) this.#socket.pause();
  }

  onDrain(): void {
    this.#wakeWriter();
  }

  onEnd(): void {
    if (this.#reading) this.#source.close();
    this.#reading = false;
  }

  onClose(cause: unknown): void {
    this.#gone = true;
    clearTimeout(this.#linger);
    if (this.#writeEnded && !cause) return this.onEnd(); // the peer's end is not told on its own after this side's
    const error = connectionFailed(cause ?? new Error("closed"));
    if (this.#reading) this.#source.error(error);
    this.#reading = false;
    this.#sink.error(error);
    this.#wakeWriter();
  }

  async #write(chunk: Uint8Array): Promise<void> {
    if (this.#ending) throw connectionFailed(new Error("closed"));
    for (let offset = 0; offset < chunk.length;) {
      const written = this.#socket.write(offset === 0 ? chunk : chunk.subarray(offset));
      if (written < 0 || this.#gone) throw connectionFailed(new Error("closed"));
      offset += written;
      if (offset < chunk.length) await new Promise<void>((resolve) => this.#wakeWriter = resolve);
    }
  }

  #endWriting(): Promise<void> {
    return this.#ending ??= this.#endBehindWrites();
  }

  /** A connection can be closed while a write goes on. */
  async #endBehindWrites(): Promise<void> {
    await this.#writing;
    this.#writeEnded = true;
    this.#socket.shutdown();
  }

  /** What comes is read and dropped: what lies unread would reset the connection, and take away what was written. */
  #discard(): void {
    this.#reading = false;
    this.#socket.resume();
  }

  /** A peer that does not end the connection has a moment to do so. */
  #lingering(): void {
    this.#linger ??= setTimeout(() => this.#socket.terminate(), LINGER);
  }
}

function bun(): BunRuntime {
  const { Bun } = globalThis as { Bun?: BunRuntime };
  if (Bun === undefined) throw new TypeError("this runtime is not Bun");
  return Bun;
}
