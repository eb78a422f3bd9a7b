/**
 * Transports over event-based sockets: the WebSockets of platforms, and sockets with the same interface. `WebSocketStream` is
 * not used: when the peer closes, Chromium 156 drops unread data and ends the stream as if nothing were missing.
 */

import { pieces } from "../../bytes.ts";
import { ChannelError } from "../../errors.ts";
import { settlesWithin } from "../../timers.ts";
import type { Transport } from "../../connection.ts";
import {
  CLOSE_CODE,
  CLOSE_PATIENCE,
  closedWith,
  closeWith,
  isOrderly,
  MAX_MESSAGE_LENGTH,
  textRefused,
} from "./codes.ts";
import { Credits, MESSAGE_COST } from "./credits.ts";

/** The number of unsent bytes in the socket above which a write waits. */
const MAX_BUFFERED = 1024 * 1024;

/** The number of unread bytes above which a socket is paused, if it can be paused. */
const HIGH_WATER_MARK = 65_536;

const [CONNECTING, OPEN] = [0, 1];

/** The part of a WebSocket that is used. Standard WebSockets and those of the `ws` package have it. */
export interface WebSocketLike {
  /** 0 connecting, 1 open, 2 closing, 3 closed. */
  readonly readyState: number;
  /** The bytes that were passed to `send` and have not been sent yet. */
  readonly bufferedAmount: number;
  /** The type of received messages, which is set to `"arraybuffer"`. */
  binaryType: string;
  /** Sends one binary message. */
  send(data: Uint8Array<ArrayBuffer>): void;
  /** Begins closing. */
  close(code?: number, reason?: string): void;
  /** Listens for events. */
  addEventListener(
    type: "open" | "message" | "error" | "close",
    listener: (event: WebSocketEvent) => void,
  ): void;
  /** Stops reading from the network, if the socket can. */
  pause?(): void;
  /** Resumes reading from the network. */
  resume?(): void;
}

/** The part of a WebSocket's events that is used. */
export interface WebSocketEvent {
  /** The event's name. */
  readonly type?: string;
  /** The message. */
  readonly data?: unknown;
  /** The close code. */
  readonly code?: number;
  /** Why the peer closed. */
  readonly reason?: string;
  /** The description of an error, if the platform gives one. */
  readonly message?: string;
}

/** Options of {@link webSocketTransport}. */
export interface WebSocketOptions {
  /**
   * Bytes that may wait to be read; 16 MiB by default. Each message counts as its length plus 128. A platform's WebSocket
   * cannot be paused. A peer with this library is given credit for a quarter of this, and waits until the reader has made
   * room; below 1 MiB there are no credits. If another peer gets further ahead of the reader than this, the transport fails
   * with `limit` instead of filling the memory. The `ws` package has backpressure and needs no limit.
   */
  readonly maxQueued?: number;
}

/**
 * Refuses invalid options.
 *
 * @throws {RangeError} If `maxQueued` is not a positive whole number.
 */
export function checkQueue({ maxQueued = 1 }: WebSocketOptions): void {
  if (Number.isSafeInteger(maxQueued) && maxQueued > 0) return;
  throw new RangeError("maxQueued is not a positive whole number");
}

/** A transport over an event-based socket. The constructor throws `closed` if the socket is neither open nor connecting. */
export class EventTransport implements Transport {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
  readonly #socket: WebSocketLike;
  readonly #maxQueued: number;
  readonly #credits: Credits;
  /** Resolves when the socket is open or can no longer open. */
  readonly #opened: Promise<void>;
  /** Resolves when the socket has closed or failed. */
  readonly #ended: Promise<void>;
  #end = () => {};
  #wakeWriter = () => {};
  #source!: ReadableStreamDefaultController<Uint8Array>;
  #sink!: WritableStreamDefaultController;
  #reading = true;
  #wasOpen: boolean;
  #problem = "";
  #failure: ChannelError | undefined;

