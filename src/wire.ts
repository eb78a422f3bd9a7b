/** A transport in use by a session: read into one buffer, written in order, ended once. */

import { abortedBy, onAbort } from "./abort.ts";
import { bytesOf, wrongType } from "./check.ts";
import { type Connection, connectionOf, type Transport } from "./connection.ts";
import { ChannelError } from "./errors.ts";
import { EMPTY } from "./bytes.ts";
import { networkOf, peerOf } from "./peer.ts";
import { after, settlesWithin } from "./timers.ts";
import { nextTurn, turnIsSpent } from "./turns.ts";

export type { Transport } from "./connection.ts";

/** A time limit and an abort signal for one piece of work, such as a handshake. */
export interface Deadline {
  /** Ends the work with an `aborted` error. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds until the work ends with a `timeout` error; 0 or absent means none. */
  readonly milliseconds?: number | undefined;
  /** The name of the work in that error; "the handshake" by default. */
  readonly name?: string | undefined;
}

/** Milliseconds for last words after a failure: to tell the peer about it, or to read why the peer ended. */
const LAST_WORD = 1_000;

/** The error for a server that answers in HTTP: its status line begins with an H, as no protocol here does. */
export const ANSWERS_IN_HTTP = {
  firstByte: 0x48,
  message: "the server answers in HTTP: connect to it by WebSocket (ws:// or wss://) instead",
} as const;

/** One transport in use: locked, buffered, and failed at most once. */
export class Wire {
  readonly #connection: Connection;
  /** The next bytes to read are between `#start` and `#end` of the buffer; the rest of the last chunk follows them. */
  #buffer: Uint8Array = EMPTY;
  #start = 0;
  #end = 0;
  #rest: Uint8Array = EMPTY;
  #ended: Promise<void> | undefined;
  readonly #waiting: Set<(error: ChannelError) => void> = new Set();
  #error: ChannelError | undefined;
  /** The error that the wire will fail with once the peer has been told. */
  #verdict: ChannelError | undefined;
  /** Runs from a failure to write until the abort that follows. */
  #failing: ReturnType<typeof setTimeout> | undefined;
  /** Whether a read is waiting for the transport, and how many writes are. */
  #reading = false;
  #writing = 0;
  /** The peer's address as limits count it, if the transport knows it. */
  readonly network: string | undefined;
  /** How many pieces of work under a time limit are in progress. */
  #limited = 0;
  /** Bytes read from the transport so far, and how many of them were consumed. */
  received = 0;
  consumed = 0;
  /** Bytes that the transport has accepted so far. */
  sent = 0;
  /** When the transport last gave bytes, and last took some, by `performance.now()`. */
  receivedAt: number = performance.now();
  sentAt: number = performance.now();

  /** @throws {TypeError} If this is not a transport, or it is in use elsewhere. */
  constructor(transport: Transport) {
    this.#connection = connectionOf(transport);
    this.network = networkOf(peerOf(transport));
  }

  /**
   * Bytes that arrived and were not consumed: at least as many as were asked for, and more if they came in the same chunk. The
   * view stays valid: a buffer is never overwritten.
   */
  get buffered(): Uint8Array {
    return this.#buffer.subarray(this.#start, this.#end);
  }

  /**
   * Reads until at least `count` bytes are buffered; returns false if the stream ends before. Callers process data between
   * calls, so this is where the turn of the event loop is shared.
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
   * Waits for the peer address's next turn of the event loop; throws if the wire was aborted meanwhile. Work under a time limit
   * has separate turns, so that a handshake does not wait for all transfers of its address.
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

  /** Returns and consumes the next `count` bytes; throws a `truncated` error if the stream ends before. */
  async take(count: number): Promise<Uint8Array> {
    if (!await this.fill(count)) {
      throw new ChannelError("truncated", "the transport ended without an orderly close");
    }
    const taken = this.buffered.subarray(0, count);
    this.consume(count);
    return taken;
  }

  /** Drops the first `count` bytes of the buffer. */
  consume(count: number): void {
    this.consumed += count;
    this.#start += count;
    if (this.#start === this.#end) this.#useRest();
  }

  /** Writes; resolves when the transport has accepted the bytes. The turn of the event loop is shared here, too. */
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

  /** Ends the writing direction in order; calling it again waits for the same end. */
  async end(): Promise<void> {
    if (this.#error) throw this.#error;
    try {
      await this.#unlessAborted(this.#ended ??= this.#connection.end());
    } catch (cause) {
      throw this.#fail(cause);
    }
  }

  /** Ends both directions at once; pending and later calls throw `error`. Only the first error counts. */
  abort(error: ChannelError): void {
    if (this.#error) return;
    clearTimeout(this.#failing);
    this.#error = this.#verdict ?? error;
    for (const reject of this.#waiting) reject(this.#error);
    this.#connection.cancel(this.#error);
    this.#connection.abort(this.#error);
  }

  /**
   * Aborts because of `error`, once `tell` has told the peer and the writing direction has ended, or a second has passed. A
   * failure meanwhile, such as of `tell`, does not replace the error. Never rejects.
   */
  async abortAfter(error: ChannelError, tell: () => Promise<void>): Promise<void> {
    this.#verdict ??= error;
    const told = async () => {
      await tell();
      await this.end();
    };
    await settlesWithin(LAST_WORD, told());
    this.abort(error);
  }

  /** Lets go of a transport whose two directions have ended, or are no longer wanted. */
  release(): void {
    this.#connection.cancel();
  }

  /** Runs `work` under a time limit and a signal; when either fires, the wire is aborted and its error thrown. */
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

  /** Waits for `work`, but rejects at an abort: a peer that reads nothing, or a user who never answers, cannot block it. */
  #unlessAborted<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#waiting.add(reject);
      const settled = () => this.#waiting.delete(reject);
      work.then((value) => (settled(), resolve(value)), (error) => (settled(), reject(error)));
    });
  }

  /** Says what was still awaited, for the error of a time limit. */
  #awaited(): string {
    if (this.#writing > 0) return "the peer accepts no more bytes";
    if (!this.#reading) return "this side has not finished";
    return `${this.received === 0 ? "nothing" : `no more than ${this.received} bytes`} came from the peer`;
  }

  async #next(): Promise<Uint8Array | null> {
    if (this.#error) throw this.#error;
    let chunk: Uint8Array | null;
    this.#reading = true;
    try {
      chunk = await this.#connection.read();
    } catch (cause) {
      throw this.#fail(cause);
    } finally {
      this.#reading = false;
    }
    if (this.#error) throw this.#error;
    if (chunk === null) return null;
    const bytes = bytesOf(chunk);
    if (bytes === undefined) throw this.#fail(wrongType("a chunk of the transport", "bytes", chunk));
    this.received += bytes.length;
    this.receivedAt = performance.now();
    return bytes;
  }

  /** Makes the rest of the chunk the buffer. The previous one is released, so that a channel holds none while it waits. */
  #useRest(): void {
    this.#buffer = this.#rest;
    this.#start = 0;
    this.#end = this.#buffer.length;
    this.#rest = EMPTY;
  }

  /** Adds to the buffer only as much of the chunk as is needed: complete records in the rest of it need not be copied. */
  #takeRest(wanted: number): void {
    const held = this.#end - this.#start;
    if (held === 0) return this.#useRest();
    const part = this.#rest.subarray(0, wanted - held);
    // A buffer that came from the transport is exactly full, so this never writes into one.
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

  /** Lets the peer's bytes be read for another second: they may say why its transport accepts nothing. */
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
