/// <reference lib="esnext.disposable" preserve="true" />
/** The implementation of a channel over one session. */

import { toUtf8 } from "../bytes.ts";
import { bytesOf, isBytes, wrongType } from "../check.ts";
import { ChannelError } from "../errors.ts";
import { Control } from "../message/frame.ts";
import type { Session } from "../session.ts";
import { settlesWithin } from "../timers.ts";
import { LAST_WORD, type Wire } from "../wire.ts";
import type { Channel, ReceiveOptions, SendOptions } from "./channel.ts";
import type { ChannelInfo, ChannelStats } from "./info.ts";
import { Liveness, type LivenessLimits } from "./liveness.ts";
import { type Decoder, Receiving } from "./receiving.ts";
import { type Encoder, Sending } from "./sending.ts";
import type { UnfinishedMessages } from "./unfinished.ts";

/** The parts of which a channel is made. */
export interface ChannelParts {
  readonly wire: Wire;
  readonly session: Session;
  readonly encoder: Encoder;
  readonly decoder: Decoder;
  readonly info: ChannelInfo;
  readonly limits: ChannelLimits;
  /** Limits the bytes of unfinished messages, if there is a limit. */
  readonly unfinished?: UnfinishedMessages | undefined;
}

/** The limits of an established channel. */
export interface ChannelLimits extends LivenessLimits {
  readonly closeTimeout: number;
  readonly maxMessageSize: number;
}

/** {@link Channel} over any session. */
export class SessionChannel implements Channel {
  readonly info: ChannelInfo;
  readonly closed: Promise<void>;
  readonly #wire: Wire;
  readonly #session: Session;
  readonly #limits: ChannelLimits;
  readonly #sending: Sending;
  readonly #receiving: Receiving;
  readonly #liveness: Liveness;
  /** Settles when nothing more is read. */
  readonly #reading: Promise<void>;
  #bounded = false;
  #error: ChannelError | undefined;
  /** Whether both directions have ended; whether the session has too, which confirms all messages; and the transport. */
  #finishing = false;
  #confirmed = false;
  #ended = false;
  #resolveClosed!: () => void;
  #rejectClosed!: (error: ChannelError) => void;
  #readable: ReadableStream<Uint8Array> | undefined;
  #writable: WritableStream<Uint8Array | string> | undefined;

