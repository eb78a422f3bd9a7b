/** A transport in use by a session. It reads into one buffer, writes in order, and ends once. */

import { abortedBy, onAbort } from "./abort.ts";
import { bytesOf, wrongType } from "./check.ts";
import { type Connection, connectionOf, type Transport } from "./connection.ts";
import { ChannelError } from "./errors.ts";
import { EMPTY } from "./bytes.ts";
import { networkOf, peerOf } from "./peer.ts";
import { after, settlesWithin } from "./timers.ts";
import { nextTurn, turnIsSpent } from "./turns.ts";

/** A time limit and an abort signal for an operation, such as a handshake. */
export interface Deadline {
  /** Ends the operation with an `aborted` error. */
  readonly signal?: AbortSignal | undefined;
  /** The time in milliseconds after which the operation ends with a `timeout` error; no limit if it is 0 or absent. */
  readonly milliseconds?: number | undefined;
  /** The name of the operation in the error; "the handshake" by default. */
  readonly name?: string | undefined;
}

/** How long, in milliseconds, the peer may be notified of a failure, or may be read from to learn why a write failed. */
export const LAST_WORD = 1_000;

/** The most bytes of a peer that are read after it has been notified of a failure: more than are usually in transit. */
const MAX_DISCARDED = 2 ** 24;

/**
 * The error for a server that answers in HTTP. The status line of HTTP begins with an H, unlike every protocol of this
 * library.
 */
export const ANSWERS_IN_HTTP = {
  firstByte: 0x48,
  message: "the server answers in HTTP: connect to it by WebSocket (ws:// or wss://) instead",
} as const;

/** A transport in use: its streams are locked, its input is buffered, and it fails at most once. */
export class Wire {
  readonly #connection: Connection;
  /** The next bytes to read are between `#start` and `#end` of the buffer. The rest of the last chunk follows them. */
  #buffer: Uint8Array = EMPTY;
  #start = 0;
  #end = 0;
  #rest: Uint8Array = EMPTY;
  #ended: Promise<void> | undefined;
  readonly #waiting: Set<(error: ChannelError) => void> = new Set();
  #error: ChannelError | undefined;
  /** The error with which the wire will fail after the peer has been notified. */
  #verdict: ChannelError | undefined;
  /** The timer that aborts the wire after a failed write. */
  #failing: ReturnType<typeof setTimeout> | undefined;
  /** The read that waits for the transport, and the number of writes that do. */
  #reading: Promise<Uint8Array | null> | undefined;
  #writing = 0;
  /** The peer's address or network, to which limits apply, if the transport knows it. */
  readonly network: string | undefined;
  /** The number of operations with a time limit that are in progress. */
  #limited = 0;
  /** The number of bytes read from the transport so far, and the number of bytes consumed. */
  received = 0;
  consumed = 0;
  /** The number of bytes that the transport has accepted so far. */
  sent = 0;
  /** When bytes were last received, and when bytes were last accepted, by `performance.now()`. */
  receivedAt: number = performance.now();
  sentAt: number = performance.now();

  /** @throws {TypeError} If this is not a transport, or it is in use elsewhere. */
  constructor(transport: Transport) {
    this.#connection = connectionOf(transport);
    this.network = networkOf(peerOf(transport));
  }

  /**
   * The received bytes that have not been consumed: at least as many as `fill` was asked for, and more if they arrived in
   * the same chunk. The view stays valid, because a buffer is never overwritten.
   */
  get buffered(): Uint8Array {
    return this.#buffer.subarray(this.#start, this.#end);
  }

  /**
   * Reads until at least `count` bytes are buffered. Returns false if the stream ends first. Callers process data between
   * calls, so this method yields to other work if necessary.
   */
  async fill(count: number): Promise<boolean> {
    while (this.#end - this.#start < count) {
      if (this.#rest.length === 0) {
        const chunk = await this.#next();
        if (chunk === null) return false;
        this.#rest = chunk;
      }
      this.#takeRest(count);
    }
    if (turnIsSpent()) await this.nextTurn();
    return true;
  }

