/** The common part of `connect` and `accept`: options, limits, and making a channel from a completed handshake. */

import { checkSignal } from "../check.ts";
import { ChannelError } from "../errors.ts";
import { DEFAULT_MAX_MESSAGE_SIZE } from "../message/codec.ts";
import { checkCryptoChoice, type CryptoChoice } from "../platform/choose.ts";
import { peerOf } from "../peer.ts";
import type { Session } from "../session.ts";
import type { Transport } from "../connection.ts";
import { Wire } from "../wire.ts";
import type { Channel } from "./channel.ts";
import type { ChannelInfo } from "./info.ts";
import type { Decoder } from "./receiving.ts";
import type { Encoder } from "./sending.ts";
import { type ChannelLimits, SessionChannel } from "./session_channel.ts";
import type { UnfinishedMessages } from "./unfinished.ts";

/** The default time limit of a handshake, in milliseconds. */
const DEFAULT_HANDSHAKE_TIMEOUT = 10_000;

/** The default time for which a close waits for an inactive peer, in milliseconds. */
const DEFAULT_CLOSE_TIMEOUT = 5_000;

/** Options of both {@link connect} and {@link accept}. */
export interface ChannelOptions {
  /** Ends the handshake with an `aborted` error. */
  readonly signal?: AbortSignal;
  /** The time limit of the handshake, in milliseconds; 10,000 by default, 0 or `Infinity` for no limit. */
  readonly handshakeTimeout?: number;
  /**
   * A closing channel ends with a `timeout` error after this many milliseconds without progress, if the peer reads
   * nothing or does not end its direction; 5,000 by default, `Infinity` for no limit.
   */
  readonly closeTimeout?: number;
  /**
   * After this many milliseconds without sending, this side sends a keepalive frame, which the peer answers; 0, the
   * default of {@link connect} and {@link accept}, means never. Ordinary TLS peers receive no such frames.
   */
  readonly keepAlive?: number;
  /**
   * After this many milliseconds without a complete record from the peer, the channel ends with a `timeout` error; 0,
   * the default of {@link connect} and {@link accept}, means never. Set it to more than twice the peer's or this side's
   * `keepAlive`, and to 45,000 or more if the peer's application may be slow to receive messages. With an ordinary TLS peer,
   * which answers no keepalive frames, the channel ends after this time without data in either direction.
   */
  readonly idleTimeout?: number;
  /**
   * After this many milliseconds in which a message that has begun to arrive does not continue, the channel ends with a
   * `timeout` error; 0, the default of {@link connect} and {@link accept}, means never.
   */
  readonly stallTimeout?: number;
  /** The size of the largest message that is sent or accepted, in bytes; 16 MiB by default. */
  readonly maxMessageSize?: number;
  /**
   * `"platform"`, the default, uses the runtime's own cryptography if that works and is faster; `"pure"` uses this library's
   * TypeScript alone. The bytes on the wire are the same.
   */
  readonly crypto?: CryptoChoice;
}

/**
 * Returns the limits, with defaults for the options that are not set.
 *
 * @throws {RangeError} If a limit is out of bounds.
 */
export function limitsOf(
  {
    handshakeTimeout = DEFAULT_HANDSHAKE_TIMEOUT,
    closeTimeout = DEFAULT_CLOSE_TIMEOUT,
    keepAlive = 0,
    idleTimeout = 0,
    stallTimeout = 0,
    maxMessageSize = DEFAULT_MAX_MESSAGE_SIZE,
    crypto = "platform",
    signal,
  }: ChannelOptions,
): ChannelLimits & { readonly handshakeTimeout: number; readonly crypto: CryptoChoice } {
  checkSignal(signal);
  const times = { handshakeTimeout, closeTimeout, keepAlive, idleTimeout, stallTimeout };
  for (const [name, value] of Object.entries(times)) {
    if (typeof value !== "number" || !(value >= 0)) {
      throw new RangeError(`${name} must be a number of milliseconds`);
    }
  }
  if (!Number.isSafeInteger(maxMessageSize) || maxMessageSize < 1 || maxMessageSize > 0xffff_ffff) {
    throw new RangeError("maxMessageSize must be from 1 to 4,294,967,295 bytes");
  }
  checkCryptoChoice(crypto);
  return { ...times, maxMessageSize, crypto };
}

/** What a handshake negotiated, and the codec for messages in its session. */
export interface Agreement {
  readonly info: ChannelInfo;
  readonly encoder: Encoder;
  readonly decoder: Decoder;
}

/** A session, and what its handshake negotiated. `agree` throws if that is not what this side requested. */
export interface NegotiatedSession {
  readonly session: Session;
  agree(maxMessageSize: number): Agreement | Promise<Agreement>;
}

/** Runs the handshake of one side over a wire, with the chosen cryptographic implementation. */
export type Handshake = (wire: Wire, crypto: CryptoChoice) => Promise<NegotiatedSession>;

/**
 * Runs a handshake within its limits, and makes a channel of its session. If the handshake fails, the transport is ended.
 *
 * @param unfinished Limits the bytes of unfinished messages in several channels together.
 */
export async function establish(
  transport: Transport,
  options: ChannelOptions,
  handshake: Handshake,
  unfinished?: UnfinishedMessages,
): Promise<Channel> {
  const { signal } = options;
  const { handshakeTimeout: milliseconds, crypto, ...limits } = limitsOf(options);
  const wire = new Wire(transport);
  const remote = peerOf(transport);
  let session: Session | undefined;
  try {
    return await wire.within({ signal, milliseconds }, async () => {
      const negotiated = await handshake(wire, crypto);
      session = negotiated.session;
      const { info, ...codec } = await negotiated.agree(limits.maxMessageSize);
      return new SessionChannel({ wire, session, limits, ...codec, info: { ...info, remote }, unfinished });
    });
  } catch (error) {
    await (session ?? wire).abort(failure(error));
    throw error;
  }
}

function failure(error: unknown): ChannelError {
  return error instanceof ChannelError
    ? error
    : new ChannelError("aborted", "the handshake failed", { cause: error });
}
