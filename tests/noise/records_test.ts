import { concat, toUtf8 } from "../../src/bytes.ts";
import { ChannelError } from "../../src/errors.ts";
import { cipherByName, CipherState } from "../../src/noise/mod.ts";
import type { NativeInfo } from "../../src/noise/profile.ts";
import { RecordCipher, type RecordSuite } from "../../src/noise/record_cipher.ts";
import { NoiseSession } from "../../src/noise/session.ts";
import { memoryPair } from "../../src/transport/memory.ts";
import type { Transport } from "../../src/connection.ts";
import { Wire } from "../../src/wire.ts";
import { assert, channelError, test } from "../_kit/mod.ts";
import { everything } from "./_helpers.ts";

const KEY = new Uint8Array(32).fill(7);
const INFO = {} as NativeInfo; // the records do not look at it

const CHACHA_POLY = cipherByName("ChaChaPoly");
const SUITE: RecordSuite = { ...CHACHA_POLY, recordAead: CHACHA_POLY.aead };

/** An AES-GCM whose results are delayed, the first results the most. */
const SLOW: RecordSuite = {
  ...cipherByName("AESGCM"),
  recordAead: (key) => {
    const aead = cipherByName("AESGCM").aead(key);
    let wait = 20;
    const later = async <T>(work: () => T): Promise<T> => {
      await new Promise((resolve) => setTimeout(resolve, wait = (wait + 13) % 20));
      return work();
    };
    return {
      encrypt: (...given) => later(() => aead.encrypt(...given)),
      decrypt: (...given) => later(() => aead.decrypt(...given)),
    };
  },
};

/** A session over its end of a transport. Both directions have the same key, which is only for these tests. */
function session(transport: Transport, suite: RecordSuite = SUITE): NoiseSession {
  return sessionOver(new Wire(transport), suite);
}

function sessionOver(wire: Wire, suite: RecordSuite): NoiseSession {
  return new NoiseSession(wire, INFO, new RecordCipher(suite, KEY), new RecordCipher(suite, KEY));
}

/** Returns the records that a session writes during `work`. */
async function recorded(
  work: (session: NoiseSession) => Promise<void>,
  suite: RecordSuite = SUITE,
): Promise<Uint8Array[]> {
  const [near, far] = memoryPair({ highWaterMark: 10_000_000 });
  const wire = new Wire(near);
  await work(sessionOver(wire, suite));
  await wire.end().catch(() => {}); // a failure has ended it already
  const bytes = await everything(far);
  const records: Uint8Array[] = [];
  for (let offset = 0; offset < bytes.length;) {
    const length = bytes[offset] << 8 | bytes[offset + 1];
    const end = offset + 2 + (length === 1 ? 17 : length);
    records.push(bytes.subarray(offset, end));
    offset = end;
  }
  return records;
}

/** Returns the data that a session reads from these bytes up to the end, or the error. */
async function replayed(
  bytes: Uint8Array,
  suite: RecordSuite = SUITE,
): Promise<{ read: string[]; error?: ChannelError }> {
  const [near, far] = memoryPair({ highWaterMark: 10_000_000 });
  const wire = new Wire(near);
  await wire.write(bytes);
  await wire.end();
  const receiver = session(far, suite);
  const read: string[] = [];
  try {
    for (let data = await receiver.read(); data; data = await receiver.read()) {
      read.push(new TextDecoder().decode(data));
    }
    return { read };
  } catch (error) {
    assert.ok(error instanceof ChannelError, String(error));
    return { read, error };
  }
}

const TEXTS = ["zero", "one", "two"];
const CONVERSATION = async (sender: NoiseSession) => {
  for (const text of TEXTS) await sender.write([toUtf8(text)]);
  await sender.close();
};

test("a record adds 18 bytes, an end is 18 bytes", async () => {
  const records = await recorded(CONVERSATION);
  assert.deepEqual(records.map(({ length }) => length), [...TEXTS.map(({ length }) => length + 18), 18]);
  assert.deepEqual(await replayed(concat(...records)), { read: TEXTS });
});

test("a flipped bit anywhere delivers nothing from there on", async () => {
  const records = await recorded(CONVERSATION);
  const starts = records.map((_, i) => concat(...records.slice(0, i)).length);
  const bytes = concat(...records);
  for (let i = 0; i < bytes.length; i++) {
    for (const bit of [0, i % 7 + 1]) {
      const changed = bytes.slice();
      changed[i] ^= 1 << bit;
      const { read, error } = await replayed(changed);
      const whole = starts.filter((start) => start <= i).length - 1;
      assert.ok(error, `byte ${i}`);
      assert.deepEqual(read, TEXTS.slice(0, whole), `byte ${i}`);
    }
  }
});

test("a cut anywhere is an error, after the complete data before it", async () => {
  const records = await recorded(CONVERSATION);
  const bytes = concat(...records);
  for (let length = 0; length < bytes.length; length++) {
    const { read, error } = await replayed(bytes.subarray(0, length));
    assert.equal(error?.code, "truncated", `${length} bytes`);
    const whole = records.filter((_, i) => concat(...records.slice(0, i + 1)).length <= length).length;
    assert.deepEqual(read, TEXTS.slice(0, whole));
  }
});

