/// <reference lib="esnext.disposable" preserve="true" />
/**
 * A client that reconnects: it opens one channel after another, each with its own handshake, with pauses between attempts.
 */

import { onAbort } from "../../abort.ts";
import { checkSignal, isBytes, wrongType } from "../../check.ts";
import { ChannelError, type ErrorCode } from "../../errors.ts";
import type { Channel, ReceiveOptions, SendOptions } from "../channel.ts";
import { backoff } from "./backoff.ts";
import type { ReconnectingChannel, ReconnectingEvent, ReconnectingOptions } from "./channel.ts";
import { Incoming, Link, Outgoing } from "./links.ts";
import { limited, pause } from "./waiting.ts";

/** The default limit on bytes of messages that wait for a channel: 16 MiB. */
const DEFAULT_MAX_WAITING_BYTES = 16 * 1024 * 1024;

/** The time in milliseconds after which a channel counts as a success, so that the next pause is short again. */
const STABLE = 30_000;

/** The errors after which another attempt would fail in the same way or should not be made. */
const FINAL: readonly ErrorCode[] = ["untrusted", "key_changed", "certificate", "not_offered"];

/**
 * Keeps a client connected: calls `dial` for a channel, and calls it again whenever the channel has ended, until the client
 * closes. Each channel has its own handshake, so the server is verified each time.
 *
 * @param dial Connects and returns a channel. The signal fires when the channel is no longer needed.
 * @param options The pauses, the limits, and a callback for changes of state.
 * @throws {TypeError} If `dial` or an option is of the wrong type.
 * @throws {RangeError} If a limit is not positive.
 * @example
 * ```ts
 * import { connect, reconnecting, serve } from "@fesa/channel";
 * import { dial, listen } from "@fesa/channel/node";
 *
 * const security = { setting: "native", secret: crypto.getRandomValues(new Uint8Array(32)) } as const;
 * const listener = await listen();
 * await using server = serve(listener, { security: [security] }, (channel) => channel.readable.pipeTo(channel.writable));
 *
 * await using client = reconnecting(async (signal) => {
 *   const transport = await dial({ host: "127.0.0.1", port: listener.port, signal });
 *   return await connect(transport, { security, signal, keepAlive: 30_000, idleTimeout: 90_000 });
 * }, {
 *   onState(event) {
 *     if (event.state === "waiting") console.log(`again in ${event.milliseconds} ms; ${event.unconfirmed} unconfirmed`);
 *   },
 * });
 * await client.send("hello");
 * console.log(new TextDecoder().decode((await client.receive())!));
 * ```
 */
export function reconnecting(
  dial: (signal: AbortSignal) => Promise<Channel>,
  options: ReconnectingOptions = {},
): ReconnectingChannel {
  return new Reconnecting(dial, options);
}

/** The result of an attempt and its channel. */
interface Outcome {
  /** The error; undefined if the channel ended in order. */
  readonly error?: unknown;
  readonly unconfirmed: number;
  readonly opened: boolean;
  /** Whether the channel was open for long enough to be a success. */
  readonly stood: boolean;
}

class Reconnecting implements ReconnectingChannel {
  readonly closed: Promise<void>;
  state: ReconnectingEvent["state"] = "connecting";
  readonly #options: ReconnectingOptions;
  readonly #dial: (signal: AbortSignal) => Promise<Channel>;
  /** Fires when no more channels are needed. */
  readonly #ending: AbortController = new AbortController();
  readonly #outgoing: Outgoing;
  readonly #incoming: Incoming = new Incoming();
  #failure: ChannelError | undefined;

  constructor(dial: (signal: AbortSignal) => Promise<Channel>, options: ReconnectingOptions) {
    const { delay, retry, onState, maxAttempts = 1, signal } = options;
    const { maxWaitingBytes = DEFAULT_MAX_WAITING_BYTES } = options;
    if (typeof dial !== "function") throw wrongType("dial", "a function", dial);
    for (const [name, value] of Object.entries({ delay, retry, onState })) {
      if (value !== undefined && typeof value !== "function") throw wrongType(name, "a function", value);
    }
    for (const [name, value] of Object.entries({ maxAttempts, maxWaitingBytes })) {
      if (!(value > 0)) throw new RangeError(`${name} must be a positive number`);
    }
    checkSignal(signal);
    this.#dial = dial;
    this.#options = options;
    this.#outgoing = new Outgoing(maxWaitingBytes);
    const abort = () => void this.abort(signal?.reason);
    const stopListening = onAbort(signal, abort);
    this.closed = this.#run().finally(stopListening);
    this.closed.catch(() => {}); // awaiting it is optional
    if (signal?.aborted) abort();
  }

  get channel(): Channel | undefined {
    return this.#outgoing.current?.channel;
  }

