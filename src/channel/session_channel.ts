/** The channel: messages in and out over one session, queued, counted, and ended once. */

import { toUtf8 } from "../bytes.ts";
import { ChannelError } from "../errors.ts";
import type { MessageDecoder, MessageEncoder } from "../message/codec.ts";
import { settlesWithin } from "../timers.ts";
import type { Session } from "../session.ts";
import type { Wire } from "../wire.ts";
import type { Channel, SendOptions } from "./channel.ts";
import type { ChannelInfo, ChannelStats } from "./info.ts";

/** Queued messages leave together, up to about this many bytes in one write. */
const BATCH_BYTES = 256 * 1024;

/** Milliseconds that a peer has to answer a close before the transport's writing direction ends without that. */
const PEER_PATIENCE = 1_000;

interface Outgoing {
  /** The parts of its frame, or what they wait for. */
  frame: Uint8Array[] | Promise<Uint8Array[]>;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

interface Receiver {
  readonly resolve: (message: Uint8Array | null) => void;
  readonly reject: (error: unknown) => void;
}

/** Makes the bytes of messages. */
export type Encoder = Pick<MessageEncoder, "encode">;

/** Makes messages of bytes: they are pushed in, and pulled out one at a time. */
export type Decoder = Pick<MessageDecoder, "ready" | "push" | "next" | "end">;

/** What a channel is built on. */
export interface ChannelParts {
  readonly wire: Wire;
  readonly session: Session;
  readonly encoder: Encoder;
  readonly decoder: Decoder;
  readonly info: ChannelInfo;
  readonly closeTimeout: number;
  readonly maxMessageSize: number;
}

/** {@link Channel} over any session. */
export class SessionChannel implements Channel {
  readonly info: ChannelInfo;
  readonly closed: Promise<void>;
  readonly #parts: ChannelParts;
  readonly #outgoing: Outgoing[] = [];
  readonly #receivers: Receiver[] = [];
  readonly #counts = { messagesSent: 0, messagesReceived: 0, payloadSent: 0, payloadReceived: 0 };
  #flushing: Promise<void> | undefined;
  #closing: Promise<void> | undefined;
  #error: ChannelError | undefined;
  #peerEnded = false;
  /** `closed` once this side's close has been sent, `ended` once nothing more is waited for. */
  #state: "open" | "closed" | "ended" = "open";
  /** Settles when nothing more will be read. */
  readonly #peerEnd: Promise<void>;
  #wanted: (() => void) | undefined;
  #resolveClosed!: () => void;
  #rejectClosed!: (error: ChannelError) => void;
  #readable: ReadableStream<Uint8Array> | undefined;
  #writable: WritableStream<Uint8Array | string> | undefined;

  constructor(parts: ChannelParts) {
    this.#parts = parts;
    this.info = parts.info;
    this.closed = new Promise((resolve, reject) => {
      this.#resolveClosed = resolve;
      this.#rejectClosed = reject;
    });
    this.closed.catch(() => {}); // whoever wants to know awaits it; nobody has to
    this.#peerEnd = this.#pump().catch((error) => this.#die(error));
  }

  get stats(): ChannelStats {
    const { wire, session } = this.#parts;
    return {
      ...this.#counts,
      keyExchanges: session.keyExchanges,
      wireSent: wire.sent,
      wireReceived: wire.received,
    };
  }

