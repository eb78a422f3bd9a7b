/** What a channel is to who uses it. */

import type { ChannelInfo, ChannelStats } from "./info.ts";

/** Options of one message. */
export interface SendOptions {
  /** Whether to try compressing this message; by default as the channel's setting has it. */
  readonly compress?: boolean;
}

/**
 * A secured two-way channel of messages. Made by {@link connect} and {@link accept}.
 *
 * Each message is a `Uint8Array` (a string is sent as its UTF-8) and arrives whole, once, and in order, or the channel
 * ends with an error. After an error the channel is dead: every later call repeats that same error.
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
  /** The messages that arrive: one chunk is one message. Reading here and by `receive` share one queue. */
  readonly readable: ReadableStream<Uint8Array>;
  /** Messages to send: one chunk is one message. Closing it closes the channel. */
  readonly writable: WritableStream<Uint8Array | string>;
  /** Resolves when the channel has ended in order; rejects with the error that ended it otherwise. */
  readonly closed: Promise<void>;
  /**
   * Sends one message; resolves when the transport has taken it, so awaiting it is backpressure. The bytes may not
   * be changed before that. Messages queued without awaiting leave together, in as few records as they fit.
   *
   * @throws {RangeError} the message is larger than `maxMessageSize`; the channel lives on.
   * @throws {ChannelError} `closed` after the end, or the error that ended the channel.
   */
  send(message: Uint8Array | string, options?: SendOptions): Promise<void>;
  /**
   * The next message, or null after the peer closed in order.
   *
   * @throws {ChannelError} the error that ended the channel; messages that arrived before it come first.
   */
  receive(): Promise<Uint8Array | null>;
  /**
   * Sends what is queued, then closes in order and waits for the peer to do the same, both no longer than
   * `closeTimeout` while nothing moves. Messages that had already arrived can still be received; those that arrive later
   * are discarded. Calling it again is harmless.
   *
   * @throws {ChannelError} `timeout` where the peer does not take what is queued, or what else ended the channel.
   */
  close(): Promise<void>;
  /**
   * Ends the channel at once with an `aborted` error, which what waits and every later call throws, and which the peer
   * is told of as far as the setting can. Resolves when that is done; after the end of the channel it does nothing.
   *
   * @param reason Why; the error's `cause`.
   */
  abort(reason?: unknown): Promise<void>;
}