  async send(message: Uint8Array | string, options: SendOptions = {}): Promise<void> {
    if (typeof message !== "string" && !isBytes(message)) {
      throw wrongType("a message", "a Uint8Array or a string", message);
    }
    await this.#outgoing.send(message, options);
  }

  async receive(options: ReceiveOptions = {}): Promise<Uint8Array | null> {
    for (;;) {
      const { reading } = this.#incoming;
      const link = await limited(reading, options);
      if (link === undefined) {
        if (this.#failure) throw this.#failure;
        return null;
      }
      try {
        const message = await link.channel.receive(options);
        if (message !== null) return message;
        this.#outgoing.leave(link); // the server has ended it in order
        void link.channel.close(); // the attempt awaits `closed` of the channel
      } catch (error) {
        if (options.signal?.aborted) throw error;
      }
      this.#incoming.leave(link, reading);
    }
  }

  close(): Promise<void> {
    const { channel } = this;
    this.#finish(new ChannelError("closed", "the channel is closed"));
    void channel?.close(); // the attempt awaits `closed` of the channel
    return this.closed;
  }

  async abort(reason?: unknown): Promise<void> {
    this.#failure ??= new ChannelError("aborted", "the channel was aborted", { cause: reason });
    const { channel } = this;
    this.#finish(this.#failure);
    await channel?.abort(reason);
    await this.closed.catch(() => {});
  }

  async *[Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    for (let message = await this.receive(); message !== null; message = await this.receive()) yield message;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#failure) await this.closed.catch(() => {}); // or it would replace the same error in the block
    else await this.close();
  }

  async #run(): Promise<void> {
    await Promise.resolve(); // so that no callback runs before the caller has this object
    const { delay = backoff(), maxAttempts = Infinity, retry = isWorthAnother } = this.#options;
    const ending = this.#ending.signal;
    let failures = 0;
    for (;;) {
      const { error, unconfirmed, opened, stood } = await this.#attempt(failures + 1);
      if (ending.aborted) return this.#stop(opened ? error : undefined, unconfirmed);
      failures = stood ? 0 : failures + 1;
      let milliseconds: number;
      try {
        if (error !== undefined && (failures >= maxAttempts || !retry(error))) throw error;
        milliseconds = delay(Math.max(failures, 1));
      } catch (last) { // an error in a callback ends it too
        return this.#stop(last, unconfirmed);
      }
      this.#tell({ state: "waiting", milliseconds, error, unconfirmed });
      await pause(milliseconds, ending);
    }
  }

  /** Sets up a channel and waits for its end. */
  async #attempt(attempt: number): Promise<Outcome> {
    if (!this.#ending.signal.aborted) this.#tell({ state: "connecting", attempt });
    let link: Link;
    try {
      link = new Link(await this.#connected());
    } catch (error) {
      return { error, unconfirmed: 0, opened: false, stood: false };
    }
    const since = performance.now();
    this.#open(link);
    const error = await link.channel.closed.then(() => undefined, (error) => error);
    this.#outgoing.leave(link);
    this.#incoming.skipTo(link);
    const stood = performance.now() - since >= STABLE;
    return { error, unconfirmed: error === undefined ? 0 : link.sent, opened: true, stood };
  }

  /** Calls `dial`. If the channel is no longer needed when it opens, it is aborted. */
  async #connected(): Promise<Channel> {
    const { signal } = this.#ending;
    signal.throwIfAborted();
    const dialing = (async () => await this.#dial(signal))();
    try {
      const channel = await limited(dialing, { signal });
      if (typeof channel?.receive !== "function") throw wrongType("what dial returns", "a channel", channel);
      return channel;
    } catch (error) {
      dialing.then((channel) => channel.abort(error)).catch(() => {}); // `dial` failed or returned no channel
      throw error;
    }
  }

  #open(link: Link): void {
    this.#incoming.open(link);
    this.#outgoing.open(link);
    this.#tell({ state: "open", channel: link.channel });
  }

  /** Stops reconnecting. */
  #finish(reason: ChannelError): void {
    this.#ending.abort(reason);
    this.#outgoing.end(reason);
  }

  /** Ends everything after the last channel has ended. */
  #stop(error: unknown, unconfirmed: number): void {
    const cause = this.#failure ?? error;
    if (cause !== undefined) {
      this.#failure = cause instanceof ChannelError
        ? cause
        : new ChannelError("aborted", "connecting failed", { cause });
    }
    this.#finish(this.#failure ?? new ChannelError("closed", "the channel is closed"));
    this.#incoming.end();
    this.#tell({ state: "closed", error: this.#failure, unconfirmed });
    if (this.#failure) throw this.#failure;
  }

  async #tell(event: ReconnectingEvent): Promise<void> {
    this.state = event.state;
    try {
      await this.#options.onState?.(event);
    } catch {
      // The error of a callback is ignored.
    }
  }
}

function isWorthAnother(error: unknown): boolean {
  return error instanceof ChannelError && !FINAL.includes(error.code);
}