  constructor(socket: WebSocketLike, options: WebSocketOptions) {
    checkQueue(options);
    const { maxQueued = 16 * 1024 * 1024 } = options;
    if (socket.readyState > OPEN) throw new ChannelError("closed", "the WebSocket is already closed");
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    this.#maxQueued = maxQueued;
    this.#credits = new Credits(maxQueued, socket.pause === undefined);
    this.#wasOpen = socket.readyState === OPEN;
    // Before the first write, which `#opened` lets go: the peer is to know of credits when it answers.
    socket.addEventListener("open", () => {
      this.#wasOpen = true;
      this.#grant();
    });
    this.#opened = new Promise((resolve) => {
      if (socket.readyState === OPEN) resolve();
      for (const type of ["open", "error", "close"] as const) socket.addEventListener(type, () => resolve());
    });
    this.#ended = new Promise((resolve) => this.#end = resolve);
    this.readable = new ReadableStream<Uint8Array>({
      start: (controller) => void (this.#source = controller),
      pull: () => this.#pull(),
      cancel: () => {
        this.#reading = false;
        this.#pull(); // a close frame may follow the discarded data
      },
    }, { highWaterMark: maxQueued, size: (chunk) => chunk.byteLength + MESSAGE_COST });
    this.writable = new WritableStream<Uint8Array>({
      start: (controller) => {
        this.#sink = controller;
        // The sink's `abort` method would be called only after the write in progress, which may never end. This runs in a
        // microtask, since a socket can close immediately, and Node 20 does not allow an error during an abort.
        controller.signal.addEventListener("abort", () => queueMicrotask(() => this.#abort()));
      },
      write: (chunk) => this.#write(chunk),
      close: () => this.#close(),
    });
    socket.addEventListener("message", ({ data }) => this.#onMessage(data));
    socket.addEventListener("error", ({ message = "" }) => this.#onError(message));
    socket.addEventListener("close", ({ code = 1005, reason = "" }) => this.#onClose(code, reason));
  }

  #onMessage(data: unknown): void {
    if (this.#failure) return;
    if (!(data instanceof ArrayBuffer)) return this.#refuse(CLOSE_CODE.unsupportedData, textRefused());
    try {
      this.#credits.receive(data.byteLength);
    } catch (error) {
      return this.#refuse(CLOSE_CODE.tooMuch, error as ChannelError);
    }
    if (data.byteLength === 0) this.#wakeWriter();
    else if (this.#reading) this.#source.enqueue(new Uint8Array(data));
    this.#grant();
    const unread = this.#unread;
    if (unread < HIGH_WATER_MARK) return;
    if (!this.#credits.exhausted) this.#socket.pause?.(); // without credit this end must read the peer's grants
    if (unread <= this.#maxQueued) return;
    const message = `${unread} bytes wait to be read, and this WebSocket cannot be paused`;
    this.#refuse(CLOSE_CODE.tooMuch, new ChannelError("limit", message));
  }

  #pull(): void {
    if (this.#failure) return this.#failReading(this.#failure);
    this.#grant();
    if (this.#unread < HIGH_WATER_MARK) this.#socket.resume?.();
  }

  /** Sends the grants that are due. */
  #grant(): void {
    if (this.#socket.readyState !== OPEN) return;
    for (let due = this.#credits.due(this.#unread); due > 0; due--) this.#socket.send(new Uint8Array(0));
  }

  /** The cost of the messages that wait to be read. */
  get #unread(): number {
    return this.#reading ? this.#maxQueued - this.#source.desiredSize! : 0;
  }

  #onError(message: string): void {
    this.#problem = message;
    if (!this.#wasOpen) this.#fail(closedWith(1006, message)); // Node 22 has no `close` for a socket that was never open
  }

  #onClose(code: number, reason: string): void {
    if (!isOrderly(code)) return this.#fail(closedWith(code, reason || this.#problem));
    if (this.#reading) this.#source.close();
    this.#reading = false;
    this.#end();
    this.#wakeWriter();
  }

  #abort(): void {
    // Node 22 reports the end of a socket that was never open only by `error`.
    if (this.#socket.readyState === CONNECTING) {
      this.#fail(new ChannelError("transport", "aborted while connecting"));
    }
    closeWith(this.#socket, CLOSE_CODE.internalError);
    this.#wakeWriter();
  }

  #refuse(code: number, error: ChannelError): void {
    this.#discard(error);
    this.#fail(error); // first, since Bun's sockets report their end within `close`
    closeWith(this.#socket, code);
  }

  #fail(error: ChannelError): void {
    this.#failure ??= error;
    this.#failReading(error);
    this.#sink.error(error);
    this.#end();
    this.#wakeWriter();
  }

  /** Makes reading fail after the data that arrived before, which may say why the peer ended the connection. */
  #failReading(error: ChannelError): void {
    if (this.#unread === 0) this.#discard(error);
  }

  /** Makes reading fail at once. */
  #discard(error: ChannelError): void {
    if (this.#reading) this.#source.error(error);
    this.#reading = false;
  }

  async #write(chunk: Uint8Array): Promise<void> {
    await this.#opened;
    for (const piece of pieces(chunk, MAX_MESSAGE_LENGTH)) {
      if (this.#credits.exhausted) await this.#credit();
      if (this.#socket.readyState !== OPEN) {
        await this.#ended;
        if (this.#failure) throw this.#failure;
        return; // as over TCP, data written after the peer's orderly close is discarded
      }
      this.#credits.send(piece.length);
      this.#socket.send(piece as Uint8Array<ArrayBuffer>);
      await drained(this.#socket);
    }
  }

  /** Waits for a grant from the peer. */
  async #credit(): Promise<void> {
    while (this.#credits.exhausted && this.#socket.readyState === OPEN) {
      this.#socket.resume?.(); // grants arrive between the peer's data
      await new Promise<void>((resolve) => this.#wakeWriter = resolve);
    }
  }

  async #close(): Promise<void> {
    await this.#opened;
    this.#socket.close(1000);
    await settlesWithin(CLOSE_PATIENCE, this.#ended);
  }
}

/** Waits until the socket has few enough unsent bytes. There is no event for this, so it polls at increasing intervals. */
async function drained(socket: WebSocketLike): Promise<void> {
  for (let delay = 1; socket.bufferedAmount > MAX_BUFFERED && socket.readyState === OPEN;) {
    await new Promise((resolve) => setTimeout(resolve, delay));
    delay = Math.min(2 * delay, 50);
  }
}
