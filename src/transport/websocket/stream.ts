/** This library's WebSocket over any transport, with backpressure in both directions (RFC 6455). */

import { concat, pieces } from "../../bytes.ts";
import { ChannelError } from "../../errors.ts";
import type { Transport, Wire } from "../../wire.ts";
import {
  CLOSE_CODE,
  CLOSE_PATIENCE,
  closedWith,
  isOrderly,
  MAX_MESSAGE_LENGTH,
  textRefused,
} from "./codes.ts";
import { closePayload, encodeFrame, FrameParser, OPCODE, type Role } from "./frames.ts";

/** The transport inside a WebSocket. The end of its writable side is a close frame, after which the peer ends, too. */
export class FramedTransport implements Transport {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
  readonly #wire: Wire;
  readonly #opened: Promise<void>;
  readonly #role: Role;
  readonly #parser: FrameParser;
  #source!: ReadableStreamDefaultController<Uint8Array>;
  #sink!: WritableStreamDefaultController;
  #cancelled = false;
  #closeSent = false;

  /** `opened` settles when the opening handshake is done. Reads and writes wait for it. */
  constructor(wire: Wire, opened: Promise<void>, role: Role) {
    this.#wire = wire;
    this.#opened = opened;
    this.#role = role;
    this.#parser = new FrameParser(role);
    opened.catch(() => {}); // the next read and write report it
    this.readable = new ReadableStream<Uint8Array>({
      start: (controller) => void (this.#source = controller),
      pull: () => this.#pull(),
      cancel: () => this.#cancel(),
    }, { highWaterMark: MAX_MESSAGE_LENGTH, size: (chunk) => chunk.byteLength });
    this.writable = new WritableStream<Uint8Array>({
      start: (controller) => {
        this.#sink = controller;
        // `abort` would wait for a write that the peer does not accept.
        controller.signal.addEventListener("abort", () => wire.abort(aborted(controller.signal.reason)));
      },
      write: (chunk) => this.#write(chunk),
      close: () => this.#close(),
    });
  }

  async #pull(): Promise<void> {
    try {
      while (!await this.#handle(await this.#next()));
    } catch (error) {
      if (this.#cancelled) return; // the other direction continues
      this.#source.error(error);
      this.#sink.error(error);
      this.#finish(CLOSE_CODE.protocolError);
    }
  }

  async #next(): Promise<Uint8Array> {
    await this.#opened;
    if (!await this.#wire.fill(1)) {
      throw new ChannelError("transport", "the connection ended without a WebSocket close frame");
    }
    const bytes = this.#wire.buffered;
    this.#wire.consume(bytes.length);
    return bytes;
  }

  /** Handles received bytes; returns true if they gave data or an end. */
  async #handle(bytes: Uint8Array): Promise<boolean> {
    let given = false;
    for (const event of this.#parser.parse(bytes)) {
      if (event.type === "data") {
        this.#source.enqueue(event.bytes);
        given = true;
      } else if (event.type === "ping") {
        if (!this.#closeSent) await this.#send(OPCODE.pong, event.bytes); // awaited: pings cannot pile up answers
      } else if (event.type === "text") {
        this.#finish(CLOSE_CODE.unsupportedData);
        throw textRefused();
      } else {
        this.#finish(event.code);
        if (!isOrderly(event.code)) throw closedWith(event.code, event.reason);
        this.#source.close();
        return true;
      }
    }
    return given;
  }

  async #cancel(): Promise<void> {
    this.#cancelled = true;
    this.#wire.release();
    if (this.#closeSent) await this.#wire.end();
  }

  async #write(chunk: Uint8Array): Promise<void> {
    await this.#opened;
    if (this.#closeSent) return; // as over TCP, data written after the peer's orderly close is discarded
    const frames = [...pieces([chunk], MAX_MESSAGE_LENGTH)].map((piece) =>
      encodeFrame(OPCODE.binary, piece, this.#role)
    );
    if (frames.length > 0) await this.#wire.write(frames.length === 1 ? frames[0] : concat(...frames));
  }

  async #close(): Promise<void> {
    await this.#opened;
    await this.#sendClose(CLOSE_CODE.normal);
    if (this.#cancelled) await this.#wire.end(); // no reader waits for the peer's close frame
  }

  /** After the peer's close frame or an error: sends a close frame, within a time limit, and releases the connection. */
  #finish(code: number): void {
    this.#wire.within({ milliseconds: CLOSE_PATIENCE, name: "closing the WebSocket" }, async () => {
      await this.#opened.then(() => this.#sendClose(code), () => {}); // without a handshake there are no frames
      await this.#wire.end();
      this.#wire.release();
    }).catch(() => {}); // it is closed already
  }

  async #sendClose(code: number): Promise<void> {
    if (this.#closeSent) return;
    this.#closeSent = true;
    await this.#send(OPCODE.close, closePayload(code));
  }

  #send(opcode: number, payload: Uint8Array): Promise<void> {
    return this.#wire.write(encodeFrame(opcode, payload, this.#role));
  }
}

function aborted(cause: unknown): ChannelError {
  return new ChannelError("transport", "the WebSocket was aborted", { cause });
}
