/**
 * The life of a channel: its directions end separately, keepalive frames keep it alive, and it ends if the peer has
 * disappeared.
 */

import { simulated } from "../_kit/clock.ts";
import { assert, channelError, test } from "../_kit/mod.ts";
import { accept, type Channel, connect } from "../../mod.ts";
import { Control } from "../../src/message/frame.ts";
import { connectOff } from "../../src/off/session.ts";
import { memoryPair } from "../../src/transport/memory.ts";
import type { Transport } from "../../src/connection.ts";
import { Wire } from "../../src/wire.ts";
import { bytes, channelPair, closeBoth, offers, pause, requests, SETTINGS } from "./_helpers.ts";

const { off } = offers;

for (const setting of SETTINGS) {
  test(`living: ${setting}: a stream piped in and piped back comes back whole after its end`, async () => {
    const [client, server] = await channelPair(requests[setting], offers[setting]);
    const echoing = server.readable.pipeTo(server.writable);
    const got = received(client);
    await stream(20).pipeTo(client.writable);
    assert.deepEqual(await got, Array.from({ length: 20 }, (_, i) => i * 1000));
    await Promise.all([echoing, client.closed, server.closed]);
  });

  test(`living: ${setting}: a side still receives after its own end, and after close`, async () => {
    for (const finish of ["end", "close"] as const) {
      const [client, server] = await channelPair(requests[setting], offers[setting]);
      const finishing = client[finish]();
      assert.equal(await server.receive(), null);
      await channelError(() => client.send("late"), "closed");
      for (let i = 0; i < 5; i++) {
        const sent = server.send(bytes(100_000, i));
        assert.deepEqual(await client.receive(), bytes(100_000, i));
        await sent;
      }
      await Promise.all([server.end(), finishing]);
      assert.equal(await client.receive(), null);
      await Promise.all([client.closed, server.closed]);
    }
  });

  test(`living: ${setting}: closed resolves only after the peer has received everything`, async () => {
    const [client, server] = await channelPair(requests[setting], offers[setting]);
    await client.send("one");
    await client.send("two");
    let closed = false;
    const closing = Promise.all([client.close(), server.end()]).then(() => closed = true);
    assert.equal((await server.receive())?.length, 3);
    await pause(20);
    assert.equal(closed, false);
    assert.equal((await server.receive())?.length, 3);
    await closing;
    await server.closed;
  });

  test(`living: ${setting}: closed rejects on both sides if messages are not received, or the peer does not end`, async () => {
    for (const untaken of [true, false]) {
      const limits = { closeTimeout: 50 };
      const [client, server] = await channelPair(requests[setting], offers[setting], limits);
      if (untaken) {
        await client.send("one");
        await client.send("two");
        server.end().catch(() => {});
      }
      await channelError(() => client.close(), "timeout");
      await channelError(() => client.closed, "timeout");
      await channelError(() => drained(server));
    }
  });

  test(`living: ${setting}: close tells that the last message was lost, whenever the channel failed`, async () => {
    const [client, server] = await channelPair(requests[setting], offers[setting]);
    await client.send("lost");
    await server.abort("before the close");
    const error = await channelError(() => client.closed);
    assert.equal(await channelError(() => client.close()), error);
    await client[Symbol.asyncDispose](); // would replace an error in its block
    void client.close(); // is no unhandled rejection

    const [other, peer] = await channelPair(requests[setting], offers[setting]);
    await other.send("lost");
    void other.close();
    const calls = [other.close(), other[Symbol.asyncDispose](), other.closed];
    const outcomes = Promise.all(calls.map((call) => channelError(() => call)));
    await peer.abort("during the close");
    assert.equal(new Set(await outcomes).size, 1);
  });
}

test("living: cancelling readable discards what still arrives, and closes", async () => {
  const [client, server] = await channelPair(off, off);
  const sending = (async () => {
    for (let i = 0; i < 50; i++) await server.send(bytes(50_000, i));
    await server.close();
  })();
  const reader = client.readable.getReader();
  assert.equal((await reader.read()).value?.length, 50_000);
  await reader.cancel();
  await sending;
  await Promise.all([client.closed, server.closed]);
});

test("living: a session's end without an END frame, a second END and a message after END are errors", async () => {
  const end = Uint8Array.of(Control.end, 0, 0, 0, 0);
  const message = Uint8Array.of(0, 0, 0, 0, 1, 65);
  for (
    const [frames, code] of [[[message], "truncated"], [[end, end], "protocol"], [
      [end, message],
      "protocol",
    ]] as const
  ) {
    const [near, far] = memoryPair();
    const accepting = accept(far, { security: [off] });
    const session = await connectOff(new Wire(near), { mode: "off" });
    const server = await accepting;
    const outcome = channelError(() => server.closed, code);
    await session.write(frames);
    await session.close().catch(() => {}); // the server may have ended the transport already
    server.receive().catch(() => {});
    await outcome;
  }
});

