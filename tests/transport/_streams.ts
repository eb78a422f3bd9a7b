/** Helpers for the streams of all transports. */

import { assert } from "../_kit/mod.ts";
import { concat } from "../../src/bytes.ts";
import type { Transport } from "../../src/connection.ts";

/** Returns bytes whose values depend on their position. */
export function numbered(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => i * 31 + (i >> 8));
}

/** Writes everything in chunks, and ends the direction. */
export async function writeAll(transport: Transport, bytes: Uint8Array, size = 10_000): Promise<void> {
  const writer = transport.writable.getWriter();
  for (let i = 0; i < bytes.length; i += size) await writer.write(bytes.subarray(i, i + size));
  await writer.close();
}

/**
 * Writes everything in chunks without ending the direction, because the close of a WebSocket would also end the other
 * direction.
 */
export async function write({ writable }: Transport, bytes: Uint8Array, size = 100_000): Promise<void> {
  const writer = writable.getWriter();
  for (let i = 0; i < bytes.length; i += size) await writer.write(bytes.subarray(i, i + size));
  writer.releaseLock();
}

/** Reads this many bytes, or to the end. */
export async function read({ readable }: Transport, length: number): Promise<Uint8Array> {
  const reader = readable.getReader();
  const chunks: Uint8Array[] = [];
  for (let left = length; left > 0; left -= chunks.at(-1)!.length) {
    const { value } = await reader.read();
    if (value === undefined) break;
    chunks.push(value);
  }
  reader.releaseLock();
  return concat(...chunks);
}

/** Reads to the end. */
export async function readAll(transport: Transport): Promise<Uint8Array> {
  return concat(...await readChunks(transport));
}

/** Reads to the end, and yields the chunks, since WebKit's streams cannot be iterated. */
export async function readChunks({ readable }: Transport): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = [];
  const reader = readable.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) chunks.push(next.value);
  reader.releaseLock();
  return chunks;
}

/** A promise and what settles it. */
export function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((settle) => resolve = settle);
  return { promise, resolve };
}

/** Sends bytes to a peer that echoes them, reads them back, and closes, which the peer does in turn. */
export async function echoed(client: Transport, bytes: Uint8Array): Promise<void> {
  const [writer, reader] = [client.writable.getWriter(), client.readable.getReader()];
  const sending = writer.write(bytes);
  const received: Uint8Array[] = [];
  for (let length = 0; length < bytes.length; length += received.at(-1)!.length) {
    received.push((await reader.read()).value!);
  }
  await sending;
  assert.ok(concat(...received).every((byte, i) => byte === bytes[i]));
  await writer.close();
  assert.equal((await reader.read()).done, true);
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Writes until no more data is accepted for a while. Returns the number of bytes accepted. */
export async function takenWithoutReader(
  transport: Transport,
  chunk: number,
  enough: number,
): Promise<number> {
  const writer = transport.writable.getWriter();
  await writer.write(new Uint8Array(chunk)); // however long opening takes
  let [taken, before] = [chunk, 0];
  void (async () => {
    while (taken < enough) {
      await writer.write(new Uint8Array(chunk));
      taken += chunk;
    }
  })().catch(() => {});
  while (taken !== before) {
    before = taken;
    await pause(150);
  }
  return taken;
}

/** Sends data in both directions at once, in different chunks, and compares it. */
export async function exchange(a: Transport, b: Transport, length = 1_000_000): Promise<void> {
  const there = numbered(length);
  const back = there.slice().reverse();
  const [atB, atA] = await Promise.all([
    readAll(b),
    readAll(a),
    writeAll(a, there, 70_000),
    writeAll(b, back, 3_001),
  ]);
  assert.ok(atB.every((byte, i) => byte === there[i]) && atB.length === length);
  assert.ok(atA.every((byte, i) => byte === back[i]) && atA.length === length);
}
