/** Tampers with sessions: flips a bit, ends the stream too early, or changes the boundaries of chunks. */
import { concat, pieces } from "../../src/bytes.ts";
import { assert } from "./mod.ts";
import {
  CLIENT_DATA,
  type Outcome,
  type Recording,
  recordsOf,
  replayClient,
  replayServer,
  SERVER_DATA,
} from "./replay.ts";

/** One side of a recording: the bytes that it receives, and the data that it must deliver. */
export interface Side {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly expected: Uint8Array;
  readonly run: (chunks: Iterable<Uint8Array>) => Promise<Outcome>;
}

/** Both sides of a recording. */
export function sides(recording: Recording): readonly [Side, Side] {
  return [
    {
      name: "client",
      bytes: recording.toClient,
      expected: concat(...SERVER_DATA),
      run: (chunks) => replayClient(recording, chunks),
    },
    {
      name: "server",
      bytes: recording.toServer,
      expected: concat(...CLIENT_DATA),
      run: (chunks) => replayServer(recording, chunks),
    },
  ];
}

/** Asserts that a flipped bit causes an error, which is bad_record_mac if the bit is in a protected fragment. */
export async function assertFlipNoticed(side: Side, offset: number): Promise<void> {
  const bytes = side.bytes.slice();
  bytes[offset] ^= 1 << offset % 8;
  const { data, error } = await side.run([bytes]);
  const where = `${side.name}, byte ${offset} of ${bytes.length}: ${error}`;
  assert.ok(error !== undefined, where);
  assertBeginning(data, side.expected, where);
  if (error.code === "truncated") return; // the flip has made a length larger
  assert.equal(error.direction, "sent", where);
  const { start } = recordsOf(side.bytes).findLast(({ start }) => start <= offset)!;
  if (start >= protectedFrom(side.bytes) && offset - start >= 5) {
    assert.equal(error.alert, "bad_record_mac", where);
  }
}

/** Asserts that a flipped bit in each byte of a range causes an error. The default range is the whole session. */
export async function assertFlipsNoticed(
  side: Side,
  from = 0,
  to: number = side.bytes.length,
): Promise<void> {
  for (let offset = from; offset < to; offset++) {
    // Before the version is determined, a record may have any version 3.x (RFC 5246 appendix E.1, RFC 8446 section 5.1).
    if (offset !== 2) await assertFlipNoticed(side, offset);
  }
}

/** Asserts that an early end at every position is reported as a truncation. */
export async function assertEndsNoticed({ name, bytes, expected, run }: Side): Promise<void> {
  for (let length = 0; length < bytes.length; length++) {
    const { data, error } = await run([bytes.subarray(0, length)]);
    assert.equal(error?.code, "truncated", `${name}, ${length} bytes: ${error}`);
    assertBeginning(data, expected, name);
  }
}

/** Asserts that the result does not depend on the boundaries of chunks, even if close_notify is damaged. */
export async function assertCutsIgnored({ name, bytes, expected, run }: Side): Promise<void> {
  const { start } = recordsOf(bytes).at(-1)!;
  const spoilt = bytes.slice();
  spoilt[start + 10] ^= 1; // all data arrives, but close_notify is not authentic
  for (const size of [1, 2, 3, 7, 64, 1000, bytes.length]) {
    const whole = await run(pieces(bytes, size));
    assert.deepEqual(whole, { data: expected, error: undefined }, `${name} by ${size}`);
    const { data, error } = await run(pieces(spoilt, size));
    assert.deepEqual([data, error?.alert], [expected, "bad_record_mac"], `${name} by ${size}`);
  }
}

/**
 * Returns the offset of the first protected record: after ChangeCipherSpec in TLS 1.2, at the first application data record
 * in TLS 1.3.
 */
export function protectedFrom(bytes: Uint8Array): number {
  const records = recordsOf(bytes);
  const last = records.findLast(({ type }) => type === 20);
  const isTls13 = records.at(-1)!.type === 23;
  return isTls13 || last === undefined ? records.find(({ type }) => type === 23)!.start : last.end;
}

function assertBeginning(data: Uint8Array, expected: Uint8Array, message: string): void {
  assert.deepEqual(data, expected.subarray(0, data.length), message);
}
