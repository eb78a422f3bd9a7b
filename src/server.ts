/// <reference lib="esnext.disposable" preserve="true" />
/** Serving many connections: limits, a shutdown that lets them end, and errors that stay with the connection. */

import { wrongType } from "./check.ts";
import { ChannelError, type ErrorCode } from "./errors.ts";
import { type Peer, peerOf } from "./peer.ts";
import { settlesWithin } from "./timers.ts";
import type { Transport } from "./wire.ts";

/**
 * Something that takes connections, each of which is a transport: a `Deno.Listener`, what the `listen` functions of
 * `@fesa/channel/node`, `/deno` and `/bun` give, or the `webSocketListener` of `@fesa/channel/websocket`.
 */
export interface Listener<T extends Transport = Transport> extends AsyncIterable<T> {
  /** Takes no more connections, after which the iteration ends; those that were taken live on. */
  close(): unknown;
}

/** A transport that a server has taken. Where it can be closed as a whole, the server does that at its end. */
export interface ServedTransport extends Transport {
  /** Closes both directions; that it is closed already does no harm. */
  close?(): unknown;
}

/** What a handler is told of its connection. */
export interface Connection<T extends Transport = Transport> {
  /** Counts the connections of the server from 1. */
  readonly number: number;
  /** The peer's address, as the transport tells it; behind a proxy that of the client, with the PROXY protocol. */
  readonly peer: Peer | undefined;
  /** The transport as the listener gave it, with what it knows of the peer. */
  readonly transport: T;
  /** Fires when the server has been asked to close. A handler that waits for its peer ends here; others go on. */
  readonly closing: AbortSignal;
  /** Fires when the connection is cut off, since it had not ended within the server's grace. */
  readonly signal: AbortSignal;
}

/** What happened to a connection: for logs and metrics. */
export interface ServerEvent<T extends Transport = Transport> {
  /**
   * `opened`: the server took the connection. `established`: its handshake is done, if it has one. `ended`: it is gone, or
   * was not taken for want of room. Each connection ends once.
   */
  readonly type: "opened" | "established" | "ended";
  /** Which connection. */
  readonly connection: Connection<T>;
  /** Milliseconds since the server took the connection. */
  readonly milliseconds: number;
  /** Why it ended: `closed` in order, the code of a {@link ChannelError}, or `failed` because of another error. */
  readonly reason?: ErrorCode | "failed" | undefined;
  /** What it ended with, if not in order. */
  readonly error?: unknown;
}

/** The limits of a server, and who hears of its errors. */
export interface ServerOptions<T extends Transport = Transport> {
  /**
   * Connections at a time, those in their handshake among them; 1,000 by default. When there is no place left, a handshake
   * gives way, as for {@link HandshakeLimits.maxHandshakes}; if there is none, the new one is cut off.
   */
  readonly maxConnections?: number | undefined;
  /** The same for each address of a peer, where the listener knows it; no limit by default. */
  readonly maxConnectionsPerAddress?: number | undefined;
  /**
   * Hears what ended a connection or kept it from being taken, and without a transport what the listener failed with.
   * What it throws is ignored.
   */
  readonly onError?: ((error: unknown, transport: T | undefined) => unknown) | undefined;
  /** Hears of each connection's beginning and end. What it throws is ignored. */
  readonly onEvent?: ((event: ServerEvent<T>) => unknown) | undefined;
}

/** The limits of a server whose connections begin with a handshake. */
export interface HandshakeLimits {
  /**
   * Handshakes in progress at a time; 256 by default. When there are more, the oldest of the address that has most of them
   * gives way, so that silent clients do not keep others out, nor a flood from one address.
   */
  readonly maxHandshakes?: number | undefined;
  /** The same for each address of a peer, where the listener knows it; no limit by default. */
  readonly maxHandshakesPerAddress?: number | undefined;
}

/** How a server is closed. */
export interface CloseOptions {
  /**
   * Milliseconds that the connections have to come to their ends before they are cut off; 5,000 by default, `Infinity` for
   * no limit.
   */
  readonly grace?: number | undefined;
}

/** A server at work. `await using` closes it. */
export interface Server extends AsyncDisposable {
  /** How many connections there are now, those in their handshake among them. */
  readonly connections: number;
  /**
   * Closes the listener, tells the handlers by their `closing` signals, waits for them to end, and cuts off those that
   * take too long. Never rejects. It may be called again, with less grace.
   */
  close(options?: CloseOptions): Promise<void>;
}

/** Milliseconds until a listener that failed is asked again, so that a lack of file descriptors is no busy loop. */
const RETRY_DELAY = 100;

/** Milliseconds that handlers have to end after their connections were cut off; what they still do is their own. */
const LAST_WORDS = 1_000;

