import { assert, channelError, test } from "./_kit/mod.ts";
import { ChannelError } from "../src/errors.ts";
import { memoryPair } from "../src/transport/memory.ts";
import type { Transport } from "../src/connection.ts";
import { Wire } from "../src/wire.ts";

function wires(options?: Parameters<typeof memoryPair>[0]): [Wire, Wire] {
  const [a, b] = memoryPair(options);
  return [new Wire(a), new Wire(b)];
}

test("wire: bytes come in order however they are cut, and views of them stay valid", async () => {
  for (const recut of [1, 3, 1000]) {
    const [a, b] = wires({ recut });
    const data = Uint8Array.from({ length: 500 }, (_, i) => i);
    const sent = a.write(data).then(() => a.end());
    const views: Uint8Array[] = [];
    for (let offset = 0; offset < data.length; offset += 50) {
      assert.ok(await b.fill(50));
      views.push(b.buffered.subarray(0, 50));
      b.consume(50);
    }
    assert.ok(!await b.fill(1));
    await sent;
    views.forEach((view, i) => assert.deepEqual(view, data.subarray(50 * i, 50 * i + 50)));
    assert.deepEqual([a.sent, b.received], [500, 500]);
  }
});

test("wire: fill tells that the stream ended early, and keeps what came", async () => {
  const [a, b] = wires();
  await a.write(new Uint8Array(3));
  await a.end();
  assert.ok(!await b.fill(4));
  assert.equal(b.buffered.length, 3);
});

test("wire: an abort ends pending and later calls with its own error", async () => {
  const [a] = wires();
  const waiting = channelError(() => a.fill(1), "timeout");
  const error = new ChannelError("timeout", "too slow");
  a.abort(error);
  a.abort(new ChannelError("protocol", "a later one"));
  assert.equal(await waiting, error);
  assert.equal(await channelError(() => a.write(new Uint8Array(1))), error);
  assert.equal(await channelError(() => a.end()), error);
  assert.equal(await channelError(() => a.fill(1)), error);
});

test("wire: a peer that is told of a failure has ended, or has had a second, before its connection is reset", async () => {
  const error = new ChannelError("protocol", "wrong");
  for (const more of [9, 100_000, 2 ** 24]) {
    const [near, far] = memoryPair();
    const wire = new Wire(near);
    const started = performance.now();
    const done = wire.abortAfter(error, () => wire.write(Uint8Array.of(7)));
    const writer = far.writable.getWriter();
    await writer.write(new Uint8Array(more)); // before the peer has read the notification
    const reader = far.readable.getReader();
    assert.deepEqual((await reader.read()).value, Uint8Array.of(7));
    assert.ok((await reader.read()).done);
    if (more === 2 ** 24) {
      const reset = channelError(() => writer.closed, "transport");
      const taken = writer.write(new Uint8Array(more)).then(() => "taken", () => "refused");
      assert.equal(await Promise.race([done, taken]), undefined); // so much is not read
      await reset;
      assert.ok(performance.now() - started > 900);
    } else {
      await writer.write(new Uint8Array(more)); // waits until the first bytes are read
      await writer.close(); // fails after a reset
      await done;
    }
    assert.equal(await channelError(() => wire.fill(1)), error);
  }
});

test("wire: a time limit and a signal end the work within, before it and during it", async () => {
  const [a] = wires();
  await channelError(() => a.within({ milliseconds: 20 }, () => a.fill(1)), "timeout");
  // The error says what the wire waited for.
  const late = async (wire: Wire, work: () => Promise<unknown>): Promise<string> =>
    (await channelError(() => wire.within({ milliseconds: 20, name: "it" }, work), "timeout")).message;
  const nothing = "it took more than 20 ms: nothing came from the peer";
  const [silent] = wires();
  assert.equal(await late(silent, () => silent.fill(1)), nothing);
  const [reader, writer] = wires();
  await writer.write(new Uint8Array(3));
  assert.equal(await late(reader, () => reader.fill(9)), nothing.replace("nothing", "no more than 3 bytes"));
  const [stuck] = wires();
  const fill = async () => {
    for (;;) await stuck.write(new Uint8Array(100_000));
  };
  assert.match(await late(stuck, fill), /: the peer accepts no more bytes$/);
  const [undecided] = wires();
  assert.match(
    await late(undecided, () => new Promise(() => {})),
    /: this side has not finished$/,
  );
  const [b] = wires();
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 10);
  await channelError(() => b.within({ signal: controller.signal }, () => b.fill(1)), "aborted");
  const [c] = wires();
  await channelError(() => c.within({ signal: AbortSignal.abort() }, () => Promise.resolve()), "aborted");
  const [d] = wires();
  assert.equal(await d.within({ milliseconds: 1000 }, () => Promise.resolve(7)), 7);
});

test("wire: a transport that fails is a transport error with its cause", async () => {
  const cause = new Error("cable cut");
  const wire = new Wire({
    readable: new ReadableStream({ pull: () => Promise.reject(cause) }),
    writable: new WritableStream({ write: () => Promise.reject(cause) }),
  });
  const error = await channelError(() => wire.fill(1), "transport");
  assert.equal(error.cause, cause);
  await channelError(() => wire.write(new Uint8Array(1)), "transport");
});

test("wire: a transport that can end one direction alone, as a Deno.Conn can, still reads after its end", async () => {
  const [near, far] = memoryPair();
  let closed = false;
  const writer = near.writable.getWriter();
  const writable = new WritableStream<Uint8Array>({ close: () => void (closed = true) });
  const wire = new Wire({ readable: near.readable, writable, closeWrite: () => writer.close() } as Transport);
  await wire.end();
  assert.equal((await far.readable.getReader().read()).done, true);
  await far.writable.getWriter().write(Uint8Array.of(7));
  assert.deepEqual(await wire.take(1), Uint8Array.of(7));
  assert.equal(closed, false);
});

/** Each request of workerd has its own turns, and its clock stands still while it works. */
const LOOPS = { on: ["node", "deno", "bun", "chromium", "firefox", "webkit"] } as const;

test("wire: work under a time limit does not wait for all transfers of the same address", LOOPS, async () => {
  const peer = { address: "192.0.2.1" };
  const from = () => new Wire({ ...memoryPair()[0], peer } as Transport);
  const order: string[] = [];
  const turns = ["transfer 1", "transfer 2", "transfer 3"].map(async (name) => {
    await from().nextTurn();
    order.push(name);
    for (const end = performance.now() + 5; performance.now() < end;); // uses up its address's share of time
  });
  const wire = from();
  await wire.within({ milliseconds: 60_000 }, () => wire.nextTurn());
  order.push("handshake");
  await Promise.all(turns);
  assert.equal(order.join(), "transfer 1,handshake,transfer 2,transfer 3");
});