  /**
   * Waits for the next turn of the event loop for the peer's address. Throws if the wire is aborted meanwhile. Operations
   * with a time limit have separate turns, so that a handshake does not wait for all transfers of its address.
   */
  async nextTurn(): Promise<void> {
    await nextTurn(this.origin);
    if (this.#error) throw this.#error;
  }

  /** The origin under which work for this connection takes turns of the event loop. */
  get origin(): unknown {
    if (this.network === undefined) return this;
    return this.#limited > 0 ? `${this.network}, under a time limit` : this.network;
  }

  /** Returns and consumes the next `count` bytes. Throws a `truncated` error if the stream ends first. */
  async take(count: number): Promise<Uint8Array> {
    if (!await this.fill(count)) {
      throw new ChannelError("truncated", "the transport ended without an orderly close");
    }
    const taken = this.buffered.subarray(0, count);
    this.consume(count);
    return taken;
  }

  /** Consumes the first `count` bytes of the buffer. */
  consume(count: number): void {
    this.consumed += count;
    this.#start += count;
    if (this.#start === this.#end) this.#useRest();
  }

  /** Writes bytes. Resolves when the transport has accepted them. This method also yields to other work if necessary. */
  async write(bytes: Uint8Array): Promise<void> {
    if (this.#error) throw this.#error;
    this.#writing++;
    try {
      await this.#unlessAborted(this.#connection.write(bytes));
      this.sent += bytes.length;
      this.sentAt = performance.now();
    } catch (cause) {
      throw this.#failWriting(cause);
    } finally {
      this.#writing--;
    }
    if (turnIsSpent()) await nextTurn(this.origin);
  }

  /** Ends the writing direction in order. Further calls wait for the same end. */
  async end(): Promise<void> {
    if (this.#error) throw this.#error;
    try {
      await this.#unlessAborted(this.#ended ??= this.#connection.end());
    } catch (cause) {
      throw this.#fail(cause);
    }
  }

  /** Ends both directions at once. Pending and later calls throw `error`. Only the first error counts. */
  abort(error: ChannelError): void {
    if (this.#error) return;
    clearTimeout(this.#failing);
    this.#error = this.#verdict ?? error;
    for (const reject of this.#waiting) reject(this.#error);
    this.#connection.cancel(this.#error);
    this.#connection.abort(this.#error);
  }

  /**
   * Aborts with `error` after `tell` has notified the peer and both directions have ended, or after a second. An earlier
   * abort would reset the connection: a peer that writes at that moment could not read the notification any more. A failure
   * meanwhile, such as one of `tell`, does not replace the error. Never rejects.
   */
  async abortAfter(error: ChannelError, tell: () => Promise<void>): Promise<void> {
    this.#verdict ??= error;
    const told = async () => {
      await tell();
      await this.end();
      await this.#discard();
    };
    await settlesWithin(LAST_WORD, told());
    this.abort(error);
  }

  /** Releases a transport whose two directions have ended or are no longer needed. */
  release(): void {
    this.#connection.cancel();
  }

  /** Runs `work` with a time limit and a signal. If either fires, aborts the wire and throws its error. */
  async within<T>(
    { signal, milliseconds, name = "the handshake" }: Deadline,
    work: () => Promise<T>,
  ): Promise<T> {
    const abort = () => this.abort(abortedBy(signal));
    if (signal?.aborted) abort();
    const stopListening = onAbort(signal, abort);
    const timer = milliseconds
      ? after(
        milliseconds,
        () => {
          const message = `${name} took more than ${milliseconds} ms: ${this.#awaited()}`;
          this.abort(new ChannelError("timeout", message));
        },
      )
      : undefined;
    this.#limited++;
    try {
      if (this.#error) throw this.#error;
      return await this.#unlessAborted(work());
    } finally {
      this.#limited--;
      clearTimeout(timer);
      stopListening();
    }
  }

  /**
   * Waits for `work`, but rejects when the wire is aborted, so that a peer that reads nothing or a user who never answers
   * cannot block it.
   */
  #unlessAborted<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#waiting.add(reject);
      const settled = () => this.#waiting.delete(reject);
      work.then((value) => (settled(), resolve(value)), (error) => (settled(), reject(error)));
    });
  }

  /** Describes what the wire waits for, for the error of a time limit. */
  #awaited(): string {
    if (this.#writing > 0) return "the peer accepts no more bytes";
    if (!this.#reading) return "this side has not finished";
    return `${this.received === 0 ? "nothing" : `no more than ${this.received} bytes`} came from the peer`;
  }

  async #next(): Promise<Uint8Array | null> {
    if (this.#error) throw this.#error;
    let chunk: Uint8Array | null;
    try {
      chunk = await this.#read();
    } catch (cause) {
      throw this.#fail(cause);
    }
    if (this.#error) throw this.#error;
    if (chunk === null) return null;
    const bytes = bytesOf(chunk);
    if (bytes === undefined) throw this.#fail(wrongType("a chunk of the transport", "bytes", chunk));
    this.received += bytes.length;
    this.receivedAt = performance.now();
    return bytes;
  }

  /** Reads the next chunk of the transport, once for all waiting callers. */
  async #read(): Promise<Uint8Array | null> {
    const reading = this.#reading ??= this.#connection.read();
    try {
      return await reading;
    } finally {
      if (this.#reading === reading) this.#reading = undefined;
    }
  }

  /** Reads and discards what the peer still sends until it ends its direction. Never resolves if that is too much. */
  async #discard(): Promise<void> {
    for (let left = MAX_DISCARDED; left > 0;) {
      const chunk = await this.#read();
      if (chunk === null) return;
      left -= chunk.length;
      if (turnIsSpent()) await this.nextTurn();
    }
    await new Promise(() => {}); // the peer can read the notification while its further bytes wait
  }

  /** Makes the rest of the chunk the buffer, and releases the previous buffer, so that a waiting channel holds none. */
  #useRest(): void {
    this.#buffer = this.#rest;
    this.#start = 0;
    this.#end = this.#buffer.length;
    this.#rest = EMPTY;
  }

  /** Adds only the needed part of the chunk to the buffer, so that complete records in the rest are not copied. */
  #takeRest(wanted: number): void {
    const held = this.#end - this.#start;
    if (held === 0) return this.#useRest();
    const part = this.#rest.subarray(0, wanted - held);
    // A buffer from the transport has no room, so this never writes into one.
    if (this.#end + part.length > this.#buffer.length) {
      const larger = new Uint8Array(Math.max(wanted, 2 * held));
      larger.set(this.buffered);
      this.#buffer = larger;
      this.#start = 0;
      this.#end = held;
    }
    this.#buffer.set(part, this.#end);
    this.#end += part.length;
    this.#rest = this.#rest.subarray(part.length);
  }

  #fail(cause: unknown): ChannelError {
    this.abort(failureOf(cause));
    return this.#error!;
  }

  /**
   * Returns the error for a failed write. The peer's bytes can be read for another second, because they may say why the peer
   * stopped reading.
   */
  #failWriting(cause: unknown): ChannelError {
    if (this.#error) return this.#error;
    const failure = failureOf(cause);
    this.#failing ??= after(LAST_WORD, () => this.abort(failure));
    return failure;
  }
}

function failureOf(cause: unknown): ChannelError {
  if (cause instanceof ChannelError) return cause;
  const message = cause instanceof Error ? cause.message : String(cause);
  return new ChannelError("transport", `the transport failed: ${message}`, { cause });
}