/**
 * Serves transports as they are: what a relay needs, or a server for `acceptTls`. For channels there is {@link serve}.
 *
 * No connection can end the server: what its handler throws cuts off that connection and is given to `onError`.
 *
 * @param listener Where the connections come from. The server closes it.
 * @param options Limits, and who hears of errors.
 * @param handler Serves one connection, which has ended when the promise settles. It should end early where
 * `connection.signal` fires, and may where `connection.closing` does.
 * @returns The server, at work.
 * @throws {RangeError} If a limit is not a positive whole number, or `Infinity`.
 * @throws {TypeError} Where the listener cannot be iterated.
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

/** A connection as the server sees it. */
interface Served<T extends Transport> {
  readonly connection: Connection<T>;
  /** When it came, by `performance.now()`. */
  readonly since: number;
  /** What ended it, if not in order. */
  error?: unknown;
  readonly closing: AbortController;
  readonly cut: AbortController;
  /** Resolves when the handler has ended, or is not waited for any more. */
  readonly done: Promise<void>;
  readonly end: () => void;
}

/** Serves one connection; with handshakes, `established` says that its handshake is done. */
type Handler<T extends Transport> = (
  transport: T,
  connection: Connection<T>,
  established: () => void,
) => Promise<void> | void;

/** Serves transports, of which each begins with a handshake if there are limits for that. */
export class TransportServer<T extends ServedTransport> implements Server {
  readonly #listener: Listener<T>;
  readonly #handler: Handler<T>;
  readonly #limits: Required<{ [Name in keyof Limits]: number }>;
  readonly #handshakes: boolean;
  readonly #onError: ServerOptions<T>["onError"];
  readonly #onEvent: ServerOptions<T>["onEvent"];
  /** All of them, and those whose handshake goes on, in the order in which they came. */
  readonly #served: Set<Served<T>> = new Set();
  readonly #handshaking: Set<Served<T>> = new Set();
  #taken = 0;
  #closed = false;

  constructor(
    listener: Listener<T>,
    { onError, onEvent, ...limits }: ServerOptions<T>,
    handler: Handler<T>,
    handshakeLimits?: HandshakeLimits,
  ) {
    for (const [name, callback] of Object.entries({ onError, onEvent })) {
      if (callback !== undefined && typeof callback !== "function") {
        throw wrongType(name, "a function", callback);
      }
    }
    if (typeof handler !== "function") throw wrongType("the handler", "a function", handler);
    if (typeof listener?.[Symbol.asyncIterator] !== "function") {
      const hint = "listen of @fesa/channel/node makes one";
      throw wrongType("the listener", "an async iterable of connections", listener, hint);
    }
    this.#listener = listener;
    this.#handler = handler;
    this.#limits = limitsOf({ ...limits, ...handshakeLimits });
    this.#handshakes = handshakeLimits !== undefined;
    this.#onError = onError;
    this.#onEvent = onEvent;
    void this.#takeAll(listener[Symbol.asyncIterator]());
  }

  get connections(): number {
    return this.#served.size;
  }

