/** The receiving direction of a channel: decodes messages from bytes, in order, until the peer ends its direction. */

import { abortedBy, onAbort } from "../abort.ts";
import { checkSignal } from "../check.ts";
import { ChannelError } from "../errors.ts";
import type { MessageDecoder } from "../message/codec.ts";
import { Control, type Frame, isControl } from "../message/frame.ts";
import type { Session } from "../session.ts";
import { inBackground, type Timer } from "../timers.ts";
import { nextTurn, turnIsSpent } from "../turns.ts";
import type { Wire } from "../wire.ts";

/**
 * The interval in milliseconds at which this side shows the peer that it is alive, while a message waits for a slow reader.
 */
const REASSURANCE = 15_000;

/** Decodes messages. Bytes are added with `push`, and messages are taken one at a time. */
export type Decoder = Pick<
  MessageDecoder,
  "push" | "next" | "decode" | "giveUp" | "inside" | "held" | "payloadBytes"
>;

interface Receiver {
  readonly resolve: (message: Uint8Array | null) => void;
  readonly reject: (error: unknown) => void;
}

/** The receiving direction of a channel. */
export class Receiving {
  /** Resolves when the peer has ended its direction and every message has been received. */
  readonly ended: Promise<void>;
  /** The number of messages received, and their bytes. */
  messages = 0;
  bytes = 0;
  /** The time at which this side began to wait for bytes of the session; undefined while received messages wait. */
  waitingSince: number | undefined;
  readonly #wire: Wire;
  readonly #session: Session;
  readonly #decoder: Decoder;
  readonly #framed: boolean;
  readonly #answer: () => void;
  readonly #onHeld: (bytes: number) => void;
  readonly #receivers: Receiver[] = [];
  #wake: (() => void) | undefined;
  #reassuring: Timer | undefined;
  #handingOver = false;
  #discarding = false;
  #hasEnded = false;
  #resolveEnded!: () => void;
  #failure: ChannelError | undefined;

