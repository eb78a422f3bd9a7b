/** The server's record of one connection. */

import { networkOf, peerOf } from "../peer.ts";
import type { Transport } from "../connection.ts";
import type { Connection, ServedTransport } from "./server.ts";

/** The server's record of one connection. */
export interface Served<T extends Transport> {
  readonly connection: Connection<T>;
  /** The peer's address or network, to which limits apply, if the transport knows it. */
  readonly network: string | undefined;
  /** When the server accepted the connection, by `performance.now()`. */
  readonly since: number;
  /** The error that ended the connection, if there was one. */
  error?: unknown;
  readonly closing: AbortController;
  readonly cut: AbortController;
  /** Resolves when the handler has ended, or the server no longer waits for it. */
  readonly done: Promise<void>;
  readonly end: () => void;
}

/** Returns the record of a new connection. */
export function begin<T extends Transport>(transport: T, number: number): Served<T> {
  let end = () => {};
  const done = new Promise<void>((resolve) => end = resolve);
  const [closing, cut] = [new AbortController(), new AbortController()];
  const connection = {
    number,
    peer: peerOf(transport),
    transport,
    closing: closing.signal,
    signal: cut.signal,
  };
  const network = networkOf(connection.peer);
  return { connection, network, since: performance.now(), closing, cut, done, end };
}

/** Ends both directions at once. If the streams of the transport are locked, it can only be closed. */
export function cutOff(transport: ServedTransport, error: unknown): void {
  transport.writable.abort(error).catch(() => close(transport));
  transport.readable.cancel(error).catch(() => {});
}

/** Closes a transport if it has a `close` method. */
export async function close(transport: ServedTransport): Promise<void> {
  try {
    await transport.close?.();
  } catch {
    // Deno's connections throw if they are already closed.
  }
}