  async close({ grace = 5_000 }: CloseOptions = {}): Promise<void> {
    if (!this.#closed) {
      this.#closed = true;
      try {
        await this.#listener.close();
      } catch (error) {
        this.#report(error); // Deno's listener throws where it is closed already
      }
    }
    const reason = new ChannelError("aborted", "the server is closing");
    for (const { closing } of this.#served) closing.abort(reason);
    if (!await this.#allDone(grace)) {
      await this.#cutAll(new ChannelError("aborted", `cut off ${grace} ms after the server was closed`));
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Asks the listener on after an error of its own, as for a connection that was gone before it was taken. */
  async #takeAll(iterator: AsyncIterator<T>): Promise<void> {
    while (!this.#closed) {
      try {
        const { done, value } = await iterator.next();
        if (done) return;
        this.#take(value);
      } catch (error) {
        if (this.#closed) return;
        this.#report(error);
        await new Promise((resolve) => setTimeout(resolve, RETRY_DELAY));
      }
    }
  }

  #take(transport: T): void {
    if (this.#closed) return cutOff(transport, new ChannelError("closed", "the server is closed"));
    const served = this.#begin(transport);
    const refusal = this.#makeRoom(addressOf(served));
    if (refusal !== undefined) {
      this.#fail(served, refusal);
      this.#tell("ended", served);
      return cutOff(transport, refusal);
    }
    this.#served.add(served);
    if (this.#handshakes) this.#handshaking.add(served);
    this.#tell("opened", served);
    this.#serve(served).finally(() => this.#forget(served));
  }

  #begin(transport: T): Served<T> {
    let end = () => {};
    const done = new Promise<void>((resolve) => end = resolve);
    const [closing, cut] = [new AbortController(), new AbortController()];
    const connection = {
      number: ++this.#taken,
      peer: peerOf(transport),
      transport,
      closing: closing.signal,
      signal: cut.signal,
    };
    return { connection, since: performance.now(), closing, cut, done, end };
  }

  /** Has handshakes give way until one more connection is within the limits; returns an error if that cannot be. */
  #makeRoom(address: string | undefined): ChannelError | undefined {
    const { maxConnections, maxConnectionsPerAddress, maxHandshakes, maxHandshakesPerAddress } = this.#limits;
    const isNear = (served: Served<T>) => address !== undefined && addressOf(served) === address;
    const where = ` from ${address}`;
    return this.#makeRoomAmong(isNear, maxConnectionsPerAddress, maxHandshakesPerAddress, where) ??
      this.#makeRoomAmong(() => true, maxConnections, maxHandshakes, "");
  }

  #makeRoomAmong(
    isCounted: (served: Served<T>) => boolean,
    most: number,
    mostHandshakes: number,
    where: string,
  ): ChannelError | undefined {
    if (Math.min(most, mostHandshakes) === Infinity) return undefined;
    const connections = [...this.#served].filter(isCounted).length;
    const handshaking = [...this.#handshaking].filter(isCounted);
    if (connections < most && handshaking.length < mostHandshakes) return undefined;
    if (handshaking.length === 0) {
      return new ChannelError("limit", `more than ${most} connections at a time${where}`);
    }
    this.#giveWay(oldestOfBusiest(handshaking));
    return undefined;
  }

  /** Ends a connection that is in its handshake. */
  #giveWay(served: Served<T>): void {
    const error = new ChannelError("limit", "a connection in its handshake gave way to another");
    served.cut.abort(error);
    served.closing.abort(error);
    this.#fail(served, error);
    cutOff(served.connection.transport, error);
    this.#forget(served);
  }

  #forget(served: Served<T>): void {
    if (!this.#served.delete(served)) return;
    this.#handshaking.delete(served);
    this.#tell("ended", served);
    served.end();
  }

  async #serve(served: Served<T>): Promise<void> {
    const { connection, cut } = served;
    const { transport } = connection;
    const established = () => {
      this.#handshaking.delete(served);
      this.#tell("established", served);
    };
    try {
      await this.#handler(transport, connection, established);
      if (!cut.signal.aborted) await close(transport);
    } catch (error) {
      if (cut.signal.aborted) return; // that was reported
      cutOff(transport, error);
      this.#fail(served, error);
    }
  }

  /** Whoever serves a connection hears of it first, so that the peer can be told; then the transport ends in any case. */
  async #cutAll(error: ChannelError): Promise<void> {
    const late = [...this.#served];
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

  /** Whether every connection ends within this many milliseconds. */
  #allDone(milliseconds: number): Promise<boolean> {
    return settlesWithin(milliseconds, Promise.all([...this.#served].map(({ done }) => done)));
  }

  /** Notes and reports what ends a connection. */
  #fail(served: Served<T>, error: unknown): void {
    served.error = error;
    this.#report(error, served.connection.transport);
  }

  async #tell(type: ServerEvent["type"], { connection, since, error }: Served<T>): Promise<void> {
    const milliseconds = performance.now() - since;
    const reason = error instanceof ChannelError ? error.code : error === undefined ? "closed" : "failed";
    try {
      await this.#onEvent?.({ type, connection, milliseconds, ...type === "ended" && { reason, error } });
    } catch {
      // As with errors.
    }
  }

  async #report(error: unknown, transport?: T): Promise<void> {
    try {
      if (this.#onError !== undefined) await this.#onError(error, transport);
      else if (!(error instanceof ChannelError)) console.error("@fesa/channel: a handler failed:", error);
    } catch {
      // Nobody is left to be told, and the server goes on.
    }
  }
}

/** The limits of a server that counts connections. */
type Limits = Omit<ServerOptions, "onError" | "onEvent"> & HandshakeLimits;

/** The limits that these options set, and the defaults of the others. */
function limitsOf(
  {
    maxConnections = 1_000,
    maxConnectionsPerAddress = Infinity,
    maxHandshakes = 256,
    maxHandshakesPerAddress = Infinity,
  }: Limits,
): Required<{ [Name in keyof Limits]: number }> {
  const limits = { maxConnections, maxConnectionsPerAddress, maxHandshakes, maxHandshakesPerAddress };
  for (const [name, value] of Object.entries(limits)) {
    if (value !== Infinity && (!Number.isSafeInteger(value) || value < 1)) {
      throw new RangeError(`${name} is not a positive whole number`);
    }
  }
  return limits;
}

/** Returns the oldest of the address that has most, so that nobody makes others give way by coming often. */
function oldestOfBusiest<T extends Transport>(handshaking: readonly Served<T>[]): Served<T> {
  const counts = new Map<string | undefined, number>();
  const countOf = (served: Served<T>) => counts.get(addressOf(served)) ?? 0;
  for (const served of handshaking) counts.set(addressOf(served), countOf(served) + 1);
  let oldest = handshaking[0];
  for (const served of handshaking) {
    if (countOf(served) > countOf(oldest)) oldest = served;
  }
  return oldest;
}

function addressOf<T extends Transport>({ connection }: Served<T>): string | undefined {
  return connection.peer?.address;
}

/** Ends both directions at once; a transport that somebody has locked can only be closed. */
function cutOff(transport: ServedTransport, error: unknown): void {
  transport.writable.abort(error).catch(() => close(transport));
  transport.readable.cancel(error).catch(() => {});
}

async function close(transport: ServedTransport): Promise<void> {
  try {
    await transport.close?.();
  } catch {
    // Deno's connections throw where they are closed already.
  }
}
