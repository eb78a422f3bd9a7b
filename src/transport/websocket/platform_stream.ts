/** Uses the platform's `WebSocketStream` if it has one: a WebSocket with backpressure. */

import { ChannelError } from "../../errors.ts";
import type { Transport } from "../../wire.ts";
import { CLOSE_CODE, closedWith, closeWith, isOrderly, textRefused } from "./codes.ts";
import { PulledTransport } from "./pulled.ts";

interface Opened {
  readonly readable: ReadableStream<Uint8Array | ArrayBuffer | string>;
  readonly writable: WritableStream<Uint8Array>;
}

interface CloseInfo {
  readonly closeCode?: number;
  readonly reason?: string;
}

interface PlatformStream {
  readonly opened: Promise<Opened>;
  readonly closed: Promise<CloseInfo>;
  close(info: { closeCode: number }): void;
}

type PlatformStreamConstructor = new (url: string) => PlatformStream;

/** Returns a transport by `WebSocketStream`, or undefined if the platform has none. */
export function webSocketStreamTransport(url: string | URL): Transport | undefined {
  const { WebSocketStream } = globalThis as { WebSocketStream?: PlatformStreamConstructor };
  return WebSocketStream && new StreamTransport(new WebSocketStream(String(url)));
}

interface Streams {
  readonly reader: ReadableStreamDefaultReader<Uint8Array | ArrayBuffer | string>;
  readonly writer: WritableStreamDefaultWriter<Uint8Array>;
}

class StreamTransport extends PulledTransport {
  readonly #stream: PlatformStream;
  readonly #streams: Promise<Streams>;
  readonly #closed: Promise<void>;

  constructor(stream: PlatformStream) {
    const streams = stream.opened.then(
      ({ readable, writable }) => ({ reader: readable.getReader(), writer: writable.getWriter() }),
      (cause) => Promise.reject(failure(cause)),
    );
    super(streams);
    this.#stream = stream;
    this.#streams = streams;
    this.#closed = stream.closed.then(
      ({ closeCode = 1005, reason = "" }) => {
        if (!isOrderly(closeCode)) throw closedWith(closeCode, reason);
      },
      (cause) => Promise.reject(failure(cause)),
    );
    this.#closed.catch(() => {}); // the next read and write report it
  }

  protected async receive(): Promise<boolean> {
    const { reader } = await this.#streams;
    const { value, done } = await reader.read().catch((cause) => Promise.reject(failure(cause)));
    if (done) {
      await this.#closed;
      this.onEnd();
      return true;
    }
    if (typeof value === "string") {
      this.#close(CLOSE_CODE.unsupportedData);
      throw textRefused();
    }
    this.onMessage(value.byteLength);
    if (value.byteLength === 0) return false;
    this.onData(value instanceof Uint8Array ? value : new Uint8Array(value));
    return true;
  }

  /** Data written after an orderly close is discarded. */
  protected async send(messages: readonly Uint8Array[]): Promise<void> {
    const { writer } = await this.#streams;
    for (const message of messages) await writer.write(message).catch(() => this.#closed);
  }

  /** The peer may have closed first. */
  protected async finish(): Promise<void> {
    const { writer } = await this.#streams;
    await writer.close().catch(() => this.#closed);
  }

  protected async letGo(): Promise<void> {
    const { reader } = await this.#streams;
    await reader.cancel();
  }

  protected breakOff(): void {
    this.#close(CLOSE_CODE.internalError);
  }

  protected onFailure(error: unknown): void {
    const isLimit = error instanceof ChannelError && error.code === "limit";
    if (isLimit) this.#close(CLOSE_CODE.tooMuch);
  }

  #close(code: number): void {
    closeWith({ close: (closeCode) => this.#stream.close({ closeCode }) }, code);
  }
}

/** Turns a `WebSocketError`, or another error, into a `ChannelError`. */
function failure(cause: unknown): ChannelError {
  const { closeCode, reason = "" } = cause as CloseInfo;
  if (typeof closeCode === "number") return closedWith(closeCode, reason);
  return new ChannelError("transport", `the WebSocket failed: ${String(cause)}`, { cause });
}
