/**
 * Bytes through a channel, as the tool's two ends understand each other: every message is a piece of the stream, and
 * an empty one says that this direction has ended, which a channel by itself cannot say. An ordinary TLS peer
 * does not know that; toward it the end of the bytes is the end of the session.
 */

import type { Channel } from "../channel/channel.ts";
import { EMPTY } from "../bytes.ts";
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
  };
}

/** A connection to an unchanged program. */
export function transportStream({ readable, writable }: Transport): ByteStream {
  const [reader, writer] = [readable.getReader(), writable.getWriter()];
  return {
    read: async () => (await reader.read()).value ?? null,
    write: (bytes) => writer.write(bytes),
    end: () => writer.close(),
    release: () => {
      reader.cancel().catch(() => {});
      writer.abort().catch(() => {});
    },
  };
}

/**
 * Joins a channel and a stream until both directions have ended, or the peer has closed. Toward an ordinary TLS peer
 * the session is closed when the stream has ended and nothing has come for `patience` milliseconds.
 */
export async function relay(channel: Channel, stream: ByteStream, patience = 0): Promise<void> {
  const arrivals = { last: 0 };
  let failure: unknown;
  const sending = sendAll(channel, stream)
    .then(() =>
      channel.info.framing === "fesa/1" ? channel.send(EMPTY) : closeQuietly(channel, arrivals, patience)
    )
    .catch(async (error) => {
      failure = error;
      await channel.close();
    });
  try {
    if (await receiveAll(channel, stream, arrivals)) await sending;
    if (failure !== undefined) throw failure;
  } finally {
    stream.release();
    await channel.close();
  }
}

async function sendAll(channel: Channel, stream: ByteStream): Promise<void> {
  for (let bytes = await stream.read(); bytes !== null; bytes = await stream.read()) {
    if (bytes.length > 0) await channel.send(bytes);
  }
}

/** Receives until the peer says that its direction has ended: true; or until it has closed. */
async function receiveAll(
  channel: Channel,
  stream: ByteStream,
  arrivals: { last: number },
): Promise<boolean> {
  for await (const message of channel) {
    arrivals.last = performance.now();
    if (message.length === 0) {
      await stream.end();
      return true;
    }
    await stream.write(message);
  }
  return false;
}

async function closeQuietly(channel: Channel, arrivals: { last: number }, patience: number): Promise<void> {
  const ended = performance.now();
  for (;;) {
    const left = Math.max(arrivals.last, ended) + patience - performance.now();
    if (left <= 0) return await channel.close();
    await new Promise((resolve) => setTimeout(resolve, left));
  }
}
