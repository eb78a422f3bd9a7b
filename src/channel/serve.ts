/** Serves channels: calls `accept` for each connection that a listener accepts. */

import { checkOptions, wrongType } from "../check.ts";
import type {
  Connection,
  HandshakeLimits,
  Listener,
  ServedTransport,
  Server,
  ServerEvent,
  ServerOptions,
} from "../server/server.ts";
import { TransportServer } from "../server/transport_server.ts";
import type { Transport } from "../connection.ts";
import { acceptAmong, type AcceptOptions, sortOffers } from "./accept.ts";
import type { Channel } from "./channel.ts";
import { limitsOf } from "./establish.ts";
import type { AcceptSecurity } from "./settings/mod.ts";
import { UnfinishedMessages } from "./unfinished.ts";

/** The default limit on the bytes of unfinished messages in all channels together. */
const DEFAULT_MAX_UNFINISHED_BYTES = 256 * 1024 * 1024;

/**
 * Options of {@link serve}: those of {@link accept}, and the server's limits. The default of `keepAlive` is 30 s, of
 * `idleTimeout` 90 s, and of `stallTimeout` 30 s.
 */
export interface ServeOptions<T extends Transport = Transport>
  extends Omit<AcceptOptions, "security" | "signal">, Omit<ServerOptions<T>, "onEvent">, HandshakeLimits {
  /**
   * The settings that this server offers, or a function that returns them for each connection, so that the server can use a
   * renewed certificate without a restart. Use the same objects until something changes, because what is computed from them
   * is cached per object.
   */
  readonly security: readonly AcceptSecurity[] | (() => readonly AcceptSecurity[]);
  /**
   * The most bytes of unfinished messages in all channels together; 256 MiB by default, or `maxMessageSize` if that is more.
   * Above this limit, the server chooses the address whose unfinished messages take the most bytes. It ends the channel from
   * this address whose message began first, with a `limit` error.
   */
  readonly maxUnfinishedBytes?: number | undefined;
  /** Called when a connection is opened, is established, and ends, for logs and metrics. Its own errors are ignored. */
  readonly onEvent?: ((event: ServeEvent<T>) => unknown) | undefined;
}

/** An event of a connection, with its channel. */
export interface ServeEvent<T extends Transport = Transport> extends ServerEvent<T> {
  /**
   * The channel, whose `info` and `stats` stay readable after its end; undefined before the handshake is complete and if it
   * failed.
   */
  readonly channel: Channel | undefined;
}

/**
 * Serves channels: sets up a channel for each connection that a listener accepts, with the offered setting that the client
 * requests, and passes it to `handler`.
 *
 * When the handler returns, the channel is closed in order. When it throws, the channel ends with an error, of which the
 * client is notified. No client can end the server; errors of its connection are passed to `onError`, also if the handler
 * catches them. A client that connects and stays silent is cut off after `handshakeTimeout`, or earlier if its place is
 * needed (see `maxHandshakes`).
 *
 * `close()` stops accepting connections, cuts off handshakes, and gives channels `grace` milliseconds to end. Then they are
 * cut off with an error, of which the clients are notified.
 *
 * @param listener The source of connections. The server closes it.
 * @param options The offered security settings, the limits, and callbacks for errors and events.
 * @param handler Serves one channel, which is closed when the promise settles. The second argument has the transport from
 * the listener, and the signals of the server's shutdown.
 * @returns The running server.
 * @throws {RangeError} If a size or limit is out of bounds.
 * @throws {TypeError} If `security` is empty or names an unknown setting, or the listener cannot be iterated.
 * @example
 * ```ts
 * import { connect, serve } from "@fesa/channel";
 * import { dial, listen } from "@fesa/channel/node";
 *
 * const secret = crypto.getRandomValues(new Uint8Array(32));
 * const listener = await listen({ port: 0 });
 * await using server = serve(listener, { security: [{ setting: "native", secret }] }, async (channel) => {
 *   for await (const message of channel) await channel.send(message);
 * });
 *
 * await using client = await connect(await dial(listener), { security: { setting: "native", secret } });
 * await client.send("hello");
 * console.log(new TextDecoder().decode((await client.receive())!));
 * ```
 * @example On Deno, whose own listeners and connections can be used directly, with a shutdown that does not wait for idle
 * clients.
 * ```ts
 * import { serve } from "@fesa/channel";
 *
 * const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
 * const server = serve(listener, { security: [{ setting: "off" }] }, async (channel, { transport, closing }) => {
 *   console.log(transport.remoteAddr);
 *   closing.addEventListener("abort", () => void channel.close());
 *   for await (const message of channel) await channel.send(message);
 * });
 * await server.close();
 * ```
 */
export function serve<T extends ServedTransport>(
  listener: Listener<T>,
  options: ServeOptions<T>,
  handler: (channel: Channel, connection: Connection<T>) => Promise<void> | void,
): Server {
  checkOptions("options", options);
  if (typeof handler !== "function") throw wrongType("the handler", "a function", handler);
  const { security, onEvent, maxUnfinishedBytes } = options;
  const { keepAlive = 30_000, idleTimeout = 90_000, stallTimeout = 30_000 } = options;
  const limits = { ...options, keepAlive, idleTimeout, stallTimeout };
  const offers = typeof security === "function" ? security : () => security;
  const { maxMessageSize } = limitsOf(limits); // refuses invalid options before a client connects
  const unfinished = new UnfinishedMessages(unfinishedLimit(maxUnfinishedBytes, maxMessageSize));
  sortOffers(offers(), options.crypto);
  const channels = new WeakMap<Connection<T>, Channel>();
  const tell = onEvent &&
    ((event: ServerEvent<T>) => onEvent({ ...event, channel: channels.get(event.connection) }));
  const serveOne = async (
    transport: T,
    connection: Connection<T>,
    established: () => void,
  ): Promise<void> => {
    const { closing, signal } = connection;
    const acceptOptions = { ...limits, security: offers(), signal: closing };
    const channel = await acceptAmong(transport, acceptOptions, unfinished).catch((error) => {
      if (error.code === "aborted") closing.throwIfAborted(); // its reason tells more
      throw error;
    });
    channels.set(connection, channel);
    established();
    signal.addEventListener("abort", () => void channel.abort(signal.reason), { once: true });
    try {
      closing.throwIfAborted(); // it may have fired during the handshake, and would not fire again for the handler
      await handler(channel, connection);
      await channel.close();
    } catch (error) {
      await channel.abort(error);
      throw error;
    }
  };
  return new TransportServer(listener, { ...options, onEvent: tell }, serveOne, options);
}

function unfinishedLimit(given: number | undefined, maxMessageSize: number): number {
  if (given === undefined) return Math.max(DEFAULT_MAX_UNFINISHED_BYTES, maxMessageSize);
  if (given !== Infinity && !Number.isSafeInteger(given)) {
    throw new RangeError("maxUnfinishedBytes is not a whole number of bytes");
  }
  if (given < maxMessageSize) throw new RangeError("maxUnfinishedBytes is less than maxMessageSize");
  return given;
}
