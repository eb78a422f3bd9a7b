/**
 * Two connected transports in memory, for tests, for benchmarks, and for a client and a server in one program.
 *
 * @example
 * ```ts
 * import { memoryPair } from "@fesa/channel/memory";
 *
 * const [client, server] = memoryPair();
 * const writer = client.writable.getWriter();
 * await writer.write(new TextEncoder().encode("hello"));
 * await writer.close();
 * const text = await new Response(server.readable as ReadableStream<Uint8Array<ArrayBuffer>>).text();
 * if (text !== "hello") throw new Error(text);
 * ```
 *
 * @module
 */

import { pieces } from "../bytes.ts";
import { ChannelError } from "../errors.ts";
import type { Transport } from "../connection.ts";
import { ConnectionTransport } from "./connection_transport.ts";

export type { Transport } from "../connection.ts";

/** Options of {@link memoryPair}. */
export interface MemoryPairOptions {
  /** The number of bytes that each direction buffers before the writer waits for the reader; 65,536 by default. */
  readonly highWaterMark?: number;
  /**
   * Divides the written bytes into other chunks, as a network does: the number of bytes for each chunk, or a function that
   * returns the chunks. For tests only. By default chunks arrive as they were written.
   */
  readonly recut?: number | Recut;
}

/** Returns the chunks that arrive for a written chunk. */
export type Recut = (chunk: Uint8Array) => Iterable<Uint8Array>;

/**
 * Returns two transports that are connected to each other. A chunk is passed on without a copy, so the writer must not
 * change it afterwards. A direction that is closed, aborted or cancelled at one end also ends at the other.
 *
 * @param options The high-water mark, and other chunks for tests.
 * @returns The two transports.
 * @throws {RangeError} If `highWaterMark` or `recut` is not a positive whole number.
 * @example
 * ```ts
 * import { memoryPair } from "@fesa/channel/memory";
 *
 * const [a, b] = memoryPair({ recut: 1 });
 * const writer = a.writable.getWriter();
 * await writer.write(new Uint8Array(3));
 * const { value } = await b.readable.getReader().read();
 * if (value?.length !== 1) throw new Error("not cut");
 * ```
 */
export function memoryPair(options: MemoryPairOptions = {}): [Transport, Transport] {
  const { highWaterMark = 65_536, recut } = options;
  checkSize("highWaterMark", highWaterMark);
  const cut = typeof recut === "number" ? cutBy(recut) : recut;
  const there = new Pipe(highWaterMark, cut);
  const back = new Pipe(highWaterMark, cut);
  return [new End(back, there), new End(there, back)];
}

/** One end, which reads from one pipe and writes to the other. */
class End extends ConnectionTransport {
  readonly #incoming: Pipe;
  readonly #outgoing: Pipe;

  constructor(incoming: Pipe, outgoing: Pipe) {
    super();
    this.#incoming = incoming;
    this.#outgoing = outgoing;
    outgoing.onRefused = (error) => this.failWriting(error);
  }

  read(): Promise<Uint8Array | null> {
    return this.#incoming.read();
  }

  async write(chunk: Uint8Array): Promise<void> {
    if (this.failure) throw this.failure;
    await this.#outgoing.write(chunk);
  }

  async end(): Promise<void> {
    this.#outgoing.end();
  }

  cancel(cause: unknown): void {
    this.#incoming.refuse(new ChannelError("transport", "the peer has stopped reading", { cause }));
  }

  abort(cause: unknown): void {
    this.#outgoing.fail(new ChannelError("transport", "the peer aborted the transport", { cause }));
  }
}

/** A waiting read. */
interface Reader {
  readonly resolve: (chunk: Uint8Array | null) => void;
  readonly reject: (error: ChannelError) => void;
}

/** One direction, in which chunks wait until they are read. */
class Pipe {
  readonly #highWaterMark: number;
  readonly #cut: Recut | undefined;
  readonly #waiting: Uint8Array[] = [];
  #held = 0;
  #reader: Reader | undefined;
  #writers: (() => void)[] = [];
  #state: "open" | "ended" | "refused" = "open";
  #failure: ChannelError | undefined;
  /** Called when the reader does not read any more. */
  onRefused: (error: ChannelError) => void = () => {};

  constructor(highWaterMark: number, cut: Recut | undefined) {
    this.#highWaterMark = highWaterMark;
    this.#cut = cut;
  }

  read(): Promise<Uint8Array | null> {
    if (this.#failure) return Promise.reject(this.#failure);
    const chunk = this.#waiting.shift();
    if (chunk !== undefined) {
      this.#held -= chunk.length;
      if (this.#held < this.#highWaterMark) this.#wakeWriters();
      return Promise.resolve(chunk);
    }
    if (this.#state !== "open") return Promise.resolve(null);
    return new Promise((resolve, reject) => this.#reader = { resolve, reject });
  }

  /** Adds a chunk. Returns a promise for when there is room again, or nothing if there is. */
  write(chunk: Uint8Array): Promise<void> | void {
    for (const piece of this.#cut ? this.#cut(chunk) : [chunk]) this.#put(piece);
    if (this.#held >= this.#highWaterMark) return new Promise((resolve) => this.#writers.push(resolve));
  }

  end(): void {
    this.#state = "ended";
    this.#give(null);
  }

  /** Discards the waiting chunks. Writing fails with this error from then on. */
  refuse(error: ChannelError): void {
    this.#waiting.length = 0;
    this.#give(null);
    if (this.#state === "ended") return;
    this.#state = "refused";
    this.onRefused(error);
    this.#wakeWriters();
  }

  /** Makes reading fail immediately, even if chunks wait. */
  fail(error: ChannelError): void {
    if (this.#state !== "open" || this.#failure) return;
    this.#failure = error;
    this.#reader?.reject(error);
    this.#wakeWriters();
  }

  #put(piece: Uint8Array): void {
    if (this.#reader) return this.#give(piece);
    this.#waiting.push(piece);
    this.#held += piece.length;
  }

  /** Settles the waiting read, if there is one. */
  #give(chunk: Uint8Array | null): void {
    this.#reader?.resolve(chunk);
    this.#reader = undefined;
  }

  #wakeWriters(): void {
    for (const wake of this.#writers.splice(0)) wake();
  }
}

function cutBy(size: number): Recut {
  checkSize("recut", size);
  return (chunk) => pieces(chunk, size);
}

function checkSize(name: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 1) {
    throw new RangeError(`${name} is not a positive whole number`);
  }
}
