/// <reference lib="esnext.disposable" preserve="true" />
/** The public interface of a channel. */

import type { ChannelInfo, ChannelStats } from "./info.ts";

/** Options of one message. */
export interface SendOptions {
  /** Whether to try to compress this message; by default as negotiated for the channel. */
  readonly compress?: boolean | undefined;
  /** Makes `send` fail with an `aborted` error; the channel stays open. */
  readonly signal?: AbortSignal | undefined;
  /**
   * The time in milliseconds after which `send` fails with `timeout` if the message has not been sent; the channel stays
   * open.
   */
  readonly timeout?: number | undefined;
}

/** Options of one call of `receive`. */
export interface ReceiveOptions {
  /** Makes `receive` fail with an `aborted` error; no message is lost. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * A secured channel of messages in both directions, returned by {@link connect} and {@link accept}.
 *
 * Each message is a `Uint8Array`; a string is sent as UTF-8. Every message arrives whole, once and in order, or the channel
 * ends with an error. After an error every later call fails with the same error.
 *
 * Each direction ends separately, by {@link Channel.end} or by closing `writable`. The channel is closed when both
 * directions have ended and each side has received everything that the other sent. When `closed` resolves, every message is
 * therefore confirmed.
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
  /** What was negotiated: setting, protocol, algorithms, the peer's identity, and the cost of the handshake. */
  readonly info: ChannelInfo;
  /** The messages, payload bytes and wire bytes of each direction so far. */
  readonly stats: ChannelStats;
  /** The incoming messages: one chunk is one message. The stream and `receive` share one queue. */
  readonly readable: ReadableStream<Uint8Array>;
  /**
   * The messages to send: one chunk is one message. Closing the stream ends this direction; the other direction continues.
   */
  readonly writable: WritableStream<Uint8Array | string>;
  /**
   * Resolves when both directions have ended and the peer has confirmed that it received every message. Otherwise rejects
   * with the error that ended the channel.
   */
  readonly closed: Promise<void>;
  /**
   * Sends one message. Resolves when the transport has accepted it, so awaiting the promise gives backpressure. The caller
   * must not change the bytes before that. Messages that are queued without awaiting are sent together, in as few records as
   * possible.
   *
   * @param message The message, which may be empty.
   * @param options Compression of this message, and limits. If a limit is reached while the message is queued, the message
   * is not sent. If it is already being sent, the error says so, and the message may still arrive.
   * @throws {RangeError} If the message is larger than `maxMessageSize`, or the time limit is not a number of milliseconds; the
   * channel stays open.
   * @throws {ChannelError} `closed` if this direction has ended; `aborted` or `timeout` if a limit in `options` is reached;
   * or the error that ended the channel.
   */
  send(message: Uint8Array | string, options?: SendOptions): Promise<void>;
  /**
   * Returns the next message, or null after the peer has ended its direction.
   *
   * @throws {ChannelError} `aborted` if the signal fires; or the error that ended the channel, after all messages that
   * arrived before it.
   */
  receive(options?: ReceiveOptions): Promise<Uint8Array | null>;
  /**
   * Ends this direction after the queued messages: the peer's `receive` then returns null. The peer's messages continue to
   * arrive until it ends its own direction. Resolves when the transport has accepted the end. Further calls have no effect.
   *
   * @throws {ChannelError} The error that ended the channel.
   */
  end(): Promise<void>;
  /**
   * Ends this direction, waits for the peer to end the other, and returns `closed`. Messages that still arrive must be
   * received, or discarded by cancelling `readable`. Only then does the peer learn that the channel ended in order. Further
   * calls have no effect.
   *
   * @throws {ChannelError} `timeout` if there is no progress for `closeTimeout`, for example because the peer does not end
   * its direction or this side does not receive; or the error that ended the channel, before this call or after it. So a
   * message sent last is confirmed if this resolves.
   */
  close(): Promise<void>;
  /**
   * Ends the channel at once with an `aborted` error, which pending and later calls throw. The peer is notified if the
   * setting allows. Resolves when that is done. Has no effect after the end of the channel.
   *
   * @param reason The `cause` of the error.
   */
  abort(reason?: unknown): Promise<void>;
  /**
   * Closes the channel at the end of a block with `await using`. Unlike {@link Channel.close}, this resolves if the channel
   * had already failed: calls in the block have thrown that error, and `closed` has it. To confirm messages, await `close`.
   *
   * @throws {ChannelError} The error that ends the channel while it closes.
   */
  [Symbol.asyncDispose](): Promise<void>;
}
