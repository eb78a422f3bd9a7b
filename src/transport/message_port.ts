/**
 * A `MessagePort` as a transport, between a page and a worker, two workers, or two windows.
 *
 * Both ends must use this transport. A port has no backpressure, so each end grants the other a window of 256 KiB of unread
 * data. A message is a `Uint8Array` (at most 64 KiB of the stream), a number (how many more bytes the other end may send),
 * `"end"`, `"abort"`, or `"cancel"` (of the opposite direction).
 *
 * @example
 * ```ts
 * import { messagePortTransport } from "@fesa/channel/message-port";
 *
 * const { port1, port2 } = new MessageChannel(); // port2 goes to a worker: worker.postMessage(port2, [port2])
 * const here = messagePortTransport(port1);
 * const there = messagePortTransport(port2);
 * const writer = here.writable.getWriter();
 * await writer.write(new Uint8Array([1, 2, 3]));
 * const reader = there.readable.getReader();
 * if ((await reader.read()).value?.length !== 3) throw new Error("not there");
 * await Promise.all([writer.close(), there.writable.close()]);
 * await Promise.all([reader.read(), here.readable.getReader().read()]); // both ends: the ports are closed
 * ```
 *
 * @module
 */

import { pieces } from "../bytes.ts";
import { ChannelError } from "../errors.ts";
import type { Transport } from "../connection.ts";

export type { Transport } from "../connection.ts";

/** The window: the number of unread bytes that the other end may send. */
const WINDOW = 262_144;

/** The most bytes in one message. */
const MAX_CHUNK = 65_536;

/** The number of bytes that are read before the window is updated. */
const CREDIT_STEP = WINDOW / 4;

/** The part of a `MessagePort` that is used. */
export interface MessagePortLike {
  /** Sends a message. */
  postMessage(message: unknown, transfer: ArrayBuffer[]): void;
  /** Adds a listener for messages or, if the platform reports it, for the close of the other port. */
  addEventListener(type: "message" | "messageerror" | "close", listener: (event: PortEvent) => void): void;
  /** Starts delivering messages. */
  start(): void;
  /** Disconnects the port. */
  close(): void;
}

/** The part of a port's events that is used. */
export interface PortEvent {
  /** The event's name. */
  readonly type?: string;
  /** The message. */
  readonly data?: unknown;
}

/**
 * Returns a transport over one port of a `MessageChannel`. The port belongs to the transport from then on, and is closed
 * when both directions have ended.
 *
 * @param port The port, to which no listener for messages may have been added.
 * @returns The transport. It fails with a {@link ChannelError}: `transport` if the other end aborts, stops reading, or is
 * gone (which not every platform reports); `protocol` if a message does not belong to this transport; `limit` if the other end
 * sends more than it may.
 * @example
 * ```ts
 * import { messagePortTransport } from "@fesa/channel/message-port";
 *
 * const { port1, port2 } = new MessageChannel();
 * const [a, b] = [messagePortTransport(port1), messagePortTransport(port2)];
 * await a.writable.abort();
 * await b.readable.getReader().read().catch((error) => console.log(error.message));
 * await b.readable.cancel().catch(() => {});
 * await b.writable.abort();
 * ```
 */
export function messagePortTransport(port: MessagePortLike): Transport {
  return new PortTransport(port);
}

class PortTransport implements Transport {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
  readonly #port: MessagePortLike;
  #source!: ReadableStreamDefaultController<Uint8Array>;
  #sink!: WritableStreamDefaultController;
  /** The unread chunks, and their total length. */
  readonly #queue: Uint8Array[] = [];
  #queued = 0;
  #readable = true;
  #writable = true;
  #ended = false;
  /** The number of bytes read since the last update of the window. */
  #unacknowledged = 0;
  /** The number of bytes that this end may still send. */
  #credit = WINDOW;
  #wakeReader = () => {};
  #wakeWriter = () => {};

