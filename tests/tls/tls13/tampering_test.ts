import { concat, pieces } from "../../../src/bytes.ts";
import { generateEd25519Key } from "../../../src/crypto/ec/ed25519.ts";
import { assert, ENGINES, test } from "../../_kit/mod.ts";
import {
  CLIENT_DATA,
  type Outcome,
  recordsOf,
  replayClient,
  replayServer,
  SERVER_DATA,
} from "../../_kit/replay.ts";
import { recordTls13, type Tls13Recording } from "./_recording.ts";

const key = generateEd25519Key();
const recording = recordTls13(
  "TLS_CHACHA20_POLY1305_SHA256",
  { certificateTypes: ["raw"], verifyPeer: () => {}, groups: ["x25519"], credentials: { key } },
  {
    credentials: [{ key }],
    groups: ["x25519"],
    clientAuthentication: { verifyPeer: () => {}, certificateTypes: ["raw"] },
  },
);
const retried = recordTls13(
  "TLS_CHACHA20_POLY1305_SHA256",
  { certificateTypes: ["raw"], verifyPeer: () => {}, groups: ["x25519", "secp256r1"] },
  { credentials: [{ key }], groups: ["secp256r1"] },
);

/** One side of a recording: what it is given, and what it has to make of it. */
interface Side {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly expected: Uint8Array;
  readonly run: (chunks: Iterable<Uint8Array>) => Promise<Outcome>;
}

function sides(recording: Tls13Recording): Side[] {
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

function assertBeginning(data: Uint8Array, expected: Uint8Array, message: string): void {
  assert.deepEqual(data, expected.subarray(0, data.length), message);
}

/** A flipped bit ends in an error, with bad_record_mac wherever a protected fragment is hit. */
async function flip(side: Side, offset: number): Promise<void> {
  const bytes = side.bytes.slice();
  bytes[offset] ^= 1 << offset % 8;
  const { data, error } = await side.run([bytes]);
  const where = `${side.name}, byte ${offset} of ${bytes.length}: ${error}`;
  assert.ok(error !== undefined, where);
  assertBeginning(data, side.expected, where);
  if (error.code === "truncated") return; // a length was made larger
  assert.equal(error.direction, "sent", where);
  const { start, type } = recordsOf(side.bytes).findLast(({ start }) => start <= offset)!;
  if (type === 23 && offset - start >= 5) assert.equal(error.alert, "bad_record_mac", where);
}

test(
  "tls 1.3: a flipped bit in any byte of a session ends in one error, on either side",
  { on: ENGINES },
  async () => {
    for (const side of sides(await recording)) {
      for (let offset = 0; offset < side.bytes.length; offset++) {
        // RFC 8446 section 5.1: before the version is settled, a record may say any 3.x.
        if (offset !== 2) await flip(side, offset);
      }
    }
  },
);

test(
  "tls 1.3: a flipped bit in any byte of a handshake with a HelloRetryRequest",
  { on: ENGINES, timeout: 120_000 },
  async () => {
    for (const side of sides(await retried)) {
      const end = recordsOf(side.bytes).filter(({ type }) => type !== 23).at(-1)!.end;
      for (let offset = 0; offset < end; offset++) if (offset !== 2) await flip(side, offset);
    }
  },
);

test("tls 1.3: a session cut off after any byte is truncated, on either side", { on: ENGINES }, async () => {
  for (const side of sides(await recording)) {
    for (let length = 0; length < side.bytes.length; length++) {
      const { data, error } = await side.run([side.bytes.subarray(0, length)]);
      assert.equal(error?.code, "truncated", `${side.name}, ${length} bytes: ${error}`);
      assertBeginning(data, side.expected, side.name);
    }
  }
});

test("tls 1.3: any cutting of the bytes gives the same result, on either side", { on: ENGINES }, async () => {
  for (const one of [await recording, await retried]) {
    for (const side of sides(one)) {
      const { start } = recordsOf(side.bytes).at(-1)!;
      const spoilt = side.bytes.slice();
      spoilt[start + 10] ^= 1; // all data arrives, then close_notify does not authenticate
      for (const size of [1, 2, 3, 7, 64, 1000, side.bytes.length]) {
        const whole = await side.run(pieces([side.bytes], size));
        assert.deepEqual(whole, { data: side.expected, error: undefined }, `${side.name} by ${size}`);
        const { data, error } = await side.run(pieces([spoilt], size));
        assert.deepEqual([data, error?.alert], [side.expected, "bad_record_mac"], `${side.name} by ${size}`);
      }
    }
  }
});
