/// <reference lib="esnext.disposable" preserve="true" />
/** The interface of a channel, for its users. */

import type { ChannelInfo, ChannelStats } from "./info.ts";

/** Options of one message. */
export interface SendOptions {
  /** Whether to try compressing this message; by default as agreed for the channel. */
  readonly compress?: boolean | undefined;
  /** Makes `send` fail with an `aborted` error; the channel stays open. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds that the message may wait to be sent, after which `send` fails with `timeout`; the channel stays open. */
  readonly timeout?: number | undefined;
}

/** Options of one call of `receive`. */
export interface ReceiveOptions {
  /** Makes `receive` fail with an `aborted` error; no message is lost. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * A secured two-way channel of messages. Made by {@link connect} and {@link accept}.
 *
 * Each message is a `Uint8Array` (a string is sent as its UTF-8) and arrives whole, once, and in order, or the channel
 * ends with an error. After an error every later call fails with the same error.
 *
 * Each direction ends on its own, by {@link Channel.end} or by closing `writable`. The channel is closed when
 * both have ended and each side has received everything that the other sent; so once `closed` resolves, every
 * message is confirmed.
 *
 * @example
 * ```ts
 * import { accept, connect } from "@fesa/channel";
 * import { memoryPair } from "@fesa/channel/memory";
 *
 * const [here, there] = memoryPair();
 * const security = { setting: "native", secret: crypto.getRandomValues(new Uint8Array(32)) } as const;
 * const [client, server] = await Promise.all([
 *   connect(here, { security }),
 *   accept(there, { security: [security] }),
 * ]);
 * await client.send("hello");
 * console.log(new TextDecoder().decode((await server.receive())!));
 * await Promise.all([client.close(), server.close()]);
 * ```
 */
export interface Channel extends AsyncIterable<Uint8Array>, AsyncDisposable {
  /** What was agreed: setting, protocol, algorithms, the peer's identity, timings. */
  readonly info: ChannelInfo;
  /** Payload and wire bytes each way, messages, compression ratio; counted up to now. */
  readonly stats: ChannelStats;
  /** The messages that arrive: one chunk is one message. It shares one queue with `receive`. */
  readonly readable: ReadableStream<Uint8Array>;
  /** Messages to send: one chunk is one message. Closing it ends this direction; the other goes on. */
  readonly writable: WritableStream<Uint8Array | string>;
  /**
   * Resolves when both directions have ended and the peer has confirmed that it received every message;
   * rejects with the error that ended the channel otherwise.
   */
  readonly closed: Promise<void>;
  /**
   * Sends one message; resolves when the transport has accepted it, so awaiting it is backpressure. The bytes must not
   * be changed before that. Messages queued without awaiting are sent together, in as few records as possible.
   *
   * @param message The message; an empty one is a message, too.
   * @param options Compression of this message, and limits. A message given up while it is queued is not sent. If it is
   * already being sent, the error says so, and it may still arrive.
   * @throws {RangeError} If the message is larger than `maxMessageSize`, or the time limit is not a number of milliseconds; the
   * channel stays open.
   * @throws {ChannelError} `closed` after this direction has ended; `aborted` or `timeout` as `options` says; or the error
   * that ended the channel.
   */
  send(message: Uint8Array | string, options?: SendOptions): Promise<void>;
  /**
   * Returns the next message, or null after the peer has ended its direction.
   *
   * @throws {ChannelError} The error that ended the channel, after the messages that had arrived before; `aborted` if the
   * signal fires.
   */
  receive(options?: ReceiveOptions): Promise<Uint8Array | null>;
  /**
   * Ends this direction after the queued messages: the peer's `receive` then returns null. The peer's messages go on
   * arriving until it ends its own direction. Resolves when the transport has accepted the end. Calling it again is harmless.
   *
   * @throws {ChannelError} The error that ended the channel.
   */
  end(): Promise<void>;
  /**
   * Ends this direction, waits for the peer to end the other, and resolves with `closed`. Messages that still arrive must
   * be received, or discarded by cancelling `readable`: only then is the peer told that the channel ended in order.
   * Calling it again is harmless.
   *
   * @throws {ChannelError} `timeout` if nothing moves for `closeTimeout`, for instance because the peer does not end its
   * direction or this side does not receive; or the error that ended the channel.
   */
  close(): Promise<void>;
  /**
   * Ends the channel at once with an `aborted` error, which pending and later calls throw. The peer is told if the setting
   * allows. Resolves when that is done; after the end of the channel it does nothing.
   *
   * @param reason Why; the error's `cause`.
   */
  abort(reason?: unknown): Promise<void>;
}
