/** The common part of TCP connections on all runtimes: flow control, and the end of the two directions. */

import type { ChannelError } from "../errors.ts";
import type { Timer } from "../timers.ts";
import { ConnectionTransport } from "./connection_transport.ts";
import { connectionFailed } from "./tcp.ts";

/** Milliseconds that a peer has to end a connection after this side closed it. */
export const LINGER = 2_000;

/** Bytes that may wait to be read before the connection is paused. */
export const HIGH_WATER_MARK = 65_536;

/** A waiting read. */
interface Reader {
  readonly resolve: (bytes: Uint8Array | null) => void;
  readonly reject: (error: ChannelError) => void;
}

/**
 * A TCP connection, or a stream that behaves like one. The subclass for each runtime implements sending, reading and ending,
 * and reports events with `onData`, `onEnd` and `onClose`.
 */
export abstract class TcpConnection extends ConnectionTransport {
  readonly #highWaterMark: number;
  /** The unread chunks, and their total length. */
  readonly #arrived: Uint8Array[] = [];
  #held = 0;
  #reader: Reader | undefined;
  #reading: "wanted" | "dropped" | "ended" = "wanted";
  /** The error that reading reports after the received bytes, if they do not end in order. */
  #cut: ChannelError | undefined;
  /** Settles when the last write does. */
  #sending: Promise<void> = Promise.resolve();
  #ending: Promise<void> | undefined;
  #writeEnded = false;
  #timer: Timer | undefined;

  /** Reading pauses when `highWaterMark` bytes wait to be read. */
  constructor(highWaterMark: number) {
    super();
    this.#highWaterMark = highWaterMark;
  }

  /** Sends a chunk. Resolves when the system has accepted it, which gives backpressure. */
  protected abstract send(chunk: Uint8Array): Promise<void>;
  /** Ends the writing direction. */
  protected abstract finish(): Promise<void>;
  /** Resumes reading for at least one chunk. Reading may already be in progress. */
  protected abstract resume(): void | Promise<void>;
  /** Pauses reading. */
  protected abstract pause(): void;
  /** Aborts both directions, with a reset if possible, so that the peer cannot mistake it for an orderly end. */
  protected abstract terminate(): void;
  /** Releases the connection. Data that the system has accepted is still sent. */
  protected abstract release(): void;
  /** Releases a connection that the peer did not end. */
  protected abandon(): void {
    this.release();
  }