test("living: a message that is given up while it is queued is not sent, and the channel stays open", async () => {
  const [client, server] = await channelPair(off, off);
  await client.send("first"); // while it waits for a receiver nothing else is read
  const under = client.send(bytes(1_000_000), { timeout: 20 });
  const queued = client.send("given up", { signal: firing(20) });
  const kept = client.send("kept");
  assert.match((await channelError(() => under, "timeout")).message, /on its way/);
  assert.match((await channelError(() => queued, "aborted")).message, /was not sent/);
  assert.equal((await server.receive())?.length, 5);
  assert.equal((await server.receive())?.length, 1_000_000);
  assert.equal(new TextDecoder().decode((await server.receive())!), "kept");
  await kept;
  await channelError(() => client.send("never", { signal: AbortSignal.abort() }), "aborted");
  await closeBoth(client, server);
});

test("living: an invalid signal or time limit is refused, and the channel stays open", async () => {
  const [client, server] = await channelPair(off, off);
  const none = "now" as unknown as AbortSignal;
  await assert.rejects(client.send("x", { signal: none }), /^TypeError: signal must be an AbortSignal/);
  await assert.rejects(client.receive({ signal: none }), /^TypeError: signal must be an AbortSignal/);
  for (const timeout of [-1, NaN, "5" as unknown as number]) {
    await assert.rejects(client.send("x", { timeout }), RangeError);
  }
  await client.send("kept");
  assert.equal((await server.receive())?.length, 4);
  await closeBoth(client, server);
});

test("living: receive with a signal loses no message", async () => {
  const [client, server] = await channelPair(off, off);
  await channelError(() => server.receive({ signal: AbortSignal.abort() }), "aborted");
  const gone = channelError(() => server.receive({ signal: firing(10) }), "aborted");
  const next = server.receive();
  await gone;
  await client.send("kept");
  assert.equal(new TextDecoder().decode((await next)!), "kept");
  await closeBoth(client, server);
});

const HOUR = 3_600_000;

/** The size of a control frame in the setting native: the length of its record, the frame, and the tag. */
const RECORD = 2 + 5 + 16;

test("living: hours of silence, with keepAlive on one side and limits on both", async () => {
  await simulated(async (clock) => {
    const [near, far] = memoryPair();
    const [client, server] = await Promise.all([
      connect(near, { security: requests.native, idleTimeout: 90_000 }),
      accept(far, { security: [offers.native], keepAlive: 30_000, idleTimeout: 90_000 }),
    ]);
    const before = client.stats.wireReceived;
    await clock.pass(2 * HOUR);
    const asked = (client.stats.wireReceived - before) / RECORD;
    assert.ok(asked > 235 && asked <= 240, `${asked} times`);
    assert.equal(client.stats.messagesReceived + server.stats.messagesReceived, 0);
    assert.equal(clock.timers, 2);
    await client.send("still here");
    assert.equal((await server.receive())?.length, 10);
    await closeBoth(client, server);
    assert.equal(clock.timers, 0);
  });
});

for (const setting of ["certificate", "key"] as const) {
  test(`living: ${setting}: keepalive frames are sent and answered on an idle channel, and the applications see neither`, async () => {
    const limits = { keepAlive: 20, idleTimeout: 60_000 };
    const [client, server] = await channelPair(requests[setting], offers[setting], limits);
    const before = [client.stats.wireReceived, server.stats.wireReceived];
    while (client.stats.wireReceived === before[0] || server.stats.wireReceived === before[1]) await pause(5);
    assert.equal(client.stats.messagesReceived + server.stats.messagesReceived, 0);
    await client.send("still here");
    assert.equal((await server.receive())?.length, 10);
    await closeBoth(client, server);
  });
}

test("living: a reader that takes a message every two minutes keeps its channel, whatever waits after that message", async () => {
  await simulated(async (clock) => {
    const [near, far] = memoryPair();
    const [client, server] = await Promise.all([
      connect(near, { security: off }),
      accept(far, { security: [off], keepAlive: 30_000, idleTimeout: 90_000 }),
    ]);
    const sending = Promise.all(Array.from({ length: 30 }, (_, i) => server.send(bytes(100_000, i))));
    for (let i = 0; i < 30; i++) {
      await clock.pass(2 * 60_000);
      assert.deepEqual(await client.receive(), bytes(100_000, i));
    }
    await sending;
    await clock.pass(HOUR);
    await closeBoth(client, server);
  });
});

