/**
 * Bytes through a channel, as the tool's two ends understand each other: every message is a piece of the stream, and
 * an empty one says that this direction has ended, which a channel by itself cannot say. A channel that ends without it
 * was cut short. An ordinary TLS peer does not know that; toward it the end of the bytes is the end of the session.
 */

import type { Channel } from "../channel/channel.ts";
import { EMPTY } from "../bytes.ts";
import { ChannelError } from "../errors.ts";
import type { Transport } from "../wire.ts";
import type { Io } from "./command.ts";

/** The near end of a relay. */
export interface ByteStream {
  /** The next bytes, or null at the end. */
  read(): Promise<Uint8Array | null>;
  write(bytes: Uint8Array): Promise<void>;
  /** Nothing more will be written. */
  end(): Promise<void>;
  /** Nothing more will be read either. */
  release(): void;
  /** Ends both directions so that whoever is there does not take it for the end of the bytes. */
  abort(reason: unknown): void;
}

/** Standard input and output. */
export function standardStream(io: Io): ByteStream {
  const input = io.stdin[Symbol.asyncIterator]();
  return {
    read: async () => {
      const { done, value } = await input.next();
      return done ? null : value;
    },
    write: (bytes) => io.stdout.write(bytes),
    end: () => Promise.resolve(),
    release: () => {},
    abort: () => {},
  };
}

/** A connection to an unchanged program. */
export function transportStream({ readable, writable }: Transport): ByteStream {
  const [reader, writer] = [readable.getReader(), writable.getWriter()];
  return {
    read: async () => (await reader.read()).value ?? null,
    write: (bytes) => writer.write(bytes),
    end: () => writer.close(),
    release: () => void reader.cancel().catch(() => {}),
    abort: (reason) => {
      writer.abort(reason).catch(() => {});
      reader.cancel(reason).catch(() => {});
    },
  };
}

/**
 * Joins a channel and a stream until both directions have ended. What fails at one end is a failure at the other too.
 * Toward an ordinary TLS peer the session is closed when the stream has ended and nothing has come for `patience`
 * milliseconds.
 */
export async function relay(channel: Channel, stream: ByteStream, patience = 0): Promise<void> {
  const framed = channel.info.framing === "fesa/1";
  const arrivals = { last: 0 };
  let sent = false;
  let failure: unknown;
  const fail = async (error: unknown) => {
    failure ??= error; // what follows is its consequence
    await channel.abort(error);
  };
  const sending = sendAll(channel, stream)
    .then(() => framed ? channel.send(EMPTY) : closeQuietly(channel, arrivals, patience))
    .then(() => void (sent = true), (error) => framed && isClosed(error) ? undefined : fail(error));
  try {
    await receiveAll(channel, stream, framed, arrivals);
    if (framed) {
      await Promise.race([sending, channel.closed]);
      if (!sent) throw new Error("the peer closed before it had all bytes");
    }
  } catch (error) {
    await fail(error);
  }
  if (failure !== undefined) {
    stream.abort(failure);
    throw failure;
  }
  stream.release();
  await channel.close();
}

/** Whether something failed for no other reason than that the channel has closed in order. */
export function isClosed(error: unknown): boolean {
  return error instanceof ChannelError && error.code === "closed";
}

async function sendAll(channel: Channel, stream: ByteStream): Promise<void> {
  for (let bytes = await stream.read(); bytes !== null; bytes = await stream.read()) {
    if (bytes.length > 0) await channel.send(bytes);
  }
}

/** Receives until the peer says that its direction has ended, which an ordinary TLS peer says by closing. */
async function receiveAll(
  channel: Channel,
  stream: ByteStream,
  framed: boolean,
  arrivals: { last: number },
): Promise<void> {
  for await (const message of channel) {
    arrivals.last = performance.now();
    if (framed && message.length === 0) return await stream.end();
    await stream.write(message);
  }
  if (framed) throw new Error("the peer closed before its bytes ended");
  await stream.end();
}

async function closeQuietly(channel: Channel, arrivals: { last: number }, patience: number): Promise<void> {
  const ended = performance.now();
  for (;;) {
    const left = Math.max(arrivals.last, ended) + patience - performance.now();
    if (left <= 0) return await channel.close();
    await new Promise((resolve) => setTimeout(resolve, left));
  }
}
