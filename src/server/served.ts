/** One connection of a server, from its beginning to its end. */

import { networkOf, peerOf } from "../peer.ts";
import type { Transport } from "../wire.ts";
import type { Connection, ServedTransport } from "./server.ts";

/** A connection as the server sees it. */
export interface Served<T extends Transport> {
  readonly connection: Connection<T>;
  /** The peer's address as limits count it, if the transport knows it. */
  readonly network: string | undefined;
  /** When it was taken, by `performance.now()`. */
  readonly since: number;
  /** What ended it, if it did not end in order. */
  error?: unknown;
  readonly closing: AbortController;
  readonly cut: AbortController;
  /** Resolves when the handler has ended, or is no longer waited for. */
  readonly done: Promise<void>;
  readonly end: () => void;
}

/** Returns the record of a connection that begins now. */
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

/** Ends both directions at once; a transport whose streams are locked can only be closed. */
export function cutOff(transport: ServedTransport, error: unknown): void {
  transport.writable.abort(error).catch(() => close(transport));
  transport.readable.cancel(error).catch(() => {});
}

/** Closes a transport as a whole, if it can be. */
export async function close(transport: ServedTransport): Promise<void> {
  try {
    await transport.close?.();
  } catch {
    // Deno's connections throw if they are already closed.
  }
}
