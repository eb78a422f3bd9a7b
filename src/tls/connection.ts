/** A TLS session as web streams, returned by `connectTls` and `acceptTls`. */

import { ChannelError } from "../errors.ts";
import { settlesWithin } from "../timers.ts";
import type { TlsInfo } from "./info.ts";
import type { TlsSession } from "./session.ts";

/** An established TLS session, with one stream of bytes in each direction. */
export interface TlsConnection {
  /** The bytes from the peer. The stream closes at the peer's close_notify, and fails if the session fails. */
  readonly readable: ReadableStream<Uint8Array>;
  /**
   * The bytes to the peer. Closing the stream sends close_notify and ends this direction alone, in TLS 1.2 too; aborting it ends
   * the session.
   */
  readonly writable: WritableStream<Uint8Array>;
  /** What the handshake negotiated. */
  readonly info: TlsInfo;
  /**
   * Resolves when both directions have ended with close_notify; after `close`, the end of the transport is enough. Otherwise
   * rejects with the {@link ChannelError} that ended the session.
   */
  readonly closed: Promise<void>;
  /**
   * Sends close_notify after the write in progress, discards what the peer still sends, waits for the peer's close_notify or
   * the end of the transport, and returns `closed`. Writes that are queued in `writable` are refused; to send them first,
   * close `writable` instead.
   *
   * @throws {ChannelError} `timeout` if the peer reads nothing for five seconds or does not end its direction within five
   * seconds; otherwise the error that ended the session, before this call or after it.
   */
  close(): Promise<void>;
  /** The number of key exchanges: the handshake, and each later change of keys. */
  readonly keyExchanges: number;
  /**
   * Returns keying material for another protocol that is bound to this session (RFC 5705).
   *
   * @param label A registered label, or one that begins with `EXPERIMENTAL`.
   * @param length The number of bytes, 1 to 65535.
   * @param context Further data to which the material is bound. In TLS 1.2, no context and an empty context give different
   * material.
   * @throws {RangeError} If the length is not from 1 to 65535, or the context is longer.
   * @throws {ChannelError} `unsupported` in TLS 1.2 without the extended master secret (RFC 7627 section 5.4), because the
   * material would not be bound to this session alone. `extendedMasterSecret: "required"` refuses such peers.
   */
  exportKeyingMaterial(label: string, length: number, context?: Uint8Array): Uint8Array;
}

/**
 * How long writing may stall before close_notify is sent, and how long the peer may then take to answer, in milliseconds
 * each.
 */
const LINGER_MS = 5000;

/** A session as web streams. */
export class SessionStreams implements TlsConnection {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
  readonly info: TlsInfo;
  readonly closed: Promise<void>;
  readonly #session: TlsSession;
  #closing = false;
  #discarding = false;
  #readEnded = false;
  #writeEnded = false;
  #resolveClosed!: () => void;
  #rejectClosed!: (error: unknown) => void;

  constructor(session: TlsSession) {
    this.#session = session;
    this.info = session.info;
    this.closed = new Promise((resolve, reject) => {
      this.#resolveClosed = resolve;
      this.#rejectClosed = reject;
    });
    this.closed.catch(() => {}); // the streams report the error too
    this.readable = new ReadableStream({
      pull: async (controller) => {
        const bytes = await this.#read();
        if (bytes === null) controller.close();
        else controller.enqueue(bytes);
      },
      cancel: () => void this.#drain().catch(() => {}), // not awaited: the peer may never end; `closed` reports a failure
    }, { highWaterMark: 0 });
    let aborting: Promise<void> | undefined;
    this.writable = new WritableStream({
      start: ({ signal }) => {
        // The sink's `abort` method would be called only after the write in progress, which may never end.
        signal.addEventListener("abort", () => {
          const error = new ChannelError("aborted", "the writable side was aborted", {
            cause: signal.reason,
          });
          this.#rejectClosed(error);
          aborting = session.abort(error);
        });
      },
      abort: () => aborting,
      // A write after a close is refused, but does not end the session.
      write: (chunk) => this.#closing ? session.write([chunk]) : this.#watch(session.write([chunk])),
      close: () => this.#end(),
    });
  }

  close(): Promise<void> {
    this.#close().catch(() => {}); // `closed` reports a failure
    return this.closed;
  }

  async #close(): Promise<void> {
    const late = () => this.#session.abort(new ChannelError("timeout", "the peer did not end the session"));
    const ending = this.#end();
    let moved = this.#session.moved;
    while (!await settlesWithin(LINGER_MS, ending)) {
      if (moved === this.#session.moved) late();
      moved = this.#session.moved;
    }
    await ending;
    const draining = this.#drain();
    if (!await settlesWithin(LINGER_MS, draining)) late();
    await draining;
  }

  get keyExchanges(): number {
    return this.#session.keyExchanges;
  }

  exportKeyingMaterial(label: string, length: number, context?: Uint8Array): Uint8Array {
    return this.#session.exportKeyingMaterial(label, length, context);
  }

  async #read(): Promise<Uint8Array | null> {
    try {
      const bytes = await this.#session.read();
      if (bytes === null) this.#endReading();
      return bytes;
    } catch (error) {
      this.#failReading(error);
      throw error;
    }
  }

  async #drain(): Promise<void> {
    this.#discarding = true;
    while (await this.#read() !== null);
  }

  /**
   * If this side has sent close_notify and discards incoming data, a missing close_notify of the peer is no error (RFC 5246
   * section 7.2.1).
   */
  #failReading(error: unknown): void {
    const truncated = error instanceof ChannelError && error.code === "truncated";
    if (truncated && this.#discarding && this.#writeEnded) this.#endReading();
    else this.#rejectClosed(error);
  }

  #endReading(): void {
    this.#readEnded = true;
    this.#settle();
  }

  async #end(): Promise<void> {
    this.#closing = true;
    await this.#watch(this.#session.close());
    this.#writeEnded = true;
    this.#settle();
  }

  async #watch<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      this.#rejectClosed(error);
      throw error;
    }
  }

  #settle(): void {
    if (this.#readEnded && this.#writeEnded) this.#resolveClosed();
  }
}
