/**
 * Relays a byte stream through a channel between the tool's two ends. Each message is a piece of the stream, and the end of
 * a direction is the end of its bytes. A channel that ends without it was cut short.
 */

import type { Channel } from "../channel/channel.ts";
import { ChannelError } from "../errors.ts";
import type { Transport } from "../connection.ts";
import { settlesWithin } from "../timers.ts";
import type { Io } from "./command.ts";

/** The local stream of a relay. */
export interface ByteStream {
  /** The next bytes, or null at the end. */
  read(): Promise<Uint8Array | null>;
  write(bytes: Uint8Array): Promise<void>;
  /** Ends the writing direction. */
  end(): Promise<void>;
  /** Ends the reading direction, too. */
  release(): void;
  /** Aborts both directions, so that the program there does not mistake it for the end of the bytes. */
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

/** A connection to a local program. */
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
 * Joins a channel and a stream until both directions have ended. An ordinary TLS peer may take the end of one direction for
 * the end of both, so with such a peer the session is closed only after the stream has ended and nothing has come for
 * `patience` milliseconds.
 *
 * @throws {Error} If such a peer has answered nothing by then: a later answer would be lost.
 */
export async function relay(channel: Channel, stream: ByteStream, patience = 0): Promise<void> {
  const framed = channel.info.framing === "fesa/1";
  const arrivals = { last: 0 };
  let [sent, received, gaveUp] = [false, false, false];
  const sending = sendAll(channel, stream)
    .then(() => void (sent = true))
    .then(async () => {
      if (framed) return await channel.end();
      await silence(arrivals, receiving, patience);
      gaveUp = !received;
      await channel.close();
    });
  const receiving = receiveAll(channel, stream, arrivals).then(() => void (received = true));
  try {
    await Promise.race([Promise.all([sending, receiving]), channel.closed]);
    if (!sent) throw new Error("the channel was closed before all bytes were sent");
    await channel.close();
    await receiving; // the channel has ended, but a slow stream may still be taking the last bytes
  } catch (error) {
    await channel.abort(error);
    stream.abort(error);
    if (sent || !received) throw error;
    const { message } = error as Error;
    throw new Error(`the peer closed before it had all bytes: ${message}`, { cause: error });
  }
  stream.release();
  const { messagesSent, messagesReceived } = channel.stats;
  if (gaveUp && patience > 0 && messagesSent > 0 && messagesReceived === 0) {
    throw new Error(
      `the server did not answer within ${
        patience / 1000
      } s of the end of standard input, and a later answer is lost: ` +
        "--wait SECONDS waits longer, --wait 0 expects no answer",
    );
  }
}

/** Whether something failed only because the channel was closed in order. */
export function isClosed(error: unknown): boolean {
  return error instanceof ChannelError && error.code === "closed";
}

async function sendAll(channel: Channel, stream: ByteStream): Promise<void> {
  for (let bytes = await stream.read(); bytes !== null; bytes = await stream.read()) {
    if (bytes.length > 0) await channel.send(bytes);
  }
}

async function receiveAll(channel: Channel, stream: ByteStream, arrivals: { last: number }): Promise<void> {
  for await (const message of channel) {
    arrivals.last = performance.now();
    await stream.write(message);
  }
  await stream.end();
}

/** Resolves once nothing has come for `patience` milliseconds, or nothing more can come. */
async function silence(
  arrivals: { readonly last: number },
  receiving: Promise<void>,
  patience: number,
): Promise<void> {
  const ended = performance.now();
  for (;;) {
    const left = Math.max(arrivals.last, ended) + patience - performance.now();
    if (left <= 0 || await settlesWithin(left, receiving)) return;
  }
}
