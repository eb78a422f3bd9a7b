/** WebSockets that are read on demand: this library's own, and the platform's `WebSocketStream`. */

import { EMPTY, pieces } from "../../bytes.ts";
import { ChannelError } from "../../errors.ts";
import type { Transport } from "../../wire.ts";
import { MAX_MESSAGE_LENGTH } from "./codes.ts";
import { Credits, MESSAGE_COST } from "./credits.ts";

/** The most bytes that wait to be read, which only a peer that ignores its credits reaches. */
const MAX_QUEUED = 16 * 1024 * 1024;

/** The most bytes that are sent at once, so that credits are asked for in between. */
const MAX_AT_ONCE = 4 * MAX_MESSAGE_LENGTH;

/**
 * A WebSocket with backpressure in both directions. It reads if its reader wants more, or if a write waits for credit: the
 * peer's grants are between its data. A subclass says how messages are received and sent, and how the WebSocket ends.
 */
export abstract class PulledTransport implements Transport {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
  readonly #opened: Promise<unknown>;
  readonly #credits: Credits = new Credits(MAX_QUEUED, false);
  #source!: ReadableStreamDefaultController<Uint8Array>;
  #sink!: WritableStreamDefaultController;
  /** The read in progress; it resolves to whether data or an end arrived. */
  #reading: Promise<boolean> | undefined;
  #granting = false;
  /** Whether the reader has cancelled, so that data is discarded. */
  #dropping = false;
  /** Whether this end has closed its direction. */
  #closed = false;
  /** Whether nothing more arrives from the peer, and nothing more can be sent to it. */
  #over = false;
  #failure: unknown;

  /** `opened` settles when the opening handshake is done. Reads and writes wait for it. */
  constructor(opened: Promise<unknown>) {
    this.#opened = opened;
    opened.catch(() => {}); // the next read and write report it
    this.readable = new ReadableStream<Uint8Array>({
      start: (controller) => void (this.#source = controller),
      pull: () => this.#pull(),
      cancel: () => this.#cancel(),
    }, { highWaterMark: MAX_MESSAGE_LENGTH, size: (chunk) => chunk.byteLength + MESSAGE_COST });
    this.writable = new WritableStream<Uint8Array>({
      start: (controller) => {
        this.#sink = controller;
        // `abort` would wait for a write that the peer does not accept.
        controller.signal.addEventListener("abort", () => this.breakOff(controller.signal.reason));
      },
      write: (chunk) => this.#write(chunk),
      close: () => this.#close(),
    });
  }

  /** Reads once, and reports what came by `onData`, `onMessage` and `onEnd`; returns true if that was data or the end. */
  protected abstract receive(): Promise<boolean>;
  /** Sends messages; resolves when there is room for more. */
  protected abstract send(messages: readonly Uint8Array[]): Promise<void>;
  /** Closes the WebSocket in order. */
  protected abstract finish(): Promise<void>;
  /** Releases a WebSocket that is closed at this end, when the peer's close is no longer awaited. */
  protected abstract letGo(): Promise<void>;
  /** Ends both directions because of an abort. */
  protected abstract breakOff(reason: unknown): void;
  /** Called after an error: closes the WebSocket if it is still open. */
  protected abstract onFailure(error: unknown): void;

  /** Called with bytes of a message. */
  protected onData(bytes: Uint8Array): void {
    if (this.#dropping) return;
    this.#source.enqueue(bytes);
    if (this.#unread > MAX_QUEUED) {
      throw new ChannelError("limit", `${this.#unread} bytes wait to be read, more than the peer may send`);
    }
  }

  /** Called with the length of each message that is complete. */
  protected onMessage(length: number): void {
    this.#credits.receive(length);
  }

  /** Called when the peer has closed in order. */
  protected onEnd(): void {
    this.#over = true;
    if (!this.#dropping) this.#source.close();
  }

  async #pull(): Promise<void> {
    this.#grant(); // the peer may wait for it
    while (!await this.#read());
  }

  /** Reads once; all waiting callers share the read in progress. */
  #read(): Promise<boolean> {
    return this.#reading ??= this.#readOnce().finally(() => this.#reading = undefined);
  }

  async #readOnce(): Promise<boolean> {
    try {
      await this.#opened;
      const given = await this.receive();
      this.#grant();
      return given;
    } catch (error) {
      if (!this.#over) this.#fail(error);
      return true;
    }
  }

  #fail(error: unknown): void {
    this.#over = true;
    this.#failure = error;
    if (!this.#dropping) this.#source.error(error);
    this.#sink.error(error);
    this.onFailure(error);
  }

  /** Sends the grants that are due; not before the last ones have left, so that they cannot pile up. */
  #grant(): void {
    if (this.#granting || this.#closed || this.#over) return;
    const due = this.#credits.due(this.#unread);
    if (due === 0) return;
    this.#granting = true;
    const sent = () => {
      this.#granting = false;
      this.#grant();
    };
    this.send(Array<Uint8Array>(due).fill(EMPTY)).then(sent, () => {}); // a failure shows at the next read
  }

  /** What waits to be read, by cost. */
  get #unread(): number {
    return this.#dropping ? 0 : MAX_MESSAGE_LENGTH - this.#source.desiredSize!;
  }

  /** Continues to read without a reader, for the peer's grants and its end. */
  async #cancel(): Promise<void> {
    this.#dropping = true;
    if (this.#closed) return await this.#letGo();
    void (async () => {
      while (!this.#over) await this.#read();
    })();
  }

  async #write(chunk: Uint8Array): Promise<void> {
    await this.#opened;
    for (const part of pieces([chunk], MAX_AT_ONCE)) {
      while (this.#credits.exhausted && !this.#over) await this.#read();
      if (this.#failure) throw this.#failure;
      if (this.#over) return; // as over TCP, data written after the peer's orderly close is discarded
      const messages = [...pieces([part], MAX_MESSAGE_LENGTH)];
      for (const { length } of messages) this.#credits.send(length);
      await this.send(messages);
    }
  }

  async #close(): Promise<void> {
    await this.#opened;
    this.#closed = true;
    await this.finish();
    if (this.#dropping) await this.#letGo(); // nobody waits for the peer's close
  }

  #letGo(): Promise<void> {
    this.#over = true;
    return this.letGo();
  }
}