test("dropping, doubling and reordering records are errors at that place", async () => {
  const [a, b, c, end] = await recorded(CONVERSATION);
  const cases: [string, Uint8Array[], string[]][] = [
    ["the first dropped", [b, c, end], []],
    ["one in the middle dropped", [a, c, end], ["zero"]],
    ["the last before the end dropped", [a, b, end], ["zero", "one"]],
    ["one doubled", [a, a, b, c, end], ["zero"]],
    ["the last doubled", [a, b, c, c, end], TEXTS],
    ["two exchanged", [a, c, b, end], ["zero"]],
    ["an end brought forward", [a, end, b, c], ["zero"]],
    ["a record of another session", [a, b, (await recorded(CONVERSATION, SLOW))[2]], ["zero", "one"]],
  ];
  for (const [name, records, expected] of cases) {
    const { read, error } = await replayed(concat(...records));
    assert.equal(error?.code, "decrypt", name);
    assert.deepEqual(read, expected, name);
  }
});

test("after a failure even authentic records are not delivered", async () => {
  const [a, b] = await recorded(CONVERSATION);
  const [near, far] = memoryPair();
  await new Wire(near).write(concat(a, Uint8Array.of(0, 20), new Uint8Array(20), b));
  const receiver = session(far);
  assert.deepEqual(await receiver.read(), toUtf8("zero"));
  const error = await channelError(() => receiver.read(), "decrypt");
  assert.equal(await channelError(() => receiver.read()), error);
});

test("invalid record lengths are refused", async () => {
  for (const length of [0, 2, 15]) {
    const { error } = await replayed(concat(Uint8Array.of(0, length), new Uint8Array(40)));
    assert.equal(error?.code, "protocol");
  }
});

test("large data is sent in few writes and full records", async () => {
  const [near, far] = memoryPair({ highWaterMark: 10_000_000 });
  const sender = session(near);
  const receiver = session(far);
  const size = 1_000_003;
  const data = Uint8Array.from({ length: size }, (_, i) => i * 31 >> 4);
  const sent = await recorded((other) => other.write([data.subarray(0, 5), data.subarray(5)]));
  assert.equal(sent.length, Math.ceil(size / 65_518));
  assert.ok(sent.every(({ length }) => length <= 65_537));

  await sender.write([data.subarray(0, 5), data.subarray(5, 5), data.subarray(5)]);
  await sender.write([]);
  await sender.close();
  const received: Uint8Array[] = [];
  for (let part = await receiver.read(); part; part = await receiver.read()) received.push(part);
  assert.deepEqual(concat(...received), data);
});

test("both sides take a new key after 65,536 records", () => {
  const [sender, receiver] = [SUITE, SUITE].map((suite) => new RecordCipher(suite, KEY));
  const byHand = new CipherState(CHACHA_POLY);
  byHand.initializeKey(KEY);
  byHand.setNonce(65_535n);
  const none = new Uint8Array();
  for (let i = 0; i < 65_535; i++) receiver.open(none, sender.seal(none, none) as Uint8Array);
  for (const text of TEXTS.map(toUtf8)) {
    const sealed = sender.seal(none, text) as Uint8Array;
    assert.deepEqual(sealed, byHand.encryptWithAd(none, text));
    assert.deepEqual(receiver.open(none, sealed), text);
    if (byHand.nonce === 65_536n) byHand.rekey();
  }
});

test("records with asynchronous ciphers keep their order, and so do their failures", async () => {
  const texts = Array.from({ length: 9 }, (_, i) => `text ${i}`);
  const talk = async (sender: NoiseSession) => {
    for (const text of texts) await sender.write([toUtf8(text)]);
    await sender.close();
  };
  const records = await recorded(talk, SLOW);
  assert.deepEqual(await replayed(concat(...records), SLOW), { read: texts });
  for (let i = 0; i < records.length; i++) {
    const changed = records.map((record) => record.slice());
    changed[i][5] ^= 1;
    const { read, error } = await replayed(concat(...changed), SLOW);
    assert.deepEqual([read, error?.code], [texts.slice(0, i), "decrypt"]);
    const cut = await replayed(concat(...records.slice(0, i), records[i].subarray(0, -1)), SLOW);
    assert.deepEqual([cut.read, cut.error?.code], [texts.slice(0, i), "truncated"]);
  }
});

test("a failure is sent after the records that are being encrypted", async () => {
  const large = new Uint8Array(100_000).fill(9);
  const records = await recorded(async (sender) => {
    const writing = sender.write([large]);
    await sender.abort(new ChannelError("limit", "too much"));
    await writing.catch(() => {});
  }, SLOW);
  const { read, error } = await replayed(concat(...records), SLOW);
  assert.equal(read.join("").length, large.length);
  assert.equal(error?.code, "alert");
});

test("a failure reaches the peer, encrypted", async () => {
  const failing = async (sender: NoiseSession) => {
    await sender.write([toUtf8("zero")]);
    await sender.abort(new ChannelError("limit", "too much"));
  };
  const [data, failure] = await recorded(failing);
  assert.equal(failure.length, 19);
  const { read, error } = await replayed(concat(data, failure));
  assert.deepEqual(read, ["zero"]);
  assert.deepEqual([error?.code, error?.direction], ["alert", "received"]);
  assert.match(error!.message, /limit/);

  const forged = concat(data, Uint8Array.of(0, 1), new Uint8Array(17));
  assert.equal((await replayed(forged)).error?.code, "decrypt");
  // An encrypted byte of data is not taken for a failure, nor a failure for data.
  const [, oneByte] = await recorded(async (sender) => {
    await sender.write([toUtf8("zero")]);
    await sender.write([Uint8Array.of(3)]);
  });
  const disguised = concat(data, Uint8Array.of(0, 1), oneByte.subarray(2));
  assert.equal((await replayed(disguised)).error?.code, "decrypt");
});

test("aborting does not wait for a peer that takes nothing", async () => {
  const [near] = memoryPair({ highWaterMark: 1 });
  const sender = session(near);
  const stuck = sender.write([new Uint8Array(1_000)]);
  await sender.abort(new ChannelError("aborted", "enough"));
  await Promise.allSettled([stuck]);
});