  constructor({ wire, session, encoder, decoder, info, limits, unfinished }: ChannelParts) {
    this.info = info;
    this.#wire = wire;
    this.#session = session;
    this.#limits = limits;
    this.closed = new Promise((resolve, reject) => {
      this.#resolveClosed = resolve;
      this.#rejectClosed = reject;
    });
    this.closed.catch(() => {}); // the caller need not await it
    const framed = info.framing === "fesa/1";
    this.#sending = new Sending(wire, session, encoder, framed, (cause) => this.#fail(cause));
    const answer = () => this.#control(Control.answer);
    const holder = { network: wire.network, giveWay: (error: ChannelError) => void this.#die(error) };
    const held = (bytes: number) => unfinished?.note(holder, bytes);
    this.#receiving = new Receiving(wire, session, decoder, framed, answer, held);
    const ask = framed ? () => this.#control(Control.keepAlive) : undefined;
    this.#liveness = new Liveness(limits, wire, this.#receiving, ask, (error) => this.#die(error));
    this.#reading = this.#receiving.run();
    void this.#live();
  }

  get stats(): ChannelStats {
    return {
      messagesSent: this.#sending.messages,
      messagesReceived: this.#receiving.messages,
      payloadSent: this.#sending.bytes,
      payloadReceived: this.#receiving.bytes,
      keyExchanges: this.#session.keyExchanges,
      wireSent: this.#wire.sent,
      wireReceived: this.#wire.received,
    };
  }

  get readable(): ReadableStream<Uint8Array> {
    return this.#readable ??= new ReadableStream<Uint8Array>({
      pull: async (controller) => {
        const message = await this.receive();
        if (message === null) controller.close();
        else controller.enqueue(message);
      },
      cancel: () => {
        this.#receiving.discard();
        return this.close();
      },
    }, { highWaterMark: 0 });
  }

  get writable(): WritableStream<Uint8Array | string> {
    return this.#writable ??= new WritableStream<Uint8Array | string>({
      start: (controller) => {
        const { signal } = controller;
        // The sink's `abort` method would be called only after the write in progress, which may never end.
        signal.addEventListener("abort", () => void this.abort(signal.reason));
        // Also notifies an idle writer of the end. This has no effect after the stream itself was closed.
        this.closed.then(() => controller.error(closedError()), (error) => controller.error(error));
      },
      write: (message) => this.send(message),
      close: () => this.end(),
    });
  }

  /**
   * Sends a message. It is not `async`, because another promise would cost as much as all other work for a small message.
   */
  send(message: Uint8Array | string, options: SendOptions = {}): Promise<void> {
    try {
      if (this.#error) throw this.#error;
      return this.#sending.send(this.#bytesOf(message), options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #bytesOf(message: Uint8Array | string): Uint8Array {
    const bytes = typeof message === "string"
      ? toUtf8(message)
      : isBytes(message)
      ? bytesOf(message)
      : undefined;
    if (bytes === undefined) throw wrongType("a message", "a Uint8Array or a string", message);
    const { maxMessageSize } = this.#limits;
    if (bytes.length > maxMessageSize) {
      throw new RangeError(`a message of ${bytes.length} bytes is over the limit of ${maxMessageSize}`);
    }
    return bytes;
  }

  receive({ signal }: ReceiveOptions = {}): Promise<Uint8Array | null> {
    return this.#receiving.receive(signal);
  }

  async end(): Promise<void> {
    if (this.#error) throw this.#error;
    await this.#sending.end();
  }

  close(): Promise<void> {
    if (!this.#error) {
      this.#sending.end().catch(() => {}); // `closed` reports a failure
      void this.#boundEnd();
    }
    return this.closed;
  }

  async abort(reason?: unknown): Promise<void> {
    this.#die(new ChannelError("aborted", "the channel was aborted", { cause: reason }));
    await this.closed.catch(() => {});
  }

  async *[Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    for (let message = await this.receive(); message !== null; message = await this.receive()) yield message;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#error) await this.closed.catch(() => {}); // or it would replace the same error in the block
    else await this.close();
  }

  /**
   * Runs until both directions have ended, since some transports cannot end one direction alone. Then each side ends the
   * session, which confirms the other side's messages, and afterwards the transport.
   */
  async #live(): Promise<void> {
    try {
      const bothEnded = Promise.all([this.#sending.ended, this.#receiving.ended]);
      await Promise.race([bothEnded, this.#reading.then(() => bothEnded)]);
      this.#finishing = true;
      this.#liveness.stop();
      this.#boundEnd();
      await this.#sending.flushed;
      await this.#session.close();
      await this.#reading;
    } catch (error) {
      return void this.#fail(error);
    }
    this.#confirmed = true;
    if (await settlesWithin(this.#limits.closeTimeout, this.#wire.end())) this.#wire.release();
    else this.#wire.abort(closedError());
    this.#ended = true;
    if (this.#error) this.#rejectClosed(this.#error);
    else this.#resolveClosed();
  }

  /**
   * Ends the channel with an error if there is no progress for `closeTimeout` while it closes. Keepalive frames do not count
   * as progress.
   */
  async #boundEnd(): Promise<void> {
    if (this.#bounded) return;
    this.#bounded = true;
    const { closeTimeout } = this.#limits;
    let progress = this.#progress();
    while (!await settlesWithin(closeTimeout, this.closed)) {
      const now = this.#progress();
      if (now === progress) {
        this.#die(
          new ChannelError("timeout", `nothing moved for ${closeTimeout} ms while the channel closed`),
        );
      }
      progress = now;
    }
  }

  /** Returns a number that grows as the peer sends and receives bytes of messages. */
  #progress(): number {
    return this.#receiving.progress + (this.#sending.sendsMessages ? this.#wire.sent : 0);
  }

  #control(control: Control): void {
    if (!this.#error && !this.#finishing) this.#sending.control(control);
  }

  /**
   * Ends the channel because of a failure. If the transport failed, the peer may have sent its own error before, so reading
   * has a moment to find it.
   */
  async #fail(cause: unknown): Promise<ChannelError> {
    if (cause instanceof ChannelError && cause.code === "transport") {
      await settlesWithin(LAST_WORD, this.#reading.catch((error) => this.#die(error)));
    }
    return this.#die(cause);
  }

  /**
   * Ends the channel with an error, unless it has already ended with one. Returns the error with which the channel ended.
   */
  #die(cause: unknown): ChannelError {
    if (this.#error) return this.#error;
    const error = cause instanceof ChannelError
      ? cause
      : new ChannelError("protocol", "the channel failed", { cause });
    if (this.#confirmed) { // only the transport may still have to end
      if (!this.#ended) this.#wire.abort(error);
      return error;
    }
    this.#error = error;
    this.#liveness.stop();
    this.#sending.fail(error);
    this.#receiving.fail(error);
    this.#session.abort(error).finally(() => this.#rejectClosed(error));
    return error;
  }
}

function closedError(): ChannelError {
  return new ChannelError("closed", "the channel is closed");
}
