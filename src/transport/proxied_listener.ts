/** Listeners that receive the client's address from a proxy with the PROXY protocol. */

import { concat, EMPTY } from "../bytes.ts";
import { wrongType } from "../check.ts";
import { ChannelError } from "../errors.ts";
import { type IpRange, isInRange, parseIpAddress, parseIpRange, unmapped } from "../ip_address.ts";
import { after } from "../timers.ts";
import { type ProxyHeader, readProxyHeader } from "./proxy_protocol.ts";
import { Queue } from "./queue.ts";
import { insideOf, type TcpListener, type TcpTransport } from "./tcp.ts";

/** The time limit for a proxy's header, in milliseconds. The specification requires at least 3 s. */
const PATIENCE = 10_000;

/** The most connections that wait for their header. Above this limit, the one that has waited longest is closed. */
const MAX_READING = 1_024;

/** The pause in milliseconds after an error of the listener. */
const RETRY_DELAY = 100;

/**
 * Returns a listener that yields each connection after its header has been read, with the client as its peer. A refused
 * connection is also yielded, and fails at its first read, so that the server reports it. A connection that ends before any
 * byte from a client, such as a health check, is not yielded. Without the option, returns the listener itself.
 */
export function behindProxies(
  proxies: true | readonly string[] | undefined,
  listener: TcpListener,
): TcpListener {
  return proxies === undefined ? listener : new ProxiedListener(trustedProxies(proxies), listener);
}

/**
 * Returns the ranges of addresses whose PROXY protocol headers are believed.
 *
 * @throws {TypeError} If the option has the wrong type.
 */
export function trustedProxies(given: true | readonly string[]): IpRange[] {
  const texts = given === true ? LOOPBACK : given;
  if (!Array.isArray(texts)) throw wrongType("proxyProtocol", "true or a list of addresses", given);
  return texts.map((text) => {
    const range = typeof text === "string" ? parseIpRange(text) : undefined;
    if (range === undefined) {
      throw new TypeError(`proxyProtocol: ${String(text)} is not an address or a range`);
    }
    return range;
  });
}

/** The addresses of this machine (RFC 6890). */
const LOOPBACK = ["127.0.0.0/8", "::1"];

class ProxiedListener implements TcpListener {
  readonly #proxies: readonly IpRange[];
  readonly #listener: TcpListener;
  readonly #queue: Queue<TcpTransport> = new Queue();
  /** The connections that wait for their header, the oldest first. */
  readonly #reading: Set<TcpTransport> = new Set();
  #closed = false;

  constructor(proxies: readonly IpRange[], listener: TcpListener) {
    this.#proxies = proxies;
    this.#listener = listener;
    void this.#takeAll(listener[Symbol.asyncIterator]());
  }

  get host(): string {
    return this.#listener.host;
  }

  get port(): number {
    return this.#listener.port;
  }

  get path(): string | undefined {
    return this.#listener.path;
  }

  async close(): Promise<void> {
    this.#closed = true;
    try {
      await this.#listener.close();
    } finally {
      for (const transport of [...this.#reading, ...this.#queue.end()]) transport.close();
    }
  }

  [Symbol.asyncIterator](): AsyncIterator<TcpTransport> {
    return this.#queue;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #takeAll(iterator: AsyncIterator<TcpTransport>): Promise<void> {
    while (!this.#closed) {
      try {
        const { done, value } = await iterator.next();
        if (done) return;
        void this.#take(value);
      } catch (error) {
        this.#queue.fail(error);
        await new Promise<void>((resolve) => after(RETRY_DELAY, resolve));
      }
    }
  }

  async #take(transport: TcpTransport): Promise<void> {
    this.#reading.add(transport);
    const [oldest] = this.#reading;
    if (this.#reading.size > MAX_READING) oldest.close();
    const given = await this.#admitted(transport);
    this.#reading.delete(transport);
    if (given !== undefined && !this.#queue.push(given)) given.close();
  }

  /**
   * Returns the connection with the client as its peer, or a connection that fails. Returns undefined if it ended without
   * any bytes.
   */
  async #admitted(transport: TcpTransport): Promise<TcpTransport | undefined> {
    const { address } = transport.peer;
    if (!this.#isTrusted(address)) {
      return failing(
        transport,
        new ChannelError("protocol", `${address} may not send PROXY protocol headers`),
      );
    }
    const late = after(PATIENCE, () => transport.close());
    try {
      return await withoutHeader(transport);
    } catch (error) {
      return failing(transport, error);
    } finally {
      clearTimeout(late);
    }
  }

  /**
   * Returns whether a proxy is trusted. Every peer of a Unix socket is, because the file's mode determines who may open it.
   */
  #isTrusted(text: string): boolean {
    if (this.#listener.path !== undefined) return true;
    const address = parseIpAddress(text.replace(/%.*$/s, ""));
    return address !== undefined && this.#proxies.some((range) => isInRange(unmapped(address), range));
  }
}

/** Reads the header of a connection. Returns the connection without the header, with the client as its peer. */
async function withoutHeader(transport: TcpTransport): Promise<TcpTransport | undefined> {
  const reader = transport.readable.getReader();
  let bytes: Uint8Array = EMPTY;
  let header: ProxyHeader | undefined;
  while (header === undefined || !header.client && bytes.length === header.length) {
    const isCheck = header !== undefined || bytes.length === 0;
    const { done, value } = await reader.read().catch((error) => {
      if (isCheck) return { done: true, value: undefined } as const; // some health checks end with a reset
      throw error;
    });
    if (done && isCheck) return void transport.close();
    if (done) throw new ChannelError("truncated", "the connection ended in its PROXY protocol header");
    bytes = concat(bytes, value);
    header ??= readProxyHeader(bytes);
  }
  const { writable, peer } = transport;
  const readable = following(reader, bytes.subarray(header.length));
  return { ...insideOf(transport, { readable, writable }), peer: header.client ?? peer };
}

/** Yields the bytes that have already been read, followed by the rest of the reader. */
function following(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  first: Uint8Array,
): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start: (controller) => {
      if (first.length > 0) controller.enqueue(first);
    },
    pull: async (controller) => {
      const { done, value } = await reader.read();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: (reason) => reader.cancel(reason),
  }, { highWaterMark: 0 });
}

/** Returns a connection that fails at its first read. */
function failing(transport: TcpTransport, error: unknown): TcpTransport {
  const readable = new ReadableStream<Uint8Array>({ start: (controller) => controller.error(error) });
  return insideOf(transport, { readable, writable: transport.writable });
}
