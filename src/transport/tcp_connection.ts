/** A TCP connection as a transport: flow control and the end of its two directions, the same on every runtime. */

import type { ChannelError } from "../errors.ts";
import type { Transport } from "../wire.ts";
import { connectionFailed, LINGER } from "./tcp.ts";

/**
 * One connection, or a stream that behaves like one. Each runtime's subclass says how it sends, reads and ends, and reports
 * events by `onData`, `onEnd` and `onClose`.
 */
export abstract class TcpConnection implements Transport {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
  readonly #highWaterMark: number;
  #source!: ReadableStreamDefaultController<Uint8Array>;
  #sink!: WritableStreamDefaultController;
  #reading: "wanted" | "dropped" | "ended" = "wanted";
  #sending: Promise<void> = Promise.resolve();
  #ending: Promise<void> | undefined;
  #writeEnded = false;
  /** Why the connection is closed, for a reader that has not reached that point yet. */
  #failure: ChannelError | undefined;
  #linger: ReturnType<typeof setTimeout> | undefined;

  /** `highWaterMark` bytes may wait to be read before reading pauses. */
  constructor(highWaterMark: number) {
    this.#highWaterMark = highWaterMark;
    this.readable = new ReadableStream<Uint8Array>({
      start: (controller) => void (this.#source = controller),
      pull: () => this.#failure ? this.#failReading(this.#failure) : this.resume(),
      cancel: () => {
        this.#drop();
        this.#settle();
      },
    }, { highWaterMark, size: (chunk) => chunk.byteLength });
    this.writable = new WritableStream<Uint8Array>({
      start: (controller) => {
        this.#sink = controller;
        // `abort` would wait for a write that the peer does not accept. A moment later, since Node 20 does not allow an
        // error in the middle of an abort.
        const abort = () => this.breakOff(new Error("aborted"));
        controller.signal.addEventListener("abort", () => queueMicrotask(abort));
      },
      write: (chunk) => this.#sending = this.#send(chunk),
      close: () => this.#endWriting(),
    });
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

  /** Closes both directions: data being written is still sent, and a peer that does not end has a moment to do so. */
  close(): void {
    if (this.#writeEnded && this.#reading === "ended") return;
    if (this.#reading === "wanted") this.#source.close();
    this.#drop();
    this.#endWriting().catch(() => {}); // it is closed already
    this.#lingering();
  }

  /** Called with bytes that arrived. Node and Bun give Buffers, which are not passed on to the reader. */
  onData({ buffer, byteOffset, byteLength }: Uint8Array): void {
    if (this.#reading === "dropped") return void this.resume();
    if (this.#reading === "ended") return;
    this.#source.enqueue(new Uint8Array(buffer, byteOffset, byteLength));
    if (this.#source.desiredSize! <= 0) this.pause();
  }

  /** Called when the peer has ended its direction. */
  onEnd(): void {
    if (this.#reading === "wanted") this.#source.close();
    this.#reading = "ended";
    this.#settle();
  }

  /** Called when the connection is closed, with or without an error. Later calls change nothing. */
  onClose(cause: unknown): void {
    const error = connectionFailed(cause ?? new Error("closed"));
    if (this.#reading === "wanted") this.#failReading(error);
    this.#sink.error(error);
    [this.#reading, this.#writeEnded] = ["ended", true];
    clearTimeout(this.#linger);
  }

  /** Data that arrived before can still be read, such as the peer's reason for ending the connection. */
  #failReading(error: ChannelError): void {
    this.#failure = error;
    if (this.#source.desiredSize === this.#highWaterMark) this.#source.error(error);
  }

  /** Fails both directions before the reset: some runtimes report their own reset as the peer's end. */
  protected breakOff(cause: unknown): void {
    this.onClose(cause);
    this.terminate();
  }

  async #send(chunk: Uint8Array): Promise<void> {
    if (this.#ending) throw connectionFailed(new Error("closed"));
    await this.#orBreakOff(this.send(chunk));
  }

  #endWriting(): Promise<void> {
    return this.#ending ??= this.#endBehindWrites();
  }

  /** Ends the writing direction, also while a write goes on. */
  async #endBehindWrites(): Promise<void> {
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
