/** Exchanges data over a session in both directions at once. */
import { concat } from "../../src/bytes.ts";
import type { TlsConnection } from "../../src/tls/mod.ts";
import { assert } from "./mod.ts";
import type { PeerProgram } from "./peer.ts";

/** Returns pseudorandom bytes, which are the same for the same seed. */
export function pattern(length: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(length);
  const words = new Uint32Array(bytes.buffer, 0, length >> 2);
  let state = seed | 1;
  for (let i = 0; i < words.length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[i] = state;
  }
  return bytes;
}

/** Reads exactly this many bytes. */
export async function readBytes(readable: ReadableStream<Uint8Array>, length: number): Promise<Uint8Array> {
  const reader = readable.getReader();
  const chunks: Uint8Array[] = [];
  for (let have = 0; have < length;) {
    const { value, done } = await reader.read();
    if (done) break;
    chunks.push(value);
    have += value.length;
  }
  reader.releaseLock();
  return concat(...chunks);
}

/** Sends bytes in parts whose size is not a multiple of the record size. */
export async function sendBytes({ writable }: TlsConnection, bytes: Uint8Array): Promise<void> {
  const writer = writable.getWriter();
  const step = 1_000_003;
  for (let i = 0; i < bytes.length; i += step) await writer.write(bytes.subarray(i, i + step));
  writer.releaseLock();
}

/** Exchanges data with a program in both directions at once. This side ends first, and then the program. */
export async function exchangeWithProgram(
  connection: TlsConnection,
  peer: PeerProgram,
  size: number,
): Promise<void> {
  const [up, down] = [pattern(size, 1), pattern(size, 2)];
  peer.input(down);
  const [received] = await Promise.all([
    readBytes(connection.readable, size),
    sendBytes(connection, up),
  ]);
  assert.deepEqual(received, down);
  assert.deepEqual(await peer.output(size), up);
  await connection.close();
  await connection.closed;
}
