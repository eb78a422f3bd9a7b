/** A listener that serves many connections, and that no connection can end. */

import { createServer, type Socket } from "node:net";
import { ChannelError } from "../errors.ts";
import type { Transport } from "../wire.ts";
import { fromDuplex } from "./node_duplex.ts";

/** Who is at the other end of a connection. */
export interface Peer {
  /** The peer's address. */
  readonly address: string;
  /** The peer's port. */
  readonly port: number;
}

/** What a listener serves, and how much of it at a time. */
export interface ListenOptions {
  /** The address to listen on; `127.0.0.1` by default, so that nothing is open to the network unasked. */
  readonly host?: string | undefined;
  /** The port to listen on; 0, the default, takes a free one. */
  readonly port?: number | undefined;
  /** Serves one connection, which ends when the promise settles. What it throws ends that connection alone. */
  readonly onTransport: (transport: Transport, peer: Peer) => Promise<void>;
  /** Hears what ended a connection, or kept it from being taken. */
  readonly onError?: ((error: unknown, peer: Peer | undefined) => void) | undefined;
  /** Connections at a time, 1,000 by default; those beyond are closed at once. */
  readonly maxConnections?: number | undefined;
}

/** How a listener is closed. */
export interface CloseOptions {
  /** Milliseconds that the connections have to come to their ends before they are cut off; 5,000 by default. */
  readonly grace?: number;
}

/** Something that listens. */
export interface Listener extends AsyncDisposable {
  /** The address it listens on. */
  readonly host: string;
  /** The port it listens on. */
  readonly port: number;
  /** How many connections there are now. */
  readonly connections: number;
  /** Takes no more connections, waits for those there are to be served, and cuts off those that take too long. */
  close(options?: CloseOptions): Promise<void>;
}

/**
 * Listens on a TCP port.
 *
 * @param options Where to listen and what to do with each connection.
 * @returns The listener, listening.
 * @throws {ChannelError} `transport` where the port cannot be listened on.
 * @example
 * ```ts
 * import { dial, listen } from "@fesa/channel/node";
 *
 * await using listener = await listen({ onTransport: ({ readable, writable }) => readable.pipeTo(writable) });
 * const { readable, writable } = await dial({ host: listener.host, port: listener.port });
 * const writer = writable.getWriter();
 * await writer.write(new TextEncoder().encode("echo"));
 * await writer.close();
 * let text = "";
 * for await (const chunk of readable) text += new TextDecoder().decode(chunk);
 * if (text !== "echo") throw new Error(text);
 * ```
 */
export async function listen(options: ListenOptions): Promise<Listener> {
  const { host = "127.0.0.1", port = 0, maxConnections = 1000, onTransport, onError } = options;
  const sockets = new Set<Socket>();
  const serving = new Set<Promise<void>>();

  const serve = async (socket: Socket): Promise<void> => {
    const peer = { address: socket.remoteAddress ?? "", port: socket.remotePort ?? 0 };
    try {
      if (sockets.size > maxConnections) {
        throw new ChannelError("limit", `more than ${maxConnections} connections at a time`);
      }
      await onTransport(fromDuplex(socket), peer);
      finish(socket);
    } catch (error) {
      socket.destroy();
      onError?.(error, peer);
    }
  };

  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    socket.on("error", () => {}); // it reaches whoever serves through the transport
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    const served: Promise<void> = serve(socket).finally(() => serving.delete(served));
    serving.add(served);
  });

  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) => {
      reject(new ChannelError("transport", `cannot listen on ${host}:${port}: ${cause.message}`, { cause }));
    });
    server.listen({ host, port }, resolve);
  });
  server.on("error", (error) => onError?.(error, undefined)); // such as too many open files

  const address = server.address();
  if (address === null || typeof address === "string") throw new TypeError("not a TCP port");
  const close = async ({ grace = 5_000 }: CloseOptions = {}): Promise<void> => {
    const stopped = new Promise<void>((resolve) => server.close(() => resolve()));
    const gone = [...sockets].map((socket) => new Promise((resolve) => socket.once("close", resolve)));
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<void>((resolve) => timer = setTimeout(resolve, grace))
      .then(() => sockets.forEach((socket) => socket.destroy()));
    await Promise.race([late, Promise.all(serving)]);
    await Promise.all([stopped, ...gone]);
    clearTimeout(timer);
  };
  return {
    host: address.address,
    port: address.port,
    get connections() {
      return sockets.size;
    },
    close,
    [Symbol.asyncDispose]: () => close(),
  };
}

/** Ends a connection that was served; a peer that does not end it too has a moment to do so. */
function finish(socket: Socket): void {
  socket.resume();
  socket.end();
  const timer = setTimeout(() => socket.destroy(), 2_000);
  socket.once("close", () => clearTimeout(timer));
}
