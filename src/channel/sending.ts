/** The sending direction of a channel: queues messages, encodes them as frames, and writes them in batches. */

import { abortedBy, onAbort } from "../abort.ts";
import { EMPTY } from "../bytes.ts";
import { checkSignal } from "../check.ts";
import { ChannelError } from "../errors.ts";
import type { MessageEncoder } from "../message/codec.ts";
import { Control, frameParts } from "../message/frame.ts";
import type { Session } from "../session.ts";
import { after } from "../timers.ts";
import { nextTurn, turnIsSpent } from "../turns.ts";
import type { Wire } from "../wire.ts";
import type { SendOptions } from "./channel.ts";

/** The approximate bytes of queued messages in one write, and the most messages, so that small ones do not hold the turn. */
const BATCH_BYTES = 256 * 1024;
const BATCH_MESSAGES = 2048;

/** Encodes messages. */
export type Encoder = Pick<MessageEncoder, "encode">;

/** A message in the queue, or the end of the direction. */
interface Outgoing {
  readonly message: Uint8Array | "end";
  readonly compress: boolean | undefined;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** The contents of one write, and the calls that wait for it. */
interface Batch {
  readonly parts: Uint8Array[];
  readonly sent: Outgoing[];
}

/** The sending direction of a channel. */
export class Sending {
  /** Resolves when the end of this direction has been written. */
  readonly ended: Promise<void>;
  /** The number of messages passed to `send`, and their bytes. */
  messages = 0;
  bytes = 0;
  /** Whether messages or the end are being written, as opposed to control frames alone. */
  sendsMessages = false;
  readonly #wire: Wire;
  readonly #session: Session;
  readonly #encoder: Encoder;
  readonly #framed: boolean;
  readonly #onFailure: (error: unknown) => Promise<ChannelError>;
  readonly #queue: Outgoing[] = [];
  readonly #controls: Set<Control> = new Set();
  #flushing: Promise<void> | undefined;
  #ending: Promise<void> | undefined;
  #resolveEnded!: () => void;

  /**
   * @param framed Whether the peer uses frames. If not, the end of the session is the end of this direction.
   * @param onFailure Ends the channel, and returns the error with which it ends.
   */
  constructor(
    wire: Wire,
    session: Session,
    encoder: Encoder,
    framed: boolean,
    onFailure: (error: unknown) => Promise<ChannelError>,
  ) {
    this.#wire = wire;
    this.#session = session;
    this.#encoder = encoder;
    this.#framed = framed;
    this.#onFailure = onFailure;
    this.ended = new Promise((resolve) => this.#resolveEnded = resolve);
  }

  /** Resolves when everything queued has been written; undefined if nothing is queued. Never rejects. */
  get flushed(): Promise<void> | undefined {
    return this.#flushing;
  }

  /**
   * Resolves when the transport has accepted the message.
   *
   * @throws {ChannelError} Synchronously, if this direction has ended or the signal has fired.
   */
  send(message: Uint8Array, { compress, signal, timeout }: SendOptions): Promise<void> {
    checkSignal(signal);
    if (timeout !== undefined && !(typeof timeout === "number" && timeout >= 0)) {
      throw new RangeError("timeout must be a number of milliseconds");
    }
    if (this.#ending) throw new ChannelError("closed", "this side has ended its direction");
    if (signal?.aborted) throw abortedBy(signal, "the message was not sent");
    this.messages++;
    this.bytes += message.length;
    const sent = this.#enqueue(message, compress);
    if (signal === undefined && timeout === undefined) return sent;
    return this.#limited(this.#queue.at(-1)!, sent, signal, timeout);
  }

  /** Ends this direction after the queued messages. Resolves when the transport has accepted the end. */
  end(): Promise<void> {
    return this.#ending ??= this.#enqueue("end", false).then(this.#resolveEnded);
  }

  /** Queues a control frame, unless one of the same type is already queued. */
  control(control: Control): void {
    this.#controls.add(control);
    this.#start();
  }

  /** Rejects everything that is queued. */
  fail(error: ChannelError): void {
    this.#controls.clear();
    for (const { reject } of this.#queue.splice(0)) reject(error);
  }

  #enqueue(message: Uint8Array | "end", compress: boolean | undefined): Promise<void> {
    const sent = new Promise<void>((resolve, reject) => {
      this.#queue.push({ message, compress, resolve, reject });
    });
    this.#start();
    return sent;
  }

  /**
   * Waits for a message to be sent, until one of the caller's limits is reached. If the message is still queued then, it is
   * never sent.
   */
  async #limited(
    outgoing: Outgoing,
    sent: Promise<void>,
    signal: AbortSignal | undefined,
    timeout = Infinity,
  ): Promise<void> {
    const giveUp = () => {
      const place = this.#queue.indexOf(outgoing);
      if (place >= 0) this.#queue.splice(place, 1);
      const what = `the message ${place >= 0 ? "was not sent" : "is on its way and may arrive"}`;
      outgoing.reject(signal?.aborted ? abortedBy(signal, what) : late(timeout, what));
    };
    const timer = timeout === Infinity ? undefined : after(timeout, giveUp);
    const stopListening = onAbort(signal, giveUp);
    try {
      await sent;
    } finally {
      clearTimeout(timer);
      stopListening();
    }
  }

  /** Begins to write in a microtask, so that messages queued together are sent in one batch. */
  #start(): void {
    this.#flushing ??= Promise.resolve().then(() => this.#flush());
  }