  /**
   * @param framed Whether the peer uses frames. If not, the end of the session is the end of the peer's direction.
   * @param answer Sends the peer an answer to a keepalive frame.
   * @param onHeld Called with the memory of an unfinished message, in bytes: when the message begins, when it grows, and
   * with 0 when it is complete or discarded.
   */
  constructor(
    wire: Wire,
    session: Session,
    decoder: Decoder,
    framed: boolean,
    answer: () => void,
    onHeld: (bytes: number) => void,
  ) {
    this.#wire = wire;
    this.#session = session;
    this.#decoder = decoder;
    this.#framed = framed;
    this.#answer = answer;
    this.#onHeld = onHeld;
    this.ended = new Promise((resolve) => this.#resolveEnded = resolve);
  }

  /**
   * Reads until the session ends, but pauses while a complete message waits. So an end or an error is noticed even if
   * `receive` is not called, and a slow reader slows the peer down.
   *
   * @throws {ChannelError} The error that ends the channel.
   */
  async run(): Promise<void> {
    for (;;) {
      await this.#handOver();
      if (this.#failure) return;
      this.waitingSince = performance.now();
      let bytes: Uint8Array | null = await this.#session.read();
      this.waitingSince = undefined;
      if (this.#failure) return; // the decoder has given up the message that these bytes would continue
      if (bytes === null) break;
      this.#decoder.push(bytes);
      bytes = null; // otherwise they stay in memory while the channel is idle
    }
    clearTimeout(this.#reassuring);
    if (this.#framed && !this.#hasEnded) {
      const where = this.#decoder.inside ? "in the middle of a message" : "without ending its messages";
      throw new ChannelError("truncated", `the peer closed ${where}`);
    }
    if (!this.#framed) this.#end();
    this.#settle();
  }

  /** Whether a message has begun to arrive and is incomplete. */
  get inside(): boolean {
    return this.#decoder.inside;
  }

  /** A number that grows as bytes of messages arrive. */
  get progress(): number {
    return this.#decoder.payloadBytes + this.messages;
  }

  /** Returns the next message, or null after the peer has ended its direction. */
  receive(signal?: AbortSignal): Promise<Uint8Array | null> {
    return new Promise((resolve, reject) => {
      checkSignal(signal);
      if (signal?.aborted) return reject(abortedBy(signal));
      const receiver = signal ? this.#abortable({ resolve, reject }, signal) : { resolve, reject };
      this.#receivers.push(receiver);
      if (this.#handingOver) this.#wakeUp();
      else this.#settle();
    });
  }

  /** Discards everything that still arrives until the peer ends its direction. */
  discard(): void {
    this.#discarding = true;
    this.#wakeUp();
  }

  /** Ends with an error, which pending and later calls of `receive` throw, after the messages that had already arrived. */
  fail(error: ChannelError): void {
    this.#failure ??= error;
    clearTimeout(this.#reassuring);
    this.#decoder.giveUp(); // frees memory, since the program may keep the channel
    this.#onHeld(0);
    if (!this.#handingOver) this.#settle();
  }

  #abortable({ resolve, reject }: Receiver, signal: AbortSignal): Receiver {
    const stopListening = onAbort(signal, () => {
      this.#receivers.splice(this.#receivers.indexOf(receiver), 1);
      receiver.reject(abortedBy(signal));
    });
    const receiver: Receiver = {
      resolve: (message) => (stopListening(), resolve(message)),
      reject: (error) => (stopListening(), reject(error)),
    };
    return receiver;
  }

  /** Passes complete messages to receivers. It awaits only what is not ready, since messages may be many and small. */
  async #handOver(): Promise<void> {
    this.#handingOver = true;
    try {
      for (let frame = this.#decoder.next(); frame !== null; frame = this.#decoder.next()) {
        this.#onHeld(0);
        if (isControl(frame.flags)) this.#takeControl(frame.flags);
        else {
          this.#checkNotEnded();
          while (this.#nobodyWaits) await this.#nextReceiver();
          const taken = this.#takeMessage(frame);
          if (taken instanceof Promise) await taken;
        }
        if (turnIsSpent()) await nextTurn(this.#wire.origin);
      }
    } finally {
      this.#handingOver = false;
    }
    if (!this.#failure) this.#onHeld(this.#decoder.held);
    this.#settle();
  }

  #takeControl(control: Control): void {
    if (control === Control.keepAlive) this.#answer();
    if (control !== Control.end) return;
    if (this.#hasEnded) throw new ChannelError("protocol", "the peer ended its direction twice");
    this.#end();
  }

  #checkNotEnded(): void {
    if (this.#hasEnded) throw new ChannelError("protocol", "a message came after the end of its direction");
  }

  /**
   * Decodes a message only when a receiver waits, so that a small message that inflates to a large one takes no memory
   * before that.
   */
  #takeMessage(frame: Frame): void | Promise<void> {
    if (this.#receivers.length === 0) return; // discards what arrives
    const message = this.#decoder.decode(frame);
    return message instanceof Promise ? this.#giveInflated(message) : this.#give(message);
  }

  async #giveInflated(inflating: Promise<Uint8Array>): Promise<void> {
    const message = await inflating;
    while (this.#nobodyWaits) await this.#nextReceiver(); // again if the receiver's signal has fired meanwhile
    this.#give(message);
  }

  #give(message: Uint8Array): void {
    this.#receivers.shift()?.resolve(message);
    this.messages++;
    this.bytes += message.length;
  }

  /** Whether a message has to wait for a receiver. */
  get #nobodyWaits(): boolean {
    return this.#receivers.length === 0 && !this.#discarding;
  }

  #nextReceiver(): Promise<void> {
    this.#reassuring ??= inBackground(REASSURANCE, () => this.#reassure());
    return new Promise<void>((resolve) => this.#wake = resolve);
  }

  /** Answers keepalive frames in advance while a message waits, because the frames after the message stay unread. */
  #reassure(): void {
    this.#reassuring = undefined;
    if (this.#failure || !this.#handingOver || !this.#nobodyWaits) return;
    this.#answer();
    this.#reassuring = inBackground(REASSURANCE, () => this.#reassure());
  }

  #wakeUp(): void {
    this.#wake?.();
    this.#wake = undefined;
  }

  #end(): void {
    this.#hasEnded = true;
    this.#resolveEnded();
  }

  /** Settles the waiting calls of `receive` if the peer has ended its direction or the channel has failed. */
  #settle(): void {
    if (!this.#failure && !this.#hasEnded) return;
    for (const { resolve, reject } of this.#receivers.splice(0)) {
      if (this.#failure) reject(this.#failure);
      else resolve(null);
    }
  }
}
