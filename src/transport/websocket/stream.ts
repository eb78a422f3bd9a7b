/** This library's WebSocket over any transport, with backpressure in both directions (RFC 6455). */

import { concat } from "../../bytes.ts";
import { ChannelError } from "../../errors.ts";
import type { Wire } from "../../wire.ts";
import { CLOSE_CODE, CLOSE_PATIENCE, closedWith, isOrderly, textRefused } from "./codes.ts";
import { closePayload, encodeFrame, FrameParser, OPCODE, type Role } from "./frames.ts";
import { PulledTransport } from "./pulled.ts";

/** The transport inside a WebSocket. The end of its writable side is a close frame, after which the peer ends, too. */
export class FramedTransport extends PulledTransport {
  readonly #wire: Wire;
  readonly #opened: Promise<void>;
  readonly #role: Role;
  readonly #parser: FrameParser;
  #closeSent = false;

  /** `opened` settles when the opening handshake is done. Reads and writes wait for it. */
  constructor(wire: Wire, opened: Promise<void>, role: Role) {
    super(opened);
    this.#wire = wire;
    this.#opened = opened;
    this.#role = role;
    this.#parser = new FrameParser(role);
  }

  protected async receive(): Promise<boolean> {
    if (!await this.#wire.fill(1)) {
      throw new ChannelError("transport", "the connection ended without a WebSocket close frame");
    }
    const bytes = this.#wire.buffered;
    this.#wire.consume(bytes.length);
    return await this.#handle(bytes);
  }

  /** Handles received bytes; returns true if they gave data or an end. */
  async #handle(bytes: Uint8Array): Promise<boolean> {
    let given = false;
    for (const event of this.#parser.parse(bytes)) {
      if (event.type === "data") {
        this.onData(event.bytes);
        given = true;
      } else if (event.type === "end of message") {
        this.onMessage(event.length);
      } else if (event.type === "ping") {
        if (!this.#closeSent) await this.#send(OPCODE.pong, event.bytes); // awaited: pings cannot pile up answers
      } else if (event.type === "text") {
        this.#finish(CLOSE_CODE.unsupportedData);
        throw textRefused();
      } else {
        this.#finish(event.code);
        if (!isOrderly(event.code)) throw closedWith(event.code, event.reason);
        this.onEnd();
        return true;
      }
    }
    return given;
  }

  protected async send(messages: readonly Uint8Array[]): Promise<void> {
    const frames = messages.map((message) => encodeFrame(OPCODE.binary, message, this.#role));
    await this.#wire.write(frames.length === 1 ? frames[0] : concat(...frames));
  }

  protected finish(): Promise<void> {
    return this.#sendClose(CLOSE_CODE.normal);
  }

  protected async letGo(): Promise<void> {
    this.#wire.release();
    await this.#wire.end();
  }

  protected breakOff(cause: unknown): void {
    this.#wire.abort(new ChannelError("transport", "the WebSocket was aborted", { cause }));
  }

  protected onFailure(error: unknown): void {
    const isLimit = error instanceof ChannelError && error.code === "limit";
    this.#finish(isLimit ? CLOSE_CODE.tooMuch : CLOSE_CODE.protocolError);
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