  get readable(): ReadableStream<Uint8Array> {
    return this.#readable ??= new ReadableStream<Uint8Array>({
      pull: async (controller) => {
        const message = await this.receive();
        if (message === null) controller.close();
        else controller.enqueue(message);
      },
      cancel: () => this.close(),
    }, { highWaterMark: 0 });
  }

  get writable(): WritableStream<Uint8Array | string> {
    let closing = false;
    return this.#writable ??= new WritableStream<Uint8Array | string>({
      start: (controller) => {
        const { signal } = controller;
        // `abort` would wait for a message that the peer does not take.
        signal.addEventListener("abort", () => void this.abort(signal.reason));
        // Whoever has nothing to write at the moment hears of the end, too.
        this.closed.then(
          () => closing || controller.error(closedError()),
          (error) => controller.error(error),
        );
      },
      write: (message) => this.send(message),
      close: () => {
        closing = true;
        return this.close();
      },
    });
  }

  async send(message: Uint8Array | string, options: SendOptions = {}): Promise<void> {
    if (this.#error) throw this.#error;
    if (this.#closing) throw closedError();
    const bytes = typeof message === "string" ? toUtf8(message) : message;
    if (!(bytes instanceof Uint8Array)) throw new TypeError("a message is a Uint8Array or a string");
    if (bytes.length > this.#parts.maxMessageSize) {
      throw new RangeError(
        `a message of ${bytes.length} bytes is over the limit of ${this.#parts.maxMessageSize}`,
      );
    }
    const frame = this.#parts.encoder.encode(bytes, options.compress);
    if (!Array.isArray(frame)) frame.catch(() => {}); // its failure shows when its turn comes, if it does
    this.#counts.messagesSent++;
    this.#counts.payloadSent += bytes.length;
    const sent = new Promise<void>((resolve, reject) => this.#outgoing.push({ frame, resolve, reject }));
    // A microtask later, so that what is queued in one go leaves in one batch.
    this.#flushing ??= Promise.resolve().then(() => this.#flush());
    await sent;
  }

  async receive(): Promise<Uint8Array | null> {
    const message = this.#receivers.length === 0 ? this.#take() : null;
    if (message !== null) return message;
    if (this.#error) throw this.#error;
    if (this.#peerEnded || this.#closing) return null;
    return new Promise((resolve, reject) => this.#receivers.push({ resolve, reject }));
  }

  close(): Promise<void> {
    return this.#closing ??= this.#error ? Promise.resolve() : this.#shutDown();
  }

  async abort(reason?: unknown): Promise<void> {
    const error = new ChannelError("aborted", "the channel was aborted", { cause: reason });
    if (this.#state === "closed" && !this.#error) {
      this.#error = error;
      this.#rejectReceivers(error);
      this.#parts.wire.abort(error); // whose end the close waits for
    } else {
      this.#die(error);
    }
    await this.closed.catch(() => {});
  }

  async *[Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    for (let message = await this.receive(); message !== null; message = await this.receive()) yield message;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Reads on whenever no whole message waits, so that an end or an error is seen without anybody receiving. */
  async #pump(): Promise<void> {
    const { session, decoder } = this.#parts;
    for (;;) {
      this.#serve();
      if (decoder.ready && !this.#closing) {
        await new Promise<void>((resolve) => this.#wanted = resolve);
        continue;
      }
      const bytes = await session.read();
      if (bytes === null) break;
      if (!this.#closing) decoder.push(bytes);
    }
    if (!this.#closing) decoder.end();
    this.#peerEnded = true;
    this.#finishReceivers();
    // RFC 5246 section 7.2.1: a close is answered by a close, at once.
    this.close().catch(() => {}); // its failure shows in `closed`
  }

  /** Hands whole messages to those who wait for them. */
  #serve(): void {
    while (this.#receivers.length > 0) {
      const message = this.#take();
      if (message === null) return;
      this.#receivers.shift()!.resolve(message);
    }
  }

  #take(): Uint8Array | null {
    let message: Uint8Array | null;
    try {
      message = this.#parts.decoder.next();
    } catch (error) {
      this.#die(error);
      return null;
    }
    if (message !== null) {
      this.#counts.messagesReceived++;
      this.#counts.payloadReceived += message.length;
      if (!this.#parts.decoder.ready) this.#wakePump();
    }
    return message;
  }

  #wakePump(): void {
    this.#wanted?.();
    this.#wanted = undefined;
  }

  #finishReceivers(): void {
    for (const { resolve } of this.#receivers.splice(0)) resolve(null);
  }

  #rejectReceivers(error: ChannelError): void {
    for (const { reject } of this.#receivers.splice(0)) reject(error);
  }

  async #flush(): Promise<void> {
    while (this.#outgoing.length > 0 && !this.#error) {
      const [batch, parts] = this.#nextBatch();
      if (batch.length === 0) {
        await this.#awaitFrame(this.#outgoing[0]);
        continue;
      }
      try {
        await this.#parts.session.write(parts);
      } catch (error) {
        this.#die(error);
        for (const { reject } of batch) reject(this.#error);
        break;
      }
      for (const { resolve } of batch) resolve();
    }
    this.#flushing = undefined;
  }

  /** Takes messages from the queue, up to one whose frame is not there yet, and gives the parts of their frames, too. */
  #nextBatch(): [Outgoing[], Uint8Array[]] {
    const parts: Uint8Array[] = [];
    let count = 0;
    for (let bytes = 0; count < this.#outgoing.length && bytes < BATCH_BYTES; count++) {
      const { frame } = this.#outgoing[count];
      if (!Array.isArray(frame)) break;
      for (const part of frame) bytes += part.length;
      parts.push(...frame);
    }
    return [this.#outgoing.splice(0, count), parts];
  }

  /** Waits for the frame of the first message; where it cannot be made the message is not sent, as where `encode` throws. */
  async #awaitFrame(first: Outgoing): Promise<void> {
    try {
      first.frame = await first.frame;
    } catch (error) {
      if (this.#outgoing[0] === first) this.#outgoing.shift();
      first.reject(error);
    }
  }

  async #shutDown(): Promise<void> {
    const { session, wire, closeTimeout } = this.#parts;
    try {
      await this.#whileMoving(async () => {
        await this.#flushing;
        if (!this.#error) await session.close();
      });
      if (this.#error) throw this.#error;
    } catch (error) {
      this.#die(error);
      throw this.#error;
    }
    this.#state = "closed";
    this.#wakePump();
    // Some transports cannot end one direction alone, so this one ends when the peer has closed, too, or will not soon.
    const ended = settlesWithin(Math.min(closeTimeout, PEER_PATIENCE), this.#peerEnd).then(() => wire.end());
    if (await settlesWithin(closeTimeout, Promise.allSettled([this.#peerEnd, ended]))) wire.release();
    else wire.abort(new ChannelError("closed", "the channel was closed"));
    this.#state = "ended";
    this.#finishReceivers();
    if (this.#error) {
      this.#rejectClosed(this.#error);
      throw this.#error;
    }
    this.#resolveClosed();
  }

  /** Waits for `work` as long as bytes move in either direction. */
  async #whileMoving(work: () => Promise<void>): Promise<void> {
    const { wire, closeTimeout } = this.#parts;
    const working = work();
    let moved = wire.sent + wire.received;
    while (!await settlesWithin(closeTimeout, working)) {
      if (moved === wire.sent + wire.received) {
        throw new ChannelError(
          "timeout",
          `nothing of what was queued went for ${closeTimeout} ms while the channel closed`,
        );
      }
      moved = wire.sent + wire.received;
    }
    await working;
  }

  #die(cause: unknown): void {
    // After our close nothing is expected any more, so a peer that just drops the transport does no harm.
    if (this.#error || this.#state !== "open") return;
    const error = this.#error = cause instanceof ChannelError
      ? cause
      : new ChannelError("protocol", "the channel failed", { cause });
    this.#wakePump();
    this.#rejectReceivers(error);
    for (const { reject } of this.#outgoing.splice(0)) reject(error);
    this.#parts.session.abort(error).finally(() => this.#rejectClosed(error));
  }
}

function closedError(): ChannelError {
  return new ChannelError("closed", "the channel is closed");
}
