/** A TCP connection as a transport: flow control and the end of its two directions, the same on every runtime. */

import type { ChannelError } from "../errors.ts";
import { ConnectionTransport } from "./connection_transport.ts";
import { connectionFailed } from "./tcp.ts";

/** Milliseconds that a peer has to end a connection after this side closed it. */
export const LINGER = 2_000;

/** Bytes that may wait to be read before the connection is paused. */
export const HIGH_WATER_MARK = 65_536;

/** A read that waits. */
interface Reader {
  readonly resolve: (bytes: Uint8Array | null) => void;
  readonly reject: (error: ChannelError) => void;
}

/**
 * One connection, or a stream that behaves like one. Each runtime's subclass says how it sends, reads and ends, and reports
 * events by `onData`, `onEnd` and `onClose`.
 */
export abstract class TcpConnection extends ConnectionTransport {
  readonly #highWaterMark: number;
  /** Chunks that nobody has read yet, and their bytes. */
  readonly #arrived: Uint8Array[] = [];
  #held = 0;
  #reader: Reader | undefined;
  #reading: "wanted" | "dropped" | "ended" = "wanted";
  /** The error that follows the bytes that arrived, if they do not end in order. */
  #cut: ChannelError | undefined;
  /** Settles with the last write. */
  #sending: Promise<void> = Promise.resolve();
  #ending: Promise<void> | undefined;
  #writeEnded = false;
  #linger: ReturnType<typeof setTimeout> | undefined;

  /** `highWaterMark` bytes may wait to be read before reading pauses. */
  constructor(highWaterMark: number) {
    super();
    this.#highWaterMark = highWaterMark;
  }

  /** Sends a chunk; resolves when the system has accepted it, which gives backpressure. */
  protected abstract send(chunk: Uint8Array): Promise<void>;
  /** Ends the writing direction. */
  protected abstract finish(): Promise<void>;
  /** Resumes reading, for one chunk at least; it may be reading already. */
  protected abstract resume(): void | Promise<void>;
  /** Pauses reading. */
  protected abstract pause(): void;
  /** Aborts both directions, by a reset if possible, so that the peer does not mistake it for an orderly end. */
  protected abstract terminate(): void;
  /** Releases the connection; data that the system has is still sent. */
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

  /** Closes both directions: data being written is still sent, and a peer that does not end has a moment to do so. */
  close(): void {
    if (this.#writeEnded && this.#reading === "ended") return;
    this.#drop();
    // Later, since a write that was just requested from a new stream has not come here yet. `nextTurn` would wait for others'
    // work; if that took longer than `LINGER`, the connection would be reset, and what was written lost.
    setTimeout(() => this.end().catch(() => {})); // it is closed already
    this.#lingering();
  }

  /** Called with bytes that arrived. Node and Bun give Buffers, which are not passed on to the reader. */
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
    this.#reading = "ended";
    this.#give(null);
    this.#settle();
  }

  /** Called when the connection is closed, with or without an error. Later calls change nothing. */
  onClose(cause: unknown): void {
    if (this.#reading === "ended" && this.#writeEnded) return;
    const error = connectionFailed(cause ?? new Error("closed"));
    if (this.#reading === "wanted") {
      this.#cut = error; // data that arrived before can still be read, such as the peer's reason for ending the connection
      this.#reader?.reject(error);
      this.#reader = undefined;
    }
    this.failWriting(error);
    [this.#reading, this.#writeEnded] = ["ended", true];
    clearTimeout(this.#linger);
  }

  /** Fails both directions before the reset: some runtimes report their own reset as the peer's end. */
  protected breakOff(cause: unknown): void {
    this.onClose(cause);
    this.terminate();
  }

  /** Settles the read that waits, if one does. */
  #give(bytes: Uint8Array | null): void {
    this.#reader?.resolve(bytes);
    this.#reader = undefined;
  }

  async #send(chunk: Uint8Array): Promise<void> {
    if (this.failure) throw this.failure;
    await this.#orBreakOff(this.send(chunk));
  }

  /** Ends the writing direction, also while a write goes on. */
  async #endAfterWrites(): Promise<void> {
    await this.#sending;
    if (this.#writeEnded) return;
    await this.#orBreakOff(this.finish());
    this.#writeEnded = true;
    this.#settle();
  }

  async #orBreakOff(work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (cause) {
      this.breakOff(cause);
      throw connectionFailed(cause);
    }
  }

  /** Reads and discards what arrives: unread data would make the system reset the connection, and lose what was written. */
  #drop(): void {
    if (this.#reading === "ended") return;
    this.#reading = "dropped";
    this.#give(null);
    void this.resume();
  }

  /** Releases the connection once both directions have ended. */
  #settle(): void {
    if (!this.#writeEnded || this.#reading === "wanted") return;
    if (this.#reading === "dropped") return this.#lingering();
    clearTimeout(this.#linger);
    this.release();
  }

  /** Gives the peer a moment to end the connection. */
  #lingering(): void {
    this.#linger ??= setTimeout(() => this.#writeEnded ? this.abandon() : this.terminate(), LINGER);
  }
}
