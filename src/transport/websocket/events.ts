/** Sockets of events as transports: the WebSockets of platforms, and what looks like them. */

import { pieces } from "../../bytes.ts";
import { ChannelError } from "../../errors.ts";
import { settlesWithin } from "../../timers.ts";
import type { Transport } from "../../wire.ts";
import {
  CLOSE_CODE,
  CLOSE_PATIENCE,
  closedWith,
  closeWith,
  isOrderly,
  MAX_MESSAGE_LENGTH,
  textRefused,
} from "./codes.ts";

/** Bytes that wait in the socket to be sent before a write has to wait, too. */
const MAX_BUFFERED = 1024 * 1024;

/** Bytes that wait to be read before a socket that can be paused is. */
const HIGH_WATER_MARK = 65_536;

/** What a message that waits to be read takes beside its bytes: a peer may send many that are small, or empty. */
const MESSAGE_COST = 128;

const [CONNECTING, OPEN] = [0, 1];

/** What is used of a WebSocket. The standard one is one, and so is the `ws` package's. */
export interface WebSocketLike {
  /** 0 connecting, 1 open, 2 closing, 3 closed. */
  readonly readyState: number;
  /** Bytes that were given to `send` and have not left. */
  readonly bufferedAmount: number;
  /** Is set to `"arraybuffer"`. */
  binaryType: string;
  /** Sends one binary message. */
  send(data: Uint8Array<ArrayBuffer>): void;
  /** Begins closing. */
  close(code?: number, reason?: string): void;
  /** Hears what happens. */
  addEventListener(
    type: "open" | "message" | "error" | "close",
    listener: (event: WebSocketEvent) => void,
  ): void;
  /** Stops reading from the network, where the socket can. */
  pause?(): void;
  /** Goes on reading from the network. */
  resume?(): void;
}

/** What is used of a WebSocket's events. */
export interface WebSocketEvent {
  /** The event's name. */
  readonly type?: string;
  /** The message. */
  readonly data?: unknown;
  /** The close code. */
  readonly code?: number;
  /** Why the peer closed. */
  readonly reason?: string;
  /** What went wrong, where the platform says. */
  readonly message?: string;
}

/** Options of {@link webSocketTransport}. */
export interface WebSocketOptions {
  /**
   * Bytes that may wait to be read; 16 MiB by default. Each message counts for 128 more than it has. A WebSocket of the
   * platform cannot be told to wait, so where the reader falls behind by more than this, the transport fails with `limit`
   * instead of filling the memory. It does not apply where there is backpressure: with `WebSocketStream` and with the `ws`
   * package.
   */
  readonly maxQueued?: number;
}

/** A transport over such a socket, which is open or connecting; `closed` is thrown where it is neither. */
export class EventTransport implements Transport {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
  readonly #socket: WebSocketLike;
  readonly #maxQueued: number;
  /** Resolves when the socket is open, or will never be. */
  readonly #opened: Promise<void>;
  /** Resolves when the socket has closed or failed. */
  readonly #ended: Promise<void>;
  #end = () => {};
  #source!: ReadableStreamDefaultController<Uint8Array>;
  #sink!: WritableStreamDefaultController;
  #reading = true;
  #wasOpen: boolean;
  #problem = "";
  #failure: ChannelError | undefined;

  constructor(socket: WebSocketLike, { maxQueued = 16 * 1024 * 1024 }: WebSocketOptions) {
    if (socket.readyState > OPEN) throw new ChannelError("closed", "the WebSocket is closed already");
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    this.#maxQueued = maxQueued;
    this.#wasOpen = socket.readyState === OPEN;
    this.#opened = new Promise((resolve) => {
      if (socket.readyState === OPEN) resolve();
      for (const type of ["open", "error", "close"] as const) socket.addEventListener(type, () => resolve());
    });
    this.#ended = new Promise((resolve) => this.#end = resolve);
    this.readable = new ReadableStream<Uint8Array>({
      start: (controller) => void (this.#source = controller),
      pull: () => socket.resume?.(),
      cancel: () => {
        this.#reading = false;
        socket.resume?.(); // a close frame may stand behind what nobody wants
      },
    }, { highWaterMark: HIGH_WATER_MARK, size: (chunk) => chunk.byteLength + MESSAGE_COST });
    this.writable = new WritableStream<Uint8Array>({
      start: (controller) => {
        this.#sink = controller;
        // `abort` would wait for a write that the peer does not take. A moment later, since a socket can close on the
        // spot, and Node 20 does not bear an error in the middle of an abort.
        controller.signal.addEventListener("abort", () => queueMicrotask(() => this.#abort()));
      },
      write: (chunk) => this.#write(chunk),
      close: () => this.#close(),
    });
    socket.addEventListener("open", () => this.#wasOpen = true);
    socket.addEventListener("message", ({ data }) => this.#onMessage(data));
    socket.addEventListener("error", ({ message = "" }) => this.#onError(message));
    socket.addEventListener("close", ({ code = 1005, reason = "" }) => this.#onClose(code, reason));
  }

  #onMessage(data: unknown): void {
    if (!this.#reading) return; // nobody wants it
    if (!(data instanceof ArrayBuffer)) return this.#refuse(CLOSE_CODE.unsupportedData, textRefused());
    this.#source.enqueue(new Uint8Array(data));
    if (this.#source.desiredSize! > 0) return;
    this.#socket.pause?.();
    const queued = HIGH_WATER_MARK - this.#source.desiredSize!;
    if (queued <= this.#maxQueued) return;
    const message = `${queued} bytes wait to be read, and a WebSocket cannot be told to wait`;
    this.#refuse(CLOSE_CODE.tooMuch, new ChannelError("limit", message));
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
  }

  #abort(): void {
    // Of the end of a socket that was never open, Node 22 tells by `error` alone.
    if (this.#socket.readyState === CONNECTING) {
      this.#fail(new ChannelError("transport", "aborted while connecting"));
    }
    closeWith(this.#socket, CLOSE_CODE.internalError);
  }

  #refuse(code: number, error: ChannelError): void {
    this.#fail(error); // first, since Bun's sockets tell of their end within `close`
    closeWith(this.#socket, code);
  }

  #fail(error: ChannelError): void {
    this.#failure ??= error;
    if (this.#reading) this.#source.error(error);
    this.#reading = false;
    this.#sink.error(error);
    this.#end();
  }

  async #write(chunk: Uint8Array): Promise<void> {
    await this.#opened;
    for (const piece of pieces([chunk], MAX_MESSAGE_LENGTH)) {
      if (this.#socket.readyState !== OPEN) {
        await this.#ended;
        if (this.#failure) throw this.#failure;
        return; // as over TCP, what is written behind the peer's orderly close goes nowhere
      }
      this.#socket.send(piece as Uint8Array<ArrayBuffer>);
      await drained(this.#socket);
    }
  }

  async #close(): Promise<void> {
    await this.#opened;
    this.#socket.close(1000);
    await settlesWithin(CLOSE_PATIENCE, this.#ended);
  }
}

/** Waits until little enough is buffered. There is no event for it, so it looks again, less and less often. */
async function drained(socket: WebSocketLike): Promise<void> {
  for (let delay = 1; socket.bufferedAmount > MAX_BUFFERED && socket.readyState === OPEN;) {
    await new Promise((resolve) => setTimeout(resolve, delay));
    delay = Math.min(2 * delay, 50);
  }
}
