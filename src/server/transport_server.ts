/** Serves many connections. An error ends only its own connection, and the shutdown gives connections time to end. */

import { wrongType } from "../check.ts";
import { ChannelError } from "../errors.ts";
import { settlesWithin } from "../timers.ts";
import type { Transport } from "../connection.ts";
import { Events } from "./events.ts";
import { Room } from "./room.ts";
import { begin, close, cutOff, type Served } from "./served.ts";
import type {
  CloseOptions,
  Connection,
  HandshakeLimits,
  Listener,
  ServedTransport,
  Server,
  ServerOptions,
} from "./server.ts";

/**
 * The pause in milliseconds after an error of the listener, so that a lack of file descriptors does not cause a busy loop.
 */
const RETRY_DELAY = 100;

/** The longest time in milliseconds to wait for handlers after their connections have been cut off. */
const LAST_WORDS = 1_000;

/**
 * Serves plain transports, for a relay or for a server that calls `acceptTls`. To serve channels, use {@link serve}.
 *
 * No connection can end the server. An error that a handler throws cuts off its connection and is passed to `onError`.
 *
 * @param listener The source of connections. The server closes it.
 * @param options The limits, and the callbacks for errors and events.
 * @param handler Serves one connection, which ends when the promise settles. The handler must end early if
 * `connection.signal` fires, and may end early if `connection.closing` does.
 * @returns The running server.
 * @throws {RangeError} If a limit is not a positive whole number, or `Infinity`.
 * @throws {TypeError} If the listener cannot be iterated, or the handler or a callback is not a function.
 * @example
 * ```ts
 * import { serveTransports } from "@fesa/channel";
 * import { dial, listen } from "@fesa/channel/node";
 *
 * const listener = await listen({ port: 0 });
 * await using server = serveTransports(listener, {}, ({ readable, writable }, { signal }) =>
 *   readable.pipeTo(writable, { signal }));
 * const { readable, writable } = await dial(listener);
 * const writer = writable.getWriter();
 * await writer.write(new TextEncoder().encode("echo"));
 * await writer.close();
 * let text = "";
 * for await (const chunk of readable) text += new TextDecoder().decode(chunk);
 * if (text !== "echo") throw new Error(text);
 * ```
 */
export function serveTransports<T extends ServedTransport>(
  listener: Listener<T>,
  options: ServerOptions<T>,
  handler: (transport: T, connection: Connection<T>) => Promise<void> | void,
): Server {
  return new TransportServer(listener, options, handler);
}

/** Serves one connection. If it begins with a handshake, calls `established` when the handshake is complete. */
type Handler<T extends Transport> = (
  transport: T,
  connection: Connection<T>,
  established: () => void,
) => Promise<void> | void;

/** Serves transports. If there are limits for handshakes, each connection begins with a handshake. */
export class TransportServer<T extends ServedTransport> implements Server {
  readonly #listener: Listener<T>;
  readonly #handler: Handler<T>;
  readonly #room: Room<T>;
  readonly #handshakes: boolean;
  readonly #events: Events<T>;
  #taken = 0;
  #closed = false;

  constructor(
    listener: Listener<T>,
    { onError, onEvent, ...limits }: ServerOptions<T>,
    handler: Handler<T>,
    handshakeLimits?: HandshakeLimits,
  ) {
    this.#events = new Events({ onError, onEvent });
    if (typeof handler !== "function") throw wrongType("the handler", "a function", handler);
    if (typeof listener?.[Symbol.asyncIterator] !== "function") {
      const hint = "listen of @fesa/channel/node makes one";
      throw wrongType("the listener", "an async iterable of connections", listener, hint);
    }
    this.#listener = listener;
    this.#handler = handler;
    this.#room = new Room({ ...limits, ...handshakeLimits });
    this.#handshakes = handshakeLimits !== undefined;
    void this.#takeAll(listener[Symbol.asyncIterator]());
  }

  get connections(): number {
    return this.#room.served.size;
  }

  async close({ grace = 5_000 }: CloseOptions = {}): Promise<void> {
    if (!this.#closed) {
      this.#closed = true;
      try {
        await this.#listener.close();
      } catch (error) {
        this.#events.report(error); // Deno's listener throws if it is already closed
      }
    }
    const reason = new ChannelError("aborted", "the server is closing");
    for (const { closing } of this.#room.served) closing.abort(reason);
    if (!await this.#allDone(grace)) {
      await this.#cutAll(new ChannelError("aborted", `cut off ${grace} ms after the server was closed`));
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /**
   * Accepts connections until the server closes. Continues after an error, such as a connection that ended before it was
   * accepted.
   */
  async #takeAll(iterator: AsyncIterator<T>): Promise<void> {
    while (!this.#closed) {
      try {
        const { done, value } = await iterator.next();
        if (done) return;
        this.#take(value);
      } catch (error) {
        if (this.#closed) return;
        this.#events.report(error);
        await new Promise((resolve) => setTimeout(resolve, RETRY_DELAY));
      }
    }
  }

  #take(transport: T): void {
    if (this.#closed) return cutOff(transport, new ChannelError("closed", "the server is closed"));
    const served = begin(transport, ++this.#taken);
    const refusal = this.#room.makeRoom(served.network, (other) => this.#giveWay(other));
    if (refusal !== undefined) {
      this.#fail(served, refusal);
      this.#events.tell("ended", served);
      return cutOff(transport, refusal);
    }
    this.#room.add(served, this.#handshakes);
    this.#events.tell("opened", served);
    this.#serve(served).finally(() => this.#forget(served));
  }

  /** Ends a connection in its handshake to make room for another. */
  #giveWay(served: Served<T>): void {
    const error = new ChannelError(
      "limit",
      "the connection was ended in its handshake, to make room for another",
    );
    served.cut.abort(error);
    served.closing.abort(error);
    this.#fail(served, error);
    cutOff(served.connection.transport, error);
    this.#forget(served);
  }

  #forget(served: Served<T>): void {
    if (!this.#room.remove(served)) return;
    this.#events.tell("ended", served);
    served.end();
  }

  async #serve(served: Served<T>): Promise<void> {
    const { connection, cut } = served;
    const { transport } = connection;
    const established = () => {
      this.#room.establish(served);
      this.#events.tell("established", served);
    };
    try {
      await this.#handler(transport, connection, established);
      if (!cut.signal.aborted) await close(transport);
    } catch (error) {
      if (cut.signal.aborted) return; // already reported
      cutOff(transport, error);
      this.#fail(served, error);
    }
  }

  /**
   * Cuts off all connections. Signals each handler first, so that it can notify its peer, and then ends the transports in
   * any case.
   */
  async #cutAll(error: ChannelError): Promise<void> {
    const late = [...this.#room.served];
    for (const served of late) {
      if (served.cut.signal.aborted) continue; // by another call of `close`
      served.cut.abort(error);
      this.#fail(served, error);
    }
    await this.#allDone(LAST_WORDS);
    for (const served of late) {
      cutOff(served.connection.transport, error);
      this.#forget(served);
    }
  }

  /** Returns whether all connections end within this time. */
  #allDone(milliseconds: number): Promise<boolean> {
    return settlesWithin(milliseconds, Promise.all([...this.#room.served].map(({ done }) => done)));
  }

  /** Records and reports the error that ends a connection. */
  #fail(served: Served<T>, error: unknown): void {
    served.error = error;
    this.#events.report(error, served.connection.transport);
  }
}
