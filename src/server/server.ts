/// <reference lib="esnext.disposable" preserve="true" />
/** The interface of a server of many connections: its options, its events, and how it is closed. */

import type { ErrorCode } from "../errors.ts";
import type { Peer } from "../peer.ts";
import type { Transport } from "../wire.ts";

/**
 * Takes connections, each of which is a transport: a `Deno.Listener`, the result of the `listen` functions of
 * `@fesa/channel/node`, `/deno` and `/bun`, or of the `webSocketListener` of `@fesa/channel/websocket`.
 */
export interface Listener<T extends Transport = Transport> extends AsyncIterable<T> {
  /** Takes no more connections and ends the iteration; connections taken before stay open. */
  close(): unknown;
}

/** A transport that a server has taken. If it has `close`, the server calls that when the connection ends. */
export interface ServedTransport extends Transport {
  /** Closes both directions. Closing it twice does no harm. */
  close?(): unknown;
}

/** A connection as its handler sees it. */
export interface Connection<T extends Transport = Transport> {
  /** The connection's number: the server counts its connections from 1. */
  readonly number: number;
  /** The peer's address, if the transport knows it; with the PROXY protocol, the address of the client and not of the proxy. */
  readonly peer: Peer | undefined;
  /** The transport as the listener gave it, with what it knows of the peer. */
  readonly transport: T;
  /** Fires when the server has been asked to close. A handler that only waits for its peer should end; others may finish. */
  readonly closing: AbortSignal;
  /** Fires when the connection is cut off because it did not end within the server's grace period. */
  readonly signal: AbortSignal;
}

/** What happened to a connection: for logs and metrics. */
export interface ServerEvent<T extends Transport = Transport> {
  /**
   * `opened`: the server took the connection. `established`: its handshake is done, if it has one. `ended`: it has ended, or
   * was refused because a limit was reached. Each connection ends once.
   */
  readonly type: "opened" | "established" | "ended";
  /** Which connection. */
  readonly connection: Connection<T>;
  /** Milliseconds since the server took the connection. */
  readonly milliseconds: number;
  /** Why it ended: `closed` in order, the code of a {@link ChannelError}, or `failed` because of another error. */
  readonly reason?: ErrorCode | "failed" | undefined;
  /** The error it ended with, if it did not end in order. */
  readonly error?: unknown;
}

/** The limits of a server, and its callbacks for errors and events. */
export interface ServerOptions<T extends Transport = Transport> {
  /**
   * Connections at a time, including those in their handshake; 1,000 by default. At the limit a handshake is ended to make
   * room, as for {@link HandshakeLimits.maxHandshakes}; if none is in progress, the new connection is cut off.
   */
  readonly maxConnections?: number | undefined;
  /**
   * The same for each address of a peer, if the listener knows it; no limit by default. An IPv6 network of 64 bits counts as
   * one address.
   */
  readonly maxConnectionsPerAddress?: number | undefined;
  /**
   * Called with the error that ended a connection or kept it from being taken, or with an error of the listener, in
   * which case there is no transport. What it throws is ignored.
   */
  readonly onError?: ((error: unknown, transport: T | undefined) => unknown) | undefined;
  /** Called when a connection begins, is established and ends. What it throws is ignored. */
  readonly onEvent?: ((event: ServerEvent<T>) => unknown) | undefined;
}

/** The limits of a server whose connections begin with a handshake. */
export interface HandshakeLimits {
  /**
   * Handshakes in progress at a time; 256 by default. At the limit the oldest handshake of the address that has the most is
   * ended, so that neither silent clients nor a flood from one address can keep others out.
   */
  readonly maxHandshakes?: number | undefined;
  /** The same for each address, as with {@link ServerOptions.maxConnectionsPerAddress}; no limit by default. */
  readonly maxHandshakesPerAddress?: number | undefined;
}

/** How a server is closed. */
export interface CloseOptions {
  /** Milliseconds that connections have to end before they are cut off; 5,000 by default, `Infinity` for no limit. */
  readonly grace?: number | undefined;
}

/** A running server. `await using` closes it. */
export interface Server extends AsyncDisposable {
  /** The number of connections now, including those in their handshake. */
  readonly connections: number;
  /**
   * Closes the listener, fires the `closing` signals of all connections, waits for their handlers to end, and cuts off those
   * that take too long. Never rejects. It may be called again, with a shorter grace period.
   */
  close(options?: CloseOptions): Promise<void>;
}