  read(): Promise<Uint8Array | null> {
    const chunk = this.#arrived.shift();
    if (chunk !== undefined) {
      this.#held -= chunk.length;
      if (this.#reading === "wanted" && this.#held < this.#highWaterMark) void this.resume();
      return Promise.resolve(chunk);
    }
    if (this.#cut) return Promise.reject(this.#cut);
    if (this.#reading !== "wanted") return Promise.resolve(null);
    return new Promise((resolve, reject) => {
      this.#reader = { resolve, reject };
      void this.resume();
    });
  }

  write(chunk: Uint8Array): Promise<void> {
    if (this.#ending) return Promise.reject(this.failure ?? connectionFailed(new Error("closed")));
    return this.#sending = this.#sending.then(() => this.#send(chunk));
  }

  end(): Promise<void> {
    return this.#ending ??= this.#endAfterWrites();
  }

  cancel(): void {
    this.#arrived.length = 0;
    this.#drop();
    this.#settle();
  }

  abort(): void {
    this.breakOff(new Error("aborted"));
  }

  /** Closes both directions. Data that is being written is still sent, and the peer has some time to end its direction. */
  close(): void {
    if (this.#writeEnded && this.#reading === "ended") return;
    this.#drop();
    // This runs in a later turn, since a write that was just requested from a new stream has not arrived here yet.
    // `nextTurn` would wait for other work; if that took longer than `LINGER`, the connection would be reset, and the
    // written data lost.
    setTimeout(() => this.end().catch(() => {})); // fails if the connection is already closed
    this.#lingering();
  }

  /** Called with received bytes. Node and Bun pass Buffers, which are converted to Uint8Arrays for the reader. */
  onData({ buffer, byteOffset, byteLength }: Uint8Array): void {
    if (this.#reading === "dropped") return void this.resume();
    if (this.#reading === "ended") return;
    const chunk = new Uint8Array(buffer, byteOffset, byteLength);
    if (this.#reader) return this.#give(chunk);
    this.#arrived.push(chunk);
    this.#held += chunk.length;
    if (this.#held >= this.#highWaterMark) this.pause();
  }

  /** Called when the peer has ended its direction. */
  onEnd(): void {
    // A system may report a reset to the write that fails, and then an end to the reader.
    if (this.failure && this.#reading === "wanted") return this.breakOff(this.failure);
    this.#reading = "ended";
    this.#give(null);
    this.#settle();
  }

  /** Called when the connection is closed, with or without an error. Later calls have no effect. */
  onClose(cause: unknown): void {
    if (this.#reading === "ended" && this.#writeEnded) return;
    const error = this.failure ?? connectionFailed(cause ?? new Error("closed"));
    if (this.#reading === "wanted") {
      this.#cut = error; // data that arrived before can still be read, such as an alert that says why the peer ended the connection
      this.#reader?.reject(error);
      this.#reader = undefined;
    }
    this.failWriting(error);
    [this.#reading, this.#writeEnded] = ["ended", true];
    clearTimeout(this.#timer);
  }

  /** Makes both directions fail before the reset, because some runtimes report their own reset as the peer's end. */
  protected breakOff(cause: unknown): void {
    this.onClose(cause);
    this.terminate();
  }

  /** Settles the waiting read, if there is one. */
  #give(bytes: Uint8Array | null): void {
    this.#reader?.resolve(bytes);
    this.#reader = undefined;
  }

  async #send(chunk: Uint8Array): Promise<void> {
    if (this.failure) throw this.failure;
    await this.#orStopWriting(this.send(chunk));
  }

  /** Ends the writing direction after the write in progress, if there is one. */
  async #endAfterWrites(): Promise<void> {
    await this.#sending;
    if (this.#writeEnded) return;
    await this.#orStopWriting(this.finish());
    this.#writeEnded = true;
    this.#settle();
  }

  async #orStopWriting(work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (cause) {
      this.#stopWriting(cause);
      throw this.failure;
    }
  }

  /**
   * Ends the writing direction with an error. What the peer sent before can still be read, since it may say why the peer
   * stopped reading. Reading then fails with the same error.
   */
  #stopWriting(cause: unknown): void {
    if (this.#reading !== "wanted") return this.breakOff(cause);
    this.failWriting(connectionFailed(cause));
    this.#writeEnded = true;
    this.#linger(() => this.breakOff(cause));
  }

  /**
   * Reads and discards incoming data. Unread data would make the system reset the connection, so that written data would be
   * lost.
   */
  #drop(): void {
    if (this.#reading === "ended") return;
    this.#reading = "dropped";
    this.#give(null);
    void this.resume();
  }

  /** Releases the connection when both directions have ended. */
  #settle(): void {
    if (!this.#writeEnded || this.#reading === "wanted") return;
    if (this.#reading === "dropped") return this.#lingering();
    clearTimeout(this.#timer);
    this.release();
  }

  /** Gives the peer `LINGER` milliseconds to end the connection. */
  #lingering(): void {
    this.#linger(() => this.#writeEnded ? this.abandon() : this.terminate());
  }

  /**
   * Calls `action` after `LINGER` milliseconds, unless this was called before. The time passes in two halves, for the reason
   * of `settlesWithin`.
   */
  #linger(action: () => void): void {
    this.#timer ??= setTimeout(() => this.#timer = setTimeout(action, LINGER / 2), LINGER / 2);
  }
}
