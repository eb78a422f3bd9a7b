/** This library's own WebSocket (RFC 6455) over any transport, with backpressure in both directions. */

import { concat, EMPTY, pieces } from "../../bytes.ts";
import { ChannelError } from "../../errors.ts";
import type { Transport } from "../../connection.ts";
import type { Wire } from "../../wire.ts";
import {
  CLOSE_CODE,
  CLOSE_PATIENCE,
  closedWith,
  isOrderly,
  MAX_MESSAGE_LENGTH,
  textRefused,
} from "./codes.ts";
import { Credits, MESSAGE_COST } from "./credits.ts";
import { closePayload, encodeFrame, FrameParser, OPCODE, type Role } from "./frames.ts";

/** The most bytes that wait to be read. Only a peer that ignores credits reaches this limit. */
const MAX_QUEUED = 16 * 1024 * 1024;

/** The most bytes that are sent at once, so that credit is checked between two writes. */
const MAX_AT_ONCE = 4 * MAX_MESSAGE_LENGTH;

/**
 * The transport inside a WebSocket. It reads if its reader wants more, or if a write waits for credit, since the peer's grants
 * arrive among its data. The end of the writable side is a close frame, after which the peer also ends.
 */
export class FramedTransport implements Transport {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
  readonly #wire: Wire;
  readonly #opened: Promise<void>;
  readonly #role: Role;
  readonly #parser: FrameParser;
  readonly #credits: Credits = new Credits(MAX_QUEUED, false);
  #source!: ReadableStreamDefaultController<Uint8Array>;
  #sink!: WritableStreamDefaultController;
  /** The read in progress. It resolves to true if data or the end arrived. */
  #reading: Promise<boolean> | undefined;
  #granting = false;
  /** Whether the reader has cancelled, so that data is discarded. */
  #dropping = false;
  /** Whether this end has closed its direction. */
  #closed = false;
  #closeSent = false;
  /** Whether the peer has closed, so that nothing more arrives and nothing more can be sent. */
  #over = false;
  #failure: unknown;

