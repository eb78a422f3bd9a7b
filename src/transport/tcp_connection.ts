/** A TCP connection as a transport: how its two directions flow and end, which is the same on every runtime. */

import type { ChannelError } from "../errors.ts";
import type { Transport } from "../wire.ts";
import { connectionFailed, LINGER } from "./tcp.ts";

/**
 * One connection, or what behaves like one. A runtime says how it sends, reads and ends, and tells what happens by
 * `onData`, `onEnd` and `onClose`.
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
  /** Why the connection is gone, for a reader that has not come to it yet. */
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
        // `abort` would wait for a write that the peer does not take. A moment later, since Node 20 does not bear an
        // error in the middle of an abort.
        const abort = () => this.breakOff(new Error("aborted"));
        controller.signal.addEventListener("abort", () => queueMicrotask(abort));
      },
      write: (chunk) => this.#sending = this.#send(chunk),
      close: () => this.#endWriting(),
    });
  }

  /** Sends a chunk; resolves when the system has it, which is the backpressure. */
  protected abstract send(chunk: Uint8Array): Promise<void>;
  /** Ends the writing direction. */
  protected abstract finish(): Promise<void>;
  /** Reads on, for one chunk at least; it may do so already. */
  protected abstract resume(): void | Promise<void>;
  /** Reads no more for now. */
  protected abstract pause(): void;
  /** Breaks both directions off, by a reset where there is one, so that the peer does not take it for the end. */
  protected abstract terminate(): void;
  /** Lets go of the connection; what the system has still goes out. */
  protected abstract release(): void;
  /** The same where the peer did not end the connection. */
  protected abandon(): void {
    this.release();
  }

  /** Closes both directions: what is being written still goes out, and a peer that does not end has a moment to do so. */
  close(): void {
    if (this.#writeEnded && this.#reading === "ended") return;
    if (this.#reading === "wanted") this.#source.close();
    this.#drop();
    this.#endWriting().catch(() => {}); // it is gone already
    this.#lingering();
  }

  /** Bytes arrived. Those of Node and Bun are Buffers, which the reader shall not see. */
  onData({ buffer, byteOffset, byteLength }: Uint8Array): void {
    if (this.#reading === "dropped") return void this.resume();
    if (this.#reading === "ended") return;
    this.#source.enqueue(new Uint8Array(buffer, byteOffset, byteLength));
    if (this.#source.desiredSize! <= 0) this.pause();
  }

  /** The peer ended its direction. */
  onEnd(): void {
    if (this.#reading === "wanted") this.#source.close();
    this.#reading = "ended";
    this.#settle();
  }

  /** The connection is gone, because of an error or without. What is told of it later changes nothing. */
  onClose(cause: unknown): void {
    const error = connectionFailed(cause ?? new Error("closed"));
    if (this.#reading === "wanted") this.#failReading(error);
    this.#sink.error(error);
    [this.#reading, this.#writeEnded] = ["ended", true];
    clearTimeout(this.#linger);
  }

  /** What arrived before can still be read, such as the peer's word on why it ended the connection. */
  #failReading(error: ChannelError): void {
    this.#failure = error;
    if (this.#source.desiredSize === this.#highWaterMark) this.#source.error(error);
  }

  /** Fails both directions first: some runtimes take their own reset for the peer's end. */
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

  /** A connection can be closed while a write goes on. */
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

  /** Reads and drops what comes: what lies unread would reset the connection, and take away what was written. */
  #drop(): void {
    if (this.#reading === "ended") return;
    this.#reading = "dropped";
    void this.resume();
  }

  /** Lets go of a connection of which nothing is wanted any more. */
  #settle(): void {
    if (!this.#writeEnded || this.#reading === "wanted") return;
    if (this.#reading === "dropped") return this.#lingering();
    clearTimeout(this.#linger);
    this.release();
  }

  /** A peer that does not end the connection has a moment to do so. */
  #lingering(): void {
    this.#linger ??= setTimeout(() => this.#writeEnded ? this.abandon() : this.terminate(), LINGER);
  }
}