  async #flush(): Promise<void> {
    while (this.#queue.length > 0 || this.#controls.size > 0) {
      const { parts, sent } = await this.#nextBatch();
      this.sendsMessages = sent.length > 0;
      try {
        if (parts.length > 0) await this.#session.write(parts);
        if (!this.#framed && sent.at(-1)?.message === "end") await this.#session.close();
      } catch (cause) {
        const error = await this.#onFailure(cause);
        for (const { reject } of sent) reject(error);
        break;
      }
      for (const { resolve } of sent) resolve();
    }
    this.sendsMessages = false;
    this.#flushing = undefined;
  }

  /** Encodes the messages for one write. A message that cannot be encoded is rejected and not sent. */
  async #nextBatch(): Promise<Batch> {
    const parts = [...this.#controls].flatMap((flags) => frameParts({ flags, payload: EMPTY }));
    this.#controls.clear();
    const sent: Outgoing[] = [];
    for (const outgoing of this.#takeQueued()) {
      try {
        const frame = this.#frame(outgoing);
        parts.push(...(frame instanceof Promise ? await this.#compressed(frame) : frame));
        sent.push(outgoing);
      } catch (error) {
        outgoing.reject(error);
      }
    }
    return { parts, sent };
  }

  /** Takes the messages for one write from the queue, all at once, since the queue may be long. */
  #takeQueued(): Outgoing[] {
    const most = Math.min(this.#queue.length, BATCH_MESSAGES);
    let count = 0;
    for (let bytes = 0; count < most && bytes < BATCH_BYTES; count++) {
      bytes += this.#queue[count].message.length;
    }
    return this.#queue.splice(0, count);
  }

  /** Waits for a compressed frame and, if compressing has used up the turn, for the next one. */
  async #compressed(compressing: Promise<Uint8Array[]>): Promise<Uint8Array[]> {
    const frame = await compressing;
    if (turnIsSpent()) await nextTurn(this.#wire.origin);
    return frame;
  }

  #frame({ message, compress }: Outgoing): Uint8Array[] | Promise<Uint8Array[]> {
    if (message !== "end") return this.#encoder.encode(message, compress);
    return this.#framed ? frameParts({ flags: Control.end, payload: EMPTY }) : [];
  }
}

function late(timeout: number, what: string): ChannelError {
  return new ChannelError("timeout", `not done within ${timeout} ms: ${what}`);
}
