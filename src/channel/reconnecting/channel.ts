/// <reference lib="esnext.disposable" preserve="true" />
/** The public interface of a reconnecting channel. */

import type { Channel, ReceiveOptions, SendOptions } from "../channel.ts";

/** A change of state of a {@link ReconnectingChannel}. */
export type ReconnectingEvent =
  /** An attempt begins. The count of attempts starts again after a channel was open for half a minute. */
  | { readonly state: "connecting"; readonly attempt: number }
  /** A channel is open. */
  | { readonly state: "open"; readonly channel: Channel }
  /**
   * An attempt failed or the channel ended, and the next attempt follows after `milliseconds`. `error` is undefined if the
   * server ended the channel in order. `unconfirmed` is the number of messages sent on the channel that may not have
   * arrived.
   */
  | {
    readonly state: "waiting";
    readonly milliseconds: number;
    readonly error: unknown;
    readonly unconfirmed: number;
  }
  /** Reconnecting has ended. `error` is undefined after an orderly close. */
  | { readonly state: "closed"; readonly error: unknown; readonly unconfirmed: number };

/** Options of {@link reconnecting}. */
export interface ReconnectingOptions {
  /** Called on each change of state. Its own errors are ignored. */
  readonly onState?: (event: ReconnectingEvent) => unknown;
  /**
   * Returns the pause in milliseconds after this many failed attempts in a row; {@link backoff} by default. It is called
   * with 1 after the end of a channel that was open for half a minute.
   */
  readonly delay?: (failures: number) => number;
  /** The number of failed attempts in a row after which it gives up; no limit by default. */
  readonly maxAttempts?: number;
  /**
   * Returns whether to try again after this error. By default these errors are final: the server is not trusted
   * (`untrusted`, `key_changed`, `certificate`), the two sides have nothing in common (`not_offered`), and any error other
   * than a {@link ChannelError}, which is a mistake in the program.
   */
  readonly retry?: (error: unknown) => boolean;
  /** The most bytes of messages that wait for a channel; 16 MiB by default. Above this limit `send` fails with `limit`. */
  readonly maxWaitingBytes?: number;
  /** Ends everything with an `aborted` error. */
  readonly signal?: AbortSignal;
}

/**
 * Exchanges messages with a server over one channel after another. Returned by {@link reconnecting}.
 *
 * No message is sent twice. When a channel has ended with an error, the event `waiting` has the number of messages that were
 * sent on it; the application decides whether to send them again.
 */
export interface ReconnectingChannel extends AsyncIterable<Uint8Array>, AsyncDisposable {
  /** The current state. */
  readonly state: ReconnectingEvent["state"];
  /** The channel that is open now. */
  readonly channel: Channel | undefined;
  /**
   * Resolves after an orderly {@link ReconnectingChannel.close}. Otherwise rejects with the error that ended it: that of the
   * last channel if that did not end in order, or of the last attempt.
   */
  readonly closed: Promise<void>;
  /**
   * Sends a message as `send` of {@link Channel} does. While there is no channel, messages wait in order.
   *
   * @throws {ChannelError} The error that ended the channel while the message was being sent, so that the message may have
   * arrived; `limit` if too many bytes wait; `aborted` or `timeout` if a limit in `options` is reached; `closed` after
   * `close`.
   */
  send(message: Uint8Array | string, options?: SendOptions): Promise<void>;
  /**
   * Returns the next message of the current channel, or null after `close`. Call it even if no messages are expected,
   * because the server's orderly end is noticed only by receiving.
   *
   * @throws {ChannelError} The error that ended everything; `aborted` if the signal fires.
   */
  receive(options?: ReceiveOptions): Promise<Uint8Array | null>;
  /**
   * Closes the open channel, stops reconnecting, and returns `closed`. If this resolves, the messages of the last channel are
   * confirmed; for those of earlier channels, the event `waiting` has the number of unconfirmed ones.
   *
   * @throws {ChannelError} The error of the open channel if it does not close in order; or the error that had ended
   * everything before this call.
   */
  close(): Promise<void>;
  /** Ends everything at once. */
  abort(reason?: unknown): Promise<void>;
  /**
   * Closes at the end of a block with `await using`. Unlike {@link ReconnectingChannel.close}, this resolves if an error had
   * ended everything before.
   *
   * @throws {ChannelError} The error of the open channel if it does not close in order.
   */
  [Symbol.asyncDispose](): Promise<void>;
}
