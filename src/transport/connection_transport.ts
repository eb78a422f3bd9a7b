/** A transport that makes its web streams on demand. */

import type { ConnectedTransport, Connection } from "../connection.ts";
import type { ChannelError } from "../errors.ts";

/**
 * A transport over a connection. It makes its web streams when they are first used, since this library reads and writes the
 * connection directly.
 */
export abstract class ConnectionTransport implements ConnectedTransport, Connection {
  declare readonly readable: ReadableStream<Uint8Array>;
  declare readonly writable: WritableStream<Uint8Array>;
  #readable: ReadableStream<Uint8Array> | undefined;
  #writable: WritableStream<Uint8Array> | undefined;
  #sink: WritableStreamDefaultController | undefined;
  #claimed = false;
  /** The error that prevents further writes. */
  #failure: ChannelError | undefined;

  /** The streams as properties of the object itself, so that `{ ...transport }` has them too. */
  static readonly #streams: PropertyDescriptorMap = {
    readable: {
      enumerable: true,
      get(this: ConnectionTransport) {
        return this.#readable ??= this.#makeReadable();
      },
    },
    writable: {
      enumerable: true,
      get(this: ConnectionTransport) {
        return this.#writable ??= this.#makeWritable();
      },
    },
  };

  constructor() {
    Object.defineProperties(this, ConnectionTransport.#streams);
  }

  abstract read(): Promise<Uint8Array | null>;
  abstract write(bytes: Uint8Array): Promise<void>;
  abstract end(): Promise<void>;
  abstract cancel(reason?: unknown): void;
  abstract abort(reason?: unknown): void;

  /**
   * Returns the connection for exclusive use, or undefined if a stream is in use. Streams that are made afterwards are
   * locked.
   */
  claimConnection(): Connection | undefined {
    if (this.#claimed || this.#readable || this.#writable) return undefined;
    this.#claimed = true;
    return this;
  }

  /** The error that prevents further writes, if any. */
  protected get failure(): ChannelError | undefined {
    return this.#failure;
  }

  /** Records the error that prevents further writes. Only the first error counts. */
  protected failWriting(error: ChannelError): void {
    this.#failure ??= error;
    this.#sink?.error(error);
  }

  #makeReadable(): ReadableStream<Uint8Array> {
    const readable = new ReadableStream<Uint8Array>({
      pull: async (controller) => {
        const bytes = await this.read();
        if (bytes === null) controller.close();
        else controller.enqueue(bytes);
      },
      cancel: (reason) => this.cancel(reason),
    }, { highWaterMark: 0 });
    if (this.#claimed) readable.getReader();
    return readable;
  }

  #makeWritable(): WritableStream<Uint8Array> {
    const writable = new WritableStream<Uint8Array>({
      start: (controller) => {
        this.#sink = controller;
        if (this.#failure) controller.error(this.#failure);
        // The sink's `abort` method would be called only after the write in progress, which may never end. This runs in a
        // microtask, since Node 20 does not allow an error during an abort.
        const { signal } = controller;
        signal.addEventListener("abort", () => queueMicrotask(() => this.abort(signal.reason)));
      },
      write: (bytes) => this.write(bytes),
      close: () => this.end(),
    });
    if (this.#claimed) writable.getWriter();
    return writable;
  }
}