test("living: both sides detect a silently cut network within their limits", async () => {
  await simulated(async (clock) => {
    const [near, far] = memoryPair();
    const cut = new AbortController();
    const limits = { keepAlive: 20_000, idleTimeout: 60_000 };
    const [client, server] = await Promise.all([
      connect(silenced(near, cut.signal), { security: off, ...limits }),
      accept(silenced(far, cut.signal), { security: [off], ...limits }),
    ]);
    await clock.pass(10 * 60_000);
    cut.abort();
    const outcomes = [client, server].map((channel) => channelError(() => channel.closed, "timeout"));
    await clock.pass(61_000);
    for (const { message } of await Promise.all(outcomes)) {
      assert.equal(message, "nothing came from the peer for 60000 ms");
    }
    assert.equal(clock.timers, 0);
  });
});

test("living: bytes that never complete a record do not keep a channel alive", async () => {
  await simulated(async (clock) => {
    const [near, far] = memoryPair();
    const accepting = accept(far, { security: [off], keepAlive: 20_000, idleTimeout: 60_000 });
    const wire = new Wire(near);
    await connectOff(wire, { mode: "off" });
    const server = await accepting;
    let ended = "";
    server.closed.catch(({ code }) => ended = code);
    await wire.write(Uint8Array.of(0xff, 0xff)); // a chunk of 65,535 bytes begins
    for (let i = 0; i < 7; i++) {
      await wire.write(Uint8Array.of(0)).catch(() => {});
      await clock.pass(10_000);
    }
    assert.equal(ended, "timeout");
  });
});

test("living: a stalled message ends its channel, and a slow reader does not", async () => {
  await simulated(async (clock) => {
    const [near, far] = memoryPair();
    const accepting = accept(far, { security: [off], stallTimeout: 30_000 });
    const session = await connectOff(new Wire(near), { mode: "off" });
    const server = await accepting;
    await session.write([Uint8Array.of(0, 0, 0, 0, 1, 65), Uint8Array.of(0, 0, 0, 0, 2, 65)]);
    await clock.pass(HOUR); // the first message waits for its reader
    assert.equal((await server.receive())?.length, 1);
    const outcome = channelError(() => server.receive(), "timeout");
    await clock.pass(31_000);
    assert.equal(
      (await outcome).message,
      "nothing came from the peer for 30000 ms, in the middle of a message",
    );
  });
});

test("living: a flood of keepalive frames does not delay the end of a close", async () => {
  await simulated(async (clock) => {
    const [near, far] = memoryPair({ highWaterMark: 1 });
    const accepting = accept(far, { security: [off] });
    const session = await connectOff(new Wire(near), { mode: "off" });
    const server = await accepting;
    const outcome = channelError(() => server.close(), "timeout");
    const answers = (async () => {
      while (await session.read() !== null) await pause(700); // so that answers are always being written
    })();
    answers.catch(() => {}); // until the server gives up
    for (let i = 0; i < 110; i++) { // for 11 seconds, of which closing may take five or, once, ten
      await session.write([Uint8Array.of(Control.keepAlive, 0, 0, 0, 0)]).catch(() => {});
      await clock.pass(100);
    }
    await outcome;
  });
});

test("living: one signal serves many calls", { on: ["node", "bun"] }, async () => {
  const [client, server] = await channelPair(off, off);
  const { signal } = new AbortController();
  const warnings: unknown[] = [];
  const note = (warning: unknown) => void warnings.push(warning);
  const { process } = globalThis as unknown as { process: NodeJS.EventEmitter };
  process.on("warning", note);
  const received = Promise.all(Array.from({ length: 30 }, () => server.receive({ signal })));
  await Promise.all(Array.from({ length: 30 }, (_, i) => client.send(bytes(i), { signal })));
  assert.equal((await received).length, 30);
  await pause(0);
  process.off("warning", note);
  assert.deepEqual(warnings, []);
  await closeBoth(client, server);
});

function stream(count: number): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (let i = 0; i < count; i++) controller.enqueue(bytes(i * 1000));
      controller.close();
    },
  });
}

async function received(channel: Channel): Promise<number[]> {
  const sizes: number[] = [];
  await channel.readable.pipeTo(new WritableStream({ write: ({ length }) => void sizes.push(length) }));
  return sizes;
}

async function drained(channel: Channel): Promise<void> {
  while (await channel.receive() !== null);
  await channel.closed;
}

/** A transport that accepts all data, but passes nothing on after the signal has fired. */
function silenced({ readable, writable }: Transport, signal: AbortSignal): Transport {
  const writer = writable.getWriter();
  return {
    readable,
    writable: new WritableStream({
      write: (chunk) => signal.aborted ? undefined : writer.write(chunk),
      close: () => writer.close(),
    }),
  };
}

/** A signal that fires after this many milliseconds. */
function firing(milliseconds: number): AbortSignal {
  const controller = new AbortController();
  setTimeout(() => controller.abort(), milliseconds);
  return controller.signal;
}