  constructor(port: MessagePortLike) {
    this.#port = port;
    this.readable = new ReadableStream<Uint8Array>({
      start: (controller) => void (this.#source = controller),
      pull: () => this.#pull(),
      cancel: () => {
        this.#post("cancel");
        this.#finishReading();
      },
    }, { highWaterMark: 0 });
    this.writable = new WritableStream<Uint8Array>({
      start: (controller) => {
        this.#sink = controller;
        controller.signal.addEventListener("abort", () => this.#wakeWriter()); // a waiting write must not delay the abort
      },
      write: (chunk) => this.#write(chunk),
      close: () => {
        this.#post("end");
        this.#finishWriting();
      },
      abort: () => {
        this.#post("abort");
        this.#finishWriting();
      },
    });
    port.addEventListener("message", ({ data }) => this.#receive(data));
    port.addEventListener("messageerror", () => this.#fail(notOurs()));
    port.addEventListener("close", () => {
      const error = transportError("the other end of the port is gone");
      if (!this.#ended) this.#failReading(error); // after an orderly end the remaining data can still be read
      this.#failWriting(error);
    });
    port.start();
  }

  /** Sends a chunk. It transfers a copy, because the writer may still need the bytes, or own only a part of their buffer. */
  async #write(chunk: Uint8Array): Promise<void> {
    for (const piece of pieces(chunk, MAX_CHUNK)) {
      while (this.#credit <= 0 && this.#writable && !this.#sink.signal.aborted) {
        await new Promise<void>((resolve) => this.#wakeWriter = resolve);
      }
      if (!this.#writable || this.#sink.signal.aborted) return; // the stream already has its error
      this.#credit -= piece.length;
      const copy = new Uint8Array(piece);
      this.#port.postMessage(copy, [copy.buffer]);
    }
  }

  async #pull(): Promise<void> {
    while (this.#queue.length === 0 && !this.#ended && this.#readable) {
      await new Promise<void>((resolve) => this.#wakeReader = resolve);
    }
    if (!this.#readable) return;
    const chunk = this.#queue.shift();
    if (chunk === undefined) {
      this.#source.close();
      return this.#finishReading();
    }
    this.#queued -= chunk.length;
    this.#source.enqueue(chunk);
    this.#unacknowledged += chunk.length;
    if (this.#unacknowledged < CREDIT_STEP) return;
    this.#post(this.#unacknowledged);
    this.#unacknowledged = 0;
  }

  #receive(message: unknown): void {
    if (message instanceof Uint8Array) return this.#receiveBytes(message);
    if (message === "end") this.#ended = true;
    else if (message === "abort") this.#failReading(transportError("the other end aborted the transport"));
    else if (message === "cancel") this.#failWriting(transportError("the other end has stopped reading"));
    else if (Number.isSafeInteger(message) && (message as number) > 0) this.#credit += message as number;
    else return this.#fail(notOurs());
    this.#wakeReader();
    this.#wakeWriter();
  }

  #receiveBytes(bytes: Uint8Array): void {
    if (!this.#readable) return; // the message was in transit when reading ended
    if (bytes.length === 0 || bytes.length > MAX_CHUNK || this.#queued >= WINDOW || this.#ended) {
      return this.#fail(new ChannelError("limit", "the other end of the port sent more than it was allowed"));
    }
    this.#queue.push(bytes);
    this.#queued += bytes.length;
    this.#wakeReader();
  }

  #fail(error: ChannelError): void {
    if (this.#readable) this.#post("cancel");
    if (this.#writable) this.#post("abort");
    this.#failReading(error);
    this.#failWriting(error);
  }

  #failReading(error: ChannelError): void {
    if (!this.#readable) return;
    this.#source.error(error);
    this.#finishReading();
  }

  #failWriting(error: ChannelError): void {
    if (!this.#writable) return;
    this.#sink.error(error);
    this.#finishWriting();
  }

  #finishReading(): void {
    this.#readable = false;
    this.#queue.length = this.#queued = 0;
    this.#wakeReader();
    if (!this.#writable) this.#port.close();
  }

  #finishWriting(): void {
    this.#writable = false;
    this.#wakeWriter();
    if (!this.#readable) this.#port.close();
  }

  #post(message: "end" | "abort" | "cancel" | number): void {
    this.#port.postMessage(message, []);
  }
}

function transportError(message: string): ChannelError {
  return new ChannelError("transport", message);
}

function notOurs(): ChannelError {
  return new ChannelError("protocol", "a message on the port does not belong to this transport");
}
