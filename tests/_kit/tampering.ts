/** Tampers with sessions: flips a bit, ends too early, or cuts the chunks elsewhere. */
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

/** One side of a recording: the bytes that it is given, and the data that it must deliver. */
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

/** Asserts that a flipped bit ends in an error: bad_record_mac if the bit is in a protected fragment. */
export async function assertFlipNoticed(side: Side, offset: number): Promise<void> {
  const bytes = side.bytes.slice();
  bytes[offset] ^= 1 << offset % 8;
  const { data, error } = await side.run([bytes]);
  const where = `${side.name}, byte ${offset} of ${bytes.length}: ${error}`;
  assert.ok(error !== undefined, where);
  assertBeginning(data, side.expected, where);
  if (error.code === "truncated") return; // a length was made larger
  assert.equal(error.direction, "sent", where);
  const { start } = recordsOf(side.bytes).findLast(({ start }) => start <= offset)!;
  if (start >= protectedFrom(side.bytes) && offset - start >= 5) {
    assert.equal(error.alert, "bad_record_mac", where);
  }
}

/** Asserts the same for each byte of a range; by default for the whole session. */
export async function assertFlipsNoticed(
  side: Side,
  from = 0,
  to: number = side.bytes.length,
): Promise<void> {
  for (let offset = from; offset < to; offset++) {
    // Before the version is settled, a record may say any 3.x (RFC 5246 appendix E.1, RFC 8446 section 5.1).
    if (offset !== 2) await assertFlipNoticed(side, offset);
  }
}

/** Asserts that a session is truncated wherever it ends early. */
export async function assertEndsNoticed({ name, bytes, expected, run }: Side): Promise<void> {
  for (let length = 0; length < bytes.length; length++) {
    const { data, error } = await run([bytes.subarray(0, length)]);
    assert.equal(error?.code, "truncated", `${name}, ${length} bytes: ${error}`);
    assertBeginning(data, expected, name);
  }
}

/** Asserts that the result does not depend on how the bytes are cut into chunks, also if close_notify is damaged. */
export async function assertCutsIgnored({ name, bytes, expected, run }: Side): Promise<void> {
  const { start } = recordsOf(bytes).at(-1)!;
  const spoilt = bytes.slice();
  spoilt[start + 10] ^= 1; // all data arrives, then close_notify does not authenticate
  for (const size of [1, 2, 3, 7, 64, 1000, bytes.length]) {
    const whole = await run(pieces(bytes, size));
    assert.deepEqual(whole, { data: expected, error: undefined }, `${name} by ${size}`);
    const { data, error } = await run(pieces(spoilt, size));
    assert.deepEqual([data, error?.alert], [expected, "bad_record_mac"], `${name} by ${size}`);
  }
}

/** Returns where protected records begin: after ChangeCipherSpec in TLS 1.2, with the first application data record in TLS 1.3. */
export function protectedFrom(bytes: Uint8Array): number {
  const records = recordsOf(bytes);
  const last = records.findLast(({ type }) => type === 20);
  const isTls13 = records.at(-1)!.type === 23;
  return isTls13 || last === undefined ? records.find(({ type }) => type === 23)!.start : last.end;
}

function assertBeginning(data: Uint8Array, expected: Uint8Array, message: string): void {
  assert.deepEqual(data, expected.subarray(0, data.length), message);
}
