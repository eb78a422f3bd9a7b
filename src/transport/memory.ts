/**
 * Two transports joined in memory, for tests, for benchmarks, and for a client and a server in one program.
 *
 * @example
 * ```ts
 * import { memoryPair } from "@fesa/channel/memory";
 *
 * const [client, server] = memoryPair();
 * const writer = client.writable.getWriter();
 * await writer.write(new TextEncoder().encode("hello"));
 * await writer.close();
 * const text = await new Response(server.readable as ReadableStream<Uint8Array<ArrayBuffer>>).text();
 * if (text !== "hello") throw new Error(text);
 * ```
 *
 * @module
 */

import { ChannelError } from "../errors.ts";
import type { Transport } from "../wire.ts";

export type { Transport } from "../wire.ts";

/** How a {@link memoryPair} behaves. */
export interface MemoryPairOptions {
  /** Bytes that each direction buffers before its writer waits for the reader; 65,536 by default. */
  readonly highWaterMark?: number;
  /**
   * Splits what is written into other chunks, as a network would: a number of bytes for each chunk, or a function that
   * gives the chunks. For tests only; by default chunks arrive as they were written.
   */
  readonly recut?: number | Recut;
}

/** Returns the chunks that arrive for a chunk that was written. */
export type Recut = (chunk: Uint8Array) => Iterable<Uint8Array>;

/**
 * Returns two transports, each the other's peer. A chunk is passed on, not copied: whoever wrote it must not change it
 * afterwards. A direction that is closed, aborted or cancelled at one end also ends at the other.
 *
 * @param options The high-water mark, and re-cutting for tests.
 * @returns Both ends.
 * @throws {RangeError} If `highWaterMark` or `recut` is not a positive whole number.
 * @example
 * ```ts
 * import { memoryPair } from "@fesa/channel/memory";
 *
 * const [a, b] = memoryPair({ recut: 1 });
 * const writer = a.writable.getWriter();
 * await writer.write(new Uint8Array(3));
 * const { value } = await b.readable.getReader().read();
 * if (value?.length !== 1) throw new Error("not cut");
 * ```
 */
export function memoryPair(options: MemoryPairOptions = {}): [Transport, Transport] {
  const { highWaterMark = 65_536, recut } = options;
  checkSize("highWaterMark", highWaterMark);
  const cut = typeof recut === "number" ? cutBy(recut) : recut;
  const there = pipe(highWaterMark, cut);
  const back = pipe(highWaterMark, cut);
  return [
    { readable: back.readable, writable: there.writable },
    { readable: there.readable, writable: back.writable },
  ];
}

/**
 * Makes one direction. A TransformStream cannot give the other end an error of our own. Waiting chunks are kept here and not
 * in the stream, since workerd's streams do not pull when a buffered chunk is read.
 */
function pipe(highWaterMark: number, cut: Recut | undefined): Transport {
  let source!: ReadableStreamDefaultController<Uint8Array>;
  let sink!: WritableStreamDefaultController;
  const waiting: Uint8Array[] = [];
  let held = 0;
  let ended = false;
  let give: ((chunk: Uint8Array) => void) | undefined; // set while the reader waits
  let wakeWriter = () => {};

  const readable = new ReadableStream<Uint8Array>({
    start: (controller) => void (source = controller),
    pull: () => {
      const chunk = waiting.shift();
      if (chunk === undefined) {
        return new Promise<void>((resolve) => {
          give = (chunk) => {
            give = undefined;
            source.enqueue(chunk);
            resolve();
          };
        });
      }
      held -= chunk.length;
      source.enqueue(chunk);
      if (ended && waiting.length === 0) source.close();
      if (held < highWaterMark) wakeWriter();
    },
    cancel: (cause) => {
      sink.error(new ChannelError("transport", "the peer reads no more", { cause }));
      wakeWriter();
    },
  }, { highWaterMark: 0 });

  const writable = new WritableStream<Uint8Array>({
    start: (controller) => {
      sink = controller;
      controller.signal.addEventListener("abort", () => wakeWriter()); // a waiting write must not delay the abort
    },
    write: (chunk) => {
      for (const piece of cut ? cut(chunk) : [chunk]) {
        if (give) give(piece);
        else {
          waiting.push(piece);
          held += piece.length;
        }
      }
      if (held >= highWaterMark) return new Promise<void>((resolve) => wakeWriter = resolve);
    },
    close: () => {
      ended = true;
      if (waiting.length === 0) source.close();
    },
    abort: (cause) =>
      source.error(new ChannelError("transport", "the peer aborted the transport", { cause })),
  });

  return { readable, writable };
}

function cutBy(size: number): Recut {
  checkSize("recut", size);
  return function* (chunk) {
    for (let i = 0; i < chunk.length; i += size) yield chunk.subarray(i, i + size);
  };
}

function checkSize(name: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 1) {
    throw new RangeError(`${name} is not a positive whole number`);
  }
}
