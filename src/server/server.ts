/// <reference lib="esnext.disposable" preserve="true" />
/** The interface of a server: its options, its events, and its shutdown. */

import type { ErrorCode } from "../errors.ts";
import type { Peer } from "../peer.ts";
import type { Transport } from "../connection.ts";

/**
 * Accepts connections, each of which is a transport. A listener is a `Deno.Listener`, or the result of `listen` from
 * `@fesa/channel/node`, `/deno` or `/bun`, or of `webSocketListener` from `@fesa/channel/websocket`.
 */
export interface Listener<T extends Transport = Transport> extends AsyncIterable<T> {
  /** Stops accepting connections and ends the iteration. Accepted connections stay open. */
  close(): unknown;
}

/** A transport that a server has accepted. If it has a `close` method, the server calls it when the connection ends. */
export interface ServedTransport extends Transport {
  /** Closes both directions. A second call has no effect. */
  close?(): unknown;
}

/** A connection, as it is passed to the handler. */
export interface Connection<T extends Transport = Transport> {
  /** The connection's number: the server counts its connections from 1. */
  readonly number: number;
  /** The peer's address, if the transport knows it; with the PROXY protocol, the address of the client and not of the proxy. */
  readonly peer: Peer | undefined;
  /** The transport from the listener, including its information about the peer. */
  readonly transport: T;
  /**
   * Fires when the server begins to close. A handler that only waits for its peer should end; other handlers may complete
   * their work.
   */
  readonly closing: AbortSignal;
  /** Fires when the server cuts off the connection because it has not ended within the grace period. */
  readonly signal: AbortSignal;
}

/** An event of a connection, for logs and metrics. */
export interface ServerEvent<T extends Transport = Transport> {
  /**
   * `opened`: the server has accepted the connection. `established`: the connection's handshake, if it has one, is complete.
   * `ended`: the connection has ended, or was refused because of a limit. Each connection ends exactly once.
   */
  readonly type: "opened" | "established" | "ended";
  /** The connection. */
  readonly connection: Connection<T>;
  /** The time since the server accepted the connection, in milliseconds. */
  readonly milliseconds: number;
  /** Why the connection ended: `closed` if in order, the code of a {@link ChannelError}, or `failed` for any other error. */
  readonly reason?: ErrorCode | "failed" | undefined;
  /** The error with which the connection ended, unless it ended in order. */
  readonly error?: unknown;
}

/** The limits of a server, and its callbacks for errors and events. */
export interface ServerOptions<T extends Transport = Transport> {
  /**
   * The most connections at a time, including those in their handshake; 1,000 by default. At the limit, a handshake is ended
   * to make room, as for {@link HandshakeLimits.maxHandshakes}. If none is in progress, the new connection is cut off.
   */
  readonly maxConnections?: number | undefined;
  /**
   * The most connections at a time from one address, if the listener knows the addresses; no limit by default. An IPv6
   * network of 64 bits counts as one address.
   */
  readonly maxConnectionsPerAddress?: number | undefined;
  /**
   * Called with each error that ends a connection or prevents the server from accepting it. It is also called with errors of
   * the listener, without a transport. Its own errors are ignored.
   */
  readonly onError?: ((error: unknown, transport: T | undefined) => unknown) | undefined;
  /** Called when a connection is opened, is established, and ends. Its own errors are ignored. */
  readonly onEvent?: ((event: ServerEvent<T>) => unknown) | undefined;
}

/** The limits of a server whose connections begin with a handshake. */
export interface HandshakeLimits {
  /**
   * The most handshakes in progress at a time; 256 by default. At the limit, the server ends the oldest handshake from the
   * address with the most handshakes. So neither silent clients nor a flood from one address can keep others out.
   */
  readonly maxHandshakes?: number | undefined;
  /**
   * The most handshakes in progress from one address, as for {@link ServerOptions.maxConnectionsPerAddress}; no limit by
   * default.
   */
  readonly maxHandshakesPerAddress?: number | undefined;
}

/** Options of {@link Server.close}. */
export interface CloseOptions {
  /**
   * The time in milliseconds after which connections that have not ended are cut off; 5,000 by default, `Infinity` for no
   * limit.
   */
  readonly grace?: number | undefined;
}

/** A running server. `await using` closes it. */
export interface Server extends AsyncDisposable {
  /** The current number of connections, including those in their handshake. */
  readonly connections: number;
  /**
   * Closes the listener, fires the `closing` signals of all connections, waits for their handlers to end, and cuts off
   * connections that take too long. Never rejects. It may be called again with a shorter grace period.
   */
  close(options?: CloseOptions): Promise<void>;
}
