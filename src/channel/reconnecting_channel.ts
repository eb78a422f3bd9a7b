/// <reference lib="esnext.disposable" preserve="true" />
/** The interface of a reconnecting channel, for its users. */

import type { Channel, ReceiveOptions, SendOptions } from "./channel.ts";

/** A change of state of a {@link ReconnectingChannel}. */
export type ReconnectingEvent =
  /** An attempt begins. Attempts are counted since a channel was last open for half a minute. */
  | { readonly state: "connecting"; readonly attempt: number }
  /** A channel is open. */
  | { readonly state: "open"; readonly channel: Channel }
  /**
   * An attempt failed or the channel ended; the next attempt follows after `milliseconds`. `error` is undefined if the server
   * ended the channel in order. `unconfirmed` counts messages sent on the channel, each of which may or may not have arrived.
   */
  | {
    readonly state: "waiting";
    readonly milliseconds: number;
    readonly error: unknown;
    readonly unconfirmed: number;
  }
  /** The end. `error` is undefined after an orderly close. */
  | { readonly state: "closed"; readonly error: unknown; readonly unconfirmed: number };

/** Options of {@link reconnecting}. */
export interface ReconnectingOptions {
  /** Called on each change of state. What it throws is ignored. */
  readonly onState?: (event: ReconnectingEvent) => unknown;
  /**
   * Returns the milliseconds to wait after this many failed attempts in a row; called with 1 after the end of a channel that
   * was open for half a minute. {@link backoff} by default.
   */
  readonly delay?: (failures: number) => number;
  /** Attempts in a row after which it gives up; no limit by default. */
  readonly maxAttempts?: number;
  /**
   * Whether to try again after this error. By default an error is final if the server is not trusted (`untrusted`,
   * `key_changed`, `certificate`), if both sides have nothing in common (`not_offered`), or if it is not a
   * {@link ChannelError} and so a mistake in the program.
   */
  readonly retry?: (error: unknown) => boolean;
  /** Bytes of messages that may wait for a channel; 16 MiB by default. Beyond that `send` fails with `limit`. */
  readonly maxWaitingBytes?: number;
  /** Ends everything with an `aborted` error. */
  readonly signal?: AbortSignal;
}

/**
 * Messages to and from a server over one channel after another. Made by {@link reconnecting}.
 *
 * No message is sent twice. The event `waiting` counts the messages sent on a channel that ended with an error; the
 * application decides whether to send them again.
 */
export interface ReconnectingChannel extends AsyncIterable<Uint8Array>, AsyncDisposable {
  /** The current state. */
  readonly state: ReconnectingEvent["state"];
  /** The channel that is open now. */
  readonly channel: Channel | undefined;
  /** Resolves after {@link ReconnectingChannel.close} in order; rejects with the error that ended it otherwise. */
  readonly closed: Promise<void>;
  /**
   * Sends a message, as `send` of {@link Channel} does; while there is no channel it waits for one, in order.
   *
   * @throws {ChannelError} The error that ended the channel while the message was being sent: it may have arrived. `limit` if
   * too many bytes wait; `aborted` or `timeout` as `options` says; `closed` after `close`.
   */
  send(message: Uint8Array | string, options?: SendOptions): Promise<void>;
  /**
   * Returns the next message of the current channel; null after `close`. Receive even if no messages are expected: the
   * server's orderly end is seen only by receiving.
   *
   * @throws {ChannelError} The error that ended everything; `aborted` if the signal fires.
   */
  receive(options?: ReceiveOptions): Promise<Uint8Array | null>;
  /** Closes the open channel and stops reconnecting. Throws the error that kept that channel from closing in order. */
  close(): Promise<void>;
  /** Ends everything at once. */
  abort(reason?: unknown): Promise<void>;
}