  /** `opened` must settle when the opening handshake is complete. Reads and writes wait for it. */
  constructor(wire: Wire, opened: Promise<void>, role: Role) {
    this.#wire = wire;
    this.#opened = opened;
    this.#role = role;
    this.#parser = new FrameParser(role);
    opened.catch(() => {}); // the next read and write report a failure
    this.readable = new ReadableStream<Uint8Array>({
      start: (controller) => void (this.#source = controller),
      pull: () => this.#pull(),
      cancel: () => this.#cancel(),
    }, { highWaterMark: MAX_MESSAGE_LENGTH, size: (chunk) => chunk.byteLength + MESSAGE_COST });
    this.writable = new WritableStream<Uint8Array>({
      start: (controller) => {
        this.#sink = controller;
        // The sink's `abort` method would be called only after the write in progress, which may never end.
        controller.signal.addEventListener("abort", () => this.#breakOff(controller.signal.reason));
      },
      write: (chunk) => this.#write(chunk),
      close: () => this.#close(),
    });
  }

  async #pull(): Promise<void> {
    if (this.#failure) return this.#failReading();
    this.#grant(); // the peer may wait for a grant
    while (!await this.#read());
  }

  /** Continues to read after the reader has cancelled, for the peer's grants and its end. */
  async #cancel(): Promise<void> {
    this.#dropping = true;
    if (this.#closed) return await this.#letGo();
    void (async () => {
      while (!this.#over) await this.#read();
    })();
  }

  /** Reads once, and returns whether that gave data or an end; all waiting callers share the read in progress. */
  #read(): Promise<boolean> {
    return this.#reading ??= this.#readOnce().finally(() => this.#reading = undefined);
  }

  async #readOnce(): Promise<boolean> {
    try {
      await this.#opened;
      if (!await this.#wire.fill(1)) {
        throw new ChannelError("transport", "the connection ended without a WebSocket close frame");
      }
      const bytes = this.#wire.buffered;
      this.#wire.consume(bytes.length);
      const given = await this.#handle(bytes);
      this.#grant();
      return given;
    } catch (error) {
      if (!this.#over) this.#fail(error);
      return true;
    }
  }

  /** Handles received bytes. Returns true if they contained data or the end. */
  async #handle(bytes: Uint8Array): Promise<boolean> {
    let given = false;
    for (const event of this.#parser.parse(bytes)) {
      if (event.type === "data") {
        this.#give(event.bytes);
        given = true;
      } else if (event.type === "end of message") {
        this.#credits.receive(event.length);
      } else if (event.type === "ping") {
        if (!this.#closeSent) await this.#sendFrame(OPCODE.pong, event.bytes); // awaited: answers must not accumulate
      } else if (event.type === "text") {
        this.#finish(CLOSE_CODE.unsupportedData);
        throw textRefused();
      } else {
        this.#finish(event.code);
        if (!isOrderly(event.code)) throw closedWith(event.code, event.reason);
        this.#over = true;
        if (!this.#dropping) this.#source.close();
        return true;
      }
    }
    return given;
  }

  #give(bytes: Uint8Array): void {
    if (this.#dropping) return;
    this.#source.enqueue(bytes);
    if (this.#unread > MAX_QUEUED) {
      throw new ChannelError("limit", `${this.#unread} bytes wait to be read, more than the peer may send`);
    }
  }

  /** Sends the grants that are due, but only after the previous ones have been sent, so that they cannot accumulate. */
  #grant(): void {
    if (this.#granting || this.#closed || this.#over) return;
    const due = this.#credits.due(this.#unread);
    if (due === 0) return;
    this.#granting = true;
    const sent = () => {
      this.#granting = false;
      this.#grant();
    };
    this.#send(Array<Uint8Array>(due).fill(EMPTY)).then(sent, () => {}); // the next read reports a failure
  }

  /** The cost of the messages that wait to be read. */
  get #unread(): number {
    return this.#dropping ? 0 : MAX_MESSAGE_LENGTH - this.#source.desiredSize!;
  }

  async #write(chunk: Uint8Array): Promise<void> {
    await this.#opened;
    for (const part of pieces(chunk, MAX_AT_ONCE)) {
      while (this.#credits.exhausted && !this.#over) await this.#read();
      if (this.#failure) throw this.#failure;
      if (this.#over) return; // as over TCP, data written after the peer's orderly close is discarded
      const messages = [...pieces(part, MAX_MESSAGE_LENGTH)];
      for (const { length } of messages) this.#credits.send(length);
      await this.#send(messages);
    }
  }

  async #send(messages: readonly Uint8Array[]): Promise<void> {
    const frames = messages.map((message) => encodeFrame(OPCODE.binary, message, this.#role));
    await this.#wire.write(frames.length === 1 ? frames[0] : concat(...frames));
  }

  #sendFrame(opcode: number, payload: Uint8Array): Promise<void> {
    return this.#wire.write(encodeFrame(opcode, payload, this.#role));
  }

  async #sendClose(code: number): Promise<void> {
    if (this.#closeSent) return;
    this.#closeSent = true;
    await this.#sendFrame(OPCODE.close, closePayload(code));
  }

  async #close(): Promise<void> {
    await this.#opened;
    this.#closed = true;
    await this.#sendClose(CLOSE_CODE.normal);
    if (this.#dropping) await this.#letGo(); // no reader waits for the peer's close
  }

  /** Releases the connection of a WebSocket that is closed at this end, when the peer's close is no longer awaited. */
  async #letGo(): Promise<void> {
    this.#over = true;
    this.#wire.release();
    await this.#wire.end();
  }

  #fail(error: unknown): void {
    this.#over = true;
    this.#failure = error;
    this.#sink.error(error);
    const isLimit = error instanceof ChannelError && error.code === "limit";
    if (isLimit) this.#source.error(error);
    else this.#failReading();
    this.#finish(isLimit ? CLOSE_CODE.tooMuch : CLOSE_CODE.protocolError);
  }

  /** Makes reading fail after the data that arrived before, which may say why the peer ended the connection. */
  #failReading(): void {
    if (!this.#dropping && this.#unread === 0) this.#source.error(this.#failure);
  }

  /**
   * Sends a close frame after the peer's close frame or after an error, within a time limit, and releases the connection.
   */
  #finish(code: number): void {
    this.#wire.within({ milliseconds: CLOSE_PATIENCE, name: "closing the WebSocket" }, async () => {
      await this.#opened.then(() => this.#sendClose(code), () => {}); // no frame may be sent without a handshake
      await this.#wire.end();
      this.#wire.release();
    }).catch(() => {}); // fails if the connection is already closed
  }

  #breakOff(cause: unknown): void {
    this.#wire.abort(new ChannelError("transport", "the WebSocket was aborted", { cause }));
  }
}
