import { assert, channelError, test } from "../_kit/mod.ts";
import { memoryPair } from "../../src/transport/memory.ts";
import { concat } from "../../src/bytes.ts";
import { Wire } from "../../src/wire.ts";
import { readAll, readChunks } from "./_streams.ts";

const numbered = (length: number) => Uint8Array.from({ length }, (_, i) => i);

test("memory: what is written arrives, both ways, and the end of one direction is seen", async () => {
  const [a, b] = memoryPair();
  for (const [from, to] of [[a, b], [b, a]]) {
    const writer = from.writable.getWriter();
    const sending = writer.write(numbered(10)).then(() => writer.close());
    assert.deepEqual(await readAll(to), numbered(10));
    await sending;
  }
});

test("memory: re-cutting changes the chunks and not the bytes", async () => {
  const halves = (
    chunk: Uint8Array,
  ) => [chunk.subarray(0, chunk.length >> 1), chunk.subarray(chunk.length >> 1)];
  for (const [recut, sizes] of [[1, [1, 1, 1, 1, 1]], [3, [3, 2]], [halves, [2, 3]]] as const) {
    const [a, b] = memoryPair({ recut });
    const writer = a.writable.getWriter();
    await writer.write(numbered(5));
    void writer.close();
    const received = await readChunks(b);
    assert.deepEqual(received.map((chunk) => chunk.length), sizes);
    assert.deepEqual(concat(...received), numbered(5));
  }
  assert.throws(() => memoryPair({ recut: 0 }), RangeError);
  assert.throws(() => memoryPair({ highWaterMark: -1 }), RangeError);
});

test("memory: a reader that does not read blocks the writer at the high-water mark", async () => {
  const [a, b] = memoryPair({ highWaterMark: 10_000 });
  const writer = a.writable.getWriter();
  let taken = 0;
  const sending = (async () => {
    for (let i = 0; i < 100; i++) {
      await writer.write(new Uint8Array(1000));
      taken += 1000;
    }
    await writer.close();
  })();
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.ok(taken >= 9000 && taken <= 10_000, `${taken} bytes were taken`);
  assert.equal((await readAll(b)).length, 100_000);
  await sending;
});

test("memory: an abort and a cancellation are seen at the other end, also by a write that waits", async () => {
  const [a, b] = memoryPair({ highWaterMark: 1 });
  const writer = a.writable.getWriter();
  const waiting = writer.write(new Uint8Array(10));
  await writer.abort(new Error("enough"));
  await waiting.catch(() => {});
  const error = await channelError(() => b.readable.getReader().read(), "transport");
  assert.equal((error.cause as Error).message, "enough");

  const held = b.writable.getWriter();
  const second = held.write(new Uint8Array(10));
  await a.readable.cancel();
  await second.catch(() => {});
  await channelError(() => held.write(new Uint8Array(1)), "transport");
});

test("memory: a transport is used once, directly or by its streams, which a copy shares", async () => {
  const [used, peer] = memoryPair();
  const wire = new Wire(used);
  await wire.write(numbered(3));
  assert.deepEqual((await peer.readable.getReader().read()).value, numbered(3));
  assert.ok(used.readable.locked && used.writable.locked);
  assert.throws(() => new Wire(used), TypeError);
  assert.throws(() => new Wire(peer), TypeError);

  const [a, b] = memoryPair();
  const copy = { ...a };
  assert.ok(copy.readable === a.readable && copy.writable === a.writable);
  const overStreams = new Wire(a);
  assert.ok(copy.readable.locked && copy.writable.locked);
  await overStreams.write(numbered(4));
  await overStreams.end();
  assert.deepEqual(await readAll(b), numbered(4));
});

test("memory: a writable that is asked for after the peer's cancellation has failed", async () => {
  const [a, b] = memoryPair();
  await b.readable.cancel();
  const writer = a.writable.getWriter();
  await channelError(() => writer.closed, "transport");
  await channelError(() => writer.write(new Uint8Array(1)), "transport");
});

test("memory: writes that were begun at once arrive in order, before the end", async () => {
  const [a, b] = memoryPair({ highWaterMark: 1 });
  const wire = new Wire(a);
  const writing = [1, 2, 3].map((length) => wire.write(numbered(length)));
  const ended = wire.end();
  assert.deepEqual((await readChunks(b)).map(({ length }) => length), [1, 2, 3]);
  await Promise.all([...writing, ended]);
});
