import { assert, channelError, test } from "../_kit/mod.ts";
import {
  accept,
  type Channel,
  ChannelError,
  type ChannelInfo,
  connect,
  serve,
  type Setting,
} from "../../mod.ts";
import { limitsOf } from "../../src/channel/establish.ts";
import { SessionChannel } from "../../src/channel/session_channel.ts";
import { x25519 } from "../../src/crypto/ec/x25519.ts";
import { memoryPair } from "../../src/transport/memory.ts";
import { dial, listen } from "../../src/transport/node.ts";
import { MessageDecoder } from "../../src/message/codec.ts";
import type { Session } from "../../src/session.ts";
import type { Transport } from "../../src/connection.ts";
import { Wire } from "../../src/wire.ts";
import {
  bytes,
  channelPair,
  clientKey,
  closeBoth,
  echo,
  offers,
  pause,
  requests,
  secret,
  SETTINGS,
} from "./_helpers.ts";

const native = { setting: "native", secret, compression: "off" } as const;

/** The size of a full record of `native`. */
const RECORD = 65_536;

for (const setting of SETTINGS) {
  test(`channel: ${setting}: messages of every size go there and back, however the bytes are cut`, async () => {
    for (const recut of [undefined, 1, 1000]) {
      const [client, server] = await channelPair(requests[setting], offers[setting], { recut });
      const echoed = echo(server);
      const sizes = recut === 1 ? [0, 1, 5, 100, 2_000] : [0, 1, 5, 100, 16384, 16385, 300_000];
      for (const size of sizes) {
        const message = bytes(size);
        const sent = client.send(message);
        assert.deepEqual(await client.receive(), message, `${size} bytes`);
        await sent;
      }
      await client.close();
      await echoed;
      await Promise.all([client.closed, server.closed]);
      assert.equal(client.stats.messagesReceived, sizes.length);
      assert.equal(client.stats.wireSent, server.stats.wireReceived);
      assert.equal(client.stats.payloadSent, server.stats.payloadReceived);
    }
  });
}

test("channel: messages that are queued together are sent in one write, in one record", async () => {
  const { client, server, writes } = await countedPair();
  const before = writes.length;
  const queued = Promise.all(Array.from({ length: 100 }, (_, i) => client.send(`message ${i}`)));
  for (let i = 0; i < 100; i++) {
    assert.equal(new TextDecoder().decode((await server.receive())!), `message ${i}`);
  }
  await queued;
  assert.equal(writes.length - before, 1);
  assert.equal(writes[before], 100 * 5 + 10 * 9 + 90 * 10 + 2 + 16);
  await closeBoth(client, server);
});

test("channel: thousands of messages that are queued together are sent in a few writes, in order", async () => {
  const { client, server, writes } = await countedPair();
  const before = writes.length;
  const queued = Promise.all(Array.from({ length: 5000 }, (_, i) => client.send(Uint8Array.of(i >> 8, i))));
  for (let i = 0; i < 5000; i++) assert.deepEqual(await server.receive(), Uint8Array.of(i >> 8, i));
  await queued;
  assert.equal(writes.length - before, 3);
  await closeBoth(client, server);
});

test("channel: a message that cannot be encoded is not sent, and the channel stays open", async () => {
  const fault = new RangeError("Array buffer allocation failed");
  const { channel, written } = overNothing(() => Promise.reject(fault));
  const sent = [channel.send("one"), channel.send("wait"), channel.send("wait"), channel.send("two")];
  const [first, ...rest] = await Promise.allSettled(sent);
  assert.equal(first.status, "fulfilled");
  assert.deepEqual(rest.map((result) => result.status === "rejected" ? result.reason : null), [
    fault,
    fault,
    null,
  ]);
  assert.deepEqual(written, ["one", "two"]);

  const { channel: aborted } = overNothing(() => Promise.reject(fault));
  const unsent = [aborted.send("wait"), aborted.send("wait")].map((sent) => sent.catch(() => {}));
  await aborted.abort();
  await Promise.all(unsent);
});

test("channel: a small native message takes at most 24 bytes more than its payload", async () => {
  const [client, server] = await channelPair(native, native);
  const before = client.stats.wireSent;
  await client.send(bytes(64));
  assert.ok(client.stats.wireSent - before <= 64 + 24);
  await server.receive();
  await closeBoth(client, server);
});

test("channel: a slow reader keeps the sender's memory bounded", async () => {
  for (const setting of SETTINGS) {
    const [client, server] = await channelPair(requests[setting], offers[setting]);
    let taken = 0;
    const sending = (async () => {
      for (let i = 0; i < 16; i++) {
        await client.send(bytes(256 * 1024, i));
        taken++;
      }
    })();
    await new Promise((resolve) => setTimeout(resolve, 200));
    assert.ok(taken <= 4, `${setting}: ${taken} of 16 messages of 256 KiB were taken without a reader`);
    for (let i = 0; i < 16; i++) assert.equal((await server.receive())?.length, 256 * 1024);
    await sending;
    await closeBoth(client, server);
  }
});

test("channel: after a close receive returns the messages before it, then null; send fails with closed", async () => {
  const [client, server] = await channelPair(native, native);
  await client.send("one");
  await client.send("two");
  await Promise.all([
    client.close(),
    (async () => {
      assert.equal((await server.receive())?.length, 3);
      assert.equal((await server.receive())?.length, 3);
      assert.equal(await server.receive(), null);
      assert.equal(await server.receive(), null);
      await server.close();
    })(),
  ]);
  await server.closed;
  await channelError(() => client.send("late"), "closed");
  await channelError(() => server.send("late"), "closed");
  await client.close(); // again is harmless
});

test("channel: a pending receive sees the end", async () => {
  const [client, server] = await channelPair(native, native);
  const waiting = [client.receive(), client.receive()];
  await closeBoth(client, server);
  assert.deepEqual(await Promise.all(waiting), [null, null]);
});

test("channel: closing sends what is queued first", async () => {
  const [client, server] = await channelPair(native, native);
  const queued = Array.from({ length: 20 }, (_, i) => client.send(bytes(50_000, i)));
  const closing = client.close();
  const got: Uint8Array[] = [];
  for await (const message of server) got.push(message);
  await server.close();
  await Promise.all([...queued, closing, server.closed]);
  assert.deepEqual(got.map((message) => message.length), Array(20).fill(50_000));
});

test("channel: an end of the transport without a close is an error, after the messages before it", async () => {
  for (const setting of SETTINGS) {
    const [near, far] = memoryPair();
    const cut = new AbortController();
    const transport = { readable: near.readable, writable: cuttable(near.writable, cut.signal) };
    const [client, server] = await Promise.all([
      connect(transport, { security: requests[setting] }),
      accept(far, { security: [offers[setting]] }),
    ]);
    await client.send("before the cut");
    cut.abort();
    assert.equal((await server.receive())?.length, 14);
    const error = await channelError(() => server.receive(), "truncated");
    assert.equal(await channelError(() => server.receive()), error);
    assert.equal(await channelError(() => server.send("x")), error);
    assert.equal(await channelError(() => server.closed), error);
    assert.equal(await channelError(() => server.close()), error);
  }
});

test("channel: a record that was changed in transit ends both sides, and nothing in it is delivered", async () => {
  for (const setting of ["certificate", "key", "native"] as const) {
    const [near, far] = memoryPair();
    let armed = false;
    const flip = new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        if (armed) {
          chunk = chunk.slice();
          chunk[chunk.length - 1] ^= 1;
        }
        controller.enqueue(chunk);
      },
    });
    flip.readable.pipeTo(near.writable).catch(() => {});
    const [client, server] = await Promise.all([
      connect({ readable: near.readable, writable: flip.writable }, { security: requests[setting] }),
      accept(far, { security: [offers[setting]] }),
    ]);
    armed = true;
    const clientEnd = channelError(() => client.closed, "alert");
    await client.send("secret").catch(() => {});
    await channelError(() => server.receive(), "decrypt");
    await clientEnd;
  }
});

for (const setting of ["certificate", "native"] as const) {
  test(`channel: ${setting}: the peer's error is the error, also if a write fails before it is read`, async () => {
    for (const writes of ["a message", "the end"] as const) {
      const [near, far] = memoryPair();
      let noteFailed = () => {};
      const failed = new Promise<void>((resolve) => noteFailed = resolve);
      const { transport, breaks } = breakable(near, () => {
        noteFailed();
        return Promise.reject(new Error("broken pipe"));
      });
      const { readable, hold, letIn } = holdable(transport.readable);
      const [client, server] = await Promise.all([
        connect({ ...transport, readable }, { security: requests[setting] }),
        accept(far, { security: [offers[setting]] }),
      ]);
      const told = channelError(() => client.closed, "alert");
      if (writes === "the end") await client.end();
      hold();
      breaks();
      if (writes === "the end") {
        await server.end(); // after which the client ends the session
        await server.abort();
        letIn();
      } else {
        await server.abort();
        const sending = channelError(() => client.send("lost"), "alert");
        await failed;
        letIn();
        await sending;
      }
      await told;
    }
  });
}

test("channel: a message over the limit is refused on both sides", async () => {
  const [client, server] = await channelPair(native, native, { maxMessageSize: 1000 });
  await assert.rejects(() => client.send(bytes(1001)), RangeError);
  await client.send(bytes(1000)); // the channel lives on
  assert.equal((await server.receive())?.length, 1000);

  const [near, far] = memoryPair();
  const [large, small] = await Promise.all([
    connect(near, { security: native }),
    accept(far, { security: [native], maxMessageSize: 1000 }),
  ]);
  const told = channelError(() => large.closed, "alert");
  await large.send(bytes(1001)).catch(() => {});
  await channelError(() => small.receive(), "limit");
  await told;
});

test("channel: web streams: one chunk is one message, and closing the writable ends one direction", async () => {
  const [client, server] = await channelPair(requests.native, offers.native);
  const source = new ReadableStream<string>({
    start(controller) {
      for (const text of ["a", "bb", "ccc"]) controller.enqueue(text);
      controller.close();
    },
  });
  const sent = source.pipeTo(client.writable);
  const got: number[] = [];
  const reader = server.readable.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) got.push(next.value.length);
  await sent;
  await server.writable.close();
  assert.equal(await client.receive(), null);
  assert.deepEqual(got, [1, 2, 3]);
  await Promise.all([client.closed, server.closed]);
});

test("channel: aborting the writable ends both sides with an error", async () => {
  const [client, server] = await channelPair(native, native);
  const told = channelError(() => server.closed, "alert");
  await client.writable.abort(new Error("enough"));
  await channelError(() => client.receive(), "aborted");
  await told;
});

test("channel: the writable shows the channel's end also to a writer that is idle", async () => {
  for (const end of ["closed", "alert"] as const) {
    const [client, server] = await channelPair(native, native);
    const writer = client.writable.getWriter();
    const shown = channelError(() => writer.closed, end);
    await (end === "closed" ? closeBoth(client, server) : server.abort());
    await shown;
  }
  const [client, server] = await channelPair(native, native);
  const writer = client.writable.getWriter();
  await writer.close();
  await Promise.all([server.close(), client.closed, writer.closed, writer.ready]);
});

// In workerd a pipe whose destination has failed ends without a failure.
test("channel: a pipe into a channel that has failed fails", {
  on: ["node", "deno", "bun", "chromium", "firefox", "webkit"],
}, async () => {
  const [client, server] = await channelPair(native, native);
  const canceled: unknown[] = [];
  const idle = new ReadableStream<Uint8Array>({ cancel: (reason) => void canceled.push(reason) });
  const piped = channelError(() => idle.pipeTo(client.writable), "alert");
  await server.abort();
  await piped;
  assert.equal((canceled[0] as ChannelError).code, "alert");
});

test("channel: a message that has begun to arrive before an abort is not completed by what follows", async () => {
  const [near, nearer] = memoryPair();
  const [farther, far] = memoryPair();
  let rest = Promise.resolve();
  const sent = nearer.readable.pipeTo(farther.writable).catch(() => {});
  const writer = nearer.writable.getWriter();
  const received = farther.readable.pipeTo(
    new WritableStream({
      async write(chunk) {
        await writer.write(chunk.subarray(0, RECORD));
        await rest;
        if (chunk.length > RECORD) await writer.write(chunk.subarray(RECORD));
      },
      close: () => writer.close(),
    }),
  ).catch(() => {});
  const [client, server] = await Promise.all([
    connect(near, { security: native }),
    accept(far, { security: [native] }),
  ]);
  let release!: () => void;
  rest = new Promise((resolve) => release = resolve);
  const both = Promise.allSettled([server.send("one"), server.send(bytes(RECORD))]);
  assert.equal((await client.receive())?.length, 3);
  await pause(0); // the next read has begun
  const aborted = client.abort();
  release();
  await aborted;
  await channelError(() => client.receive(), "aborted");
  await Promise.all([both, sent, received, server.closed.catch(() => {})]);
});

test("channel: an abort ends a close that waits for the peer", async () => {
  const [client, server] = await channelPair(native, native, { closeTimeout: 60_000 });
  for (const size of [1, 2]) await client.send(bytes(size)); // nobody receives them, so the peer does not see the end
  const receiving = channelError(() => client.receive(), "aborted");
  const closing = channelError(() => client.close(), "aborted");
  await new Promise((resolve) => setTimeout(resolve, 50));
  await Promise.all([client.abort("first"), client.abort("second")]);
  await Promise.all([receiving, closing]);
  assert.equal((await channelError(() => client.closed, "aborted")).cause, "first");
  await client.abort(); // again is harmless
  while (await server.receive() !== null);
  await channelError(() => server.closed, "alert"); // it is told that nothing is confirmed
});

test("channel: await using closes", async () => {
  const [client, server] = await channelPair(native, native);
  const received = server.receive();
  void server.close();
  {
    await using channel = client;
    await channel.send("bye");
  }
  assert.equal((await received)?.length, 3);
  await server.closed;
});

test("channel: a silent peer, a signal and an early end stop the handshake with clear errors", async () => {
  for (const setting of SETTINGS) {
    const options = { security: requests[setting], handshakeTimeout: 30 };
    await channelError(() => connect(memoryPair()[0], options), "timeout");
    const signal = AbortSignal.abort();
    await channelError(() => connect(memoryPair()[0], { security: requests[setting], signal }), "aborted");
    const [near, far] = memoryPair();
    far.writable.close();
    await channelError(() => connect(near, { security: requests[setting] }), "truncated");
    await channelError(
      () => accept(memoryPair()[0], { security: [offers[setting]], handshakeTimeout: 30 }),
      "timeout",
    );
  }
  const [near, far] = memoryPair();
  near.writable.close();
  await channelError(() => accept(far, { security: [offers.off] }), "truncated");
});

/** Returns a peer that stops reading, and messages that it will not read. */
async function stalled(
  setting: Setting,
  closeTimeout: number,
): Promise<{ client: Channel; sending: Promise<void>[] }> {
  const [client] = await channelPair(requests[setting], offers[setting], { closeTimeout });
  const sending = Array.from({ length: 8 }, (_, i) => client.send(bytes(400_000, i)));
  for (const sent of sending) sent.catch(() => {});
  await new Promise((resolve) => setTimeout(resolve, 50));
  return { client, sending };
}

test("channel: a peer that stops reading delays neither a close nor the queued messages", async () => {
  for (const setting of SETTINGS) {
    const { client, sending } = await stalled(setting, 50);
    await channelError(() => client.close(), "timeout");
    await channelError(() => client.closed, "timeout");
    await channelError(() => sending[7], "timeout");
  }
});

test("channel: a transport that does not end is no failure, since all messages are confirmed", async () => {
  for (const end of ["limit", "abort"]) {
    const [near, far] = memoryPair();
    const writer = near.writable.getWriter();
    let ending = () => {};
    const ends = new Promise<void>((resolve) => ending = resolve);
    const writable = new WritableStream<Uint8Array>({
      write: (chunk) => writer.write(chunk),
      close: () => {
        ending();
        return new Promise(() => {});
      },
    });
    const closeTimeout = end === "limit" ? 50 : Infinity;
    const [client, server] = await Promise.all([
      connect({ readable: near.readable, writable }, { security: native, closeTimeout }),
      accept(far, { security: [native] }),
    ]);
    const closing = Promise.all([client.close(), server.close()]);
    if (end === "abort") await ends.then(() => client.abort());
    await closing;
  }
});

test("channel: aborting the writable does not wait for a message in progress", async () => {
  const { client, sending } = await stalled("native", 5_000);
  client.writable.getWriter().abort(new Error("enough")).catch(() => {});
  await channelError(() => client.closed, "aborted");
  await channelError(() => sending[7], "aborted");
});

test(
  "channel: over TCP, the connection of a peer that reads no more is released",
  { needs: ["node:"] },
  async () => {
    let arrived = (_: Channel) => {};
    const accepted = new Promise<Channel>((resolve) => arrived = resolve);
    const listener = await listen();
    const running = serve(listener, { security: [offers.native], closeTimeout: 50 }, (channel) => {
      arrived(channel);
      return channel.closed;
    });
    const client = await connect(await dial(listener), { security: requests.native, closeTimeout: 50 });
    const server = await accepted;
    const sending = Array.from({ length: 200 }, (_, i) => client.send(bytes(400_000, i)));
    for (const sent of sending) sent.catch(() => {});
    await channelError(() => client.close(), "timeout");
    await channelError(() => sending[199], "timeout");
    await channelError(async () => {
      while (await server.receive() !== null);
    });
    await running.close();
  },
);

test("channel: Infinity is no limit", async () => {
  const limits = { handshakeTimeout: Infinity, closeTimeout: Infinity };
  for (const setting of SETTINGS) {
    const [client, server] = await channelPair(requests[setting], offers[setting], limits);
    const sending = Array.from({ length: 4 }, (_, i) => client.send(bytes(400_000, i)));
    const closing = client.close();
    await new Promise((resolve) => setTimeout(resolve, 20));
    for (let i = 0; i < 4; i++) assert.equal((await server.receive())?.length, 400_000);
    assert.equal(await server.receive(), null);
    await Promise.all([...sending, closing, server.close()]);
  }
});

test("channel: a failure is reported even if the peer cannot be told of it", async () => {
  const keyPair = x25519.generateKeyPair();
  const stranger = { setting: "native", keyPair: x25519.generateKeyPair(), trust: "anyone" } as const;
  for (const failing of [() => new Promise<void>(() => {}), () => Promise.reject(new Error("gone"))]) {
    const [near, far] = memoryPair();
    const there = breakable(far, failing);
    const clientKeys = () => there.breaks();
    connect(near, { security: stranger }).catch(() => {});
    await channelError(
      () => accept(there.transport, { security: [{ setting: "native", keyPair, clientKeys }] }),
      "untrusted",
    );

    const [left, right] = memoryPair();
    const here = breakable(left, failing);
    const trust = { check: () => here.breaks() };
    const peer = new AbortController();
    accept(right, { security: [offers.key], signal: peer.signal }).catch(() => {});
    await channelError(() => connect(here.transport, { security: { setting: "key", trust } }), "untrusted");
    peer.abort(); // it would wait for its time limit
  }
});

test("channel: the time limit runs while a person is asked", async () => {
  const trust = { check: () => new Promise<boolean>(() => {}) };
  const options = { security: { setting: "key", trust }, handshakeTimeout: 100 } as const;
  const [near, far] = memoryPair();
  accept(far, { security: [offers.key] }).catch(() => {});
  await channelError(() => connect(near, options), "timeout");
});

test("channel: junk in place of a handshake ends the channel at once", async () => {
  for (const setting of SETTINGS) {
    const [near, far] = memoryPair();
    const writer = near.writable.getWriter();
    writer.write(bytes(65_536)).catch(() => {});
    await channelError(() => accept(far, { security: [offers[setting]] }), "protocol");
    await assert.rejects(async () => {
      for (let i = 0; i < 100; i++) await writer.write(bytes(65_536));
    }); // nobody reads on
  }
});

test("channel: wrong arguments are TypeErrors and RangeErrors", async () => {
  const [near] = memoryPair();
  await assert.rejects(() => connect(near, { security: { setting: "none" } as never }), TypeError);
  await assert.rejects(() => accept(memoryPair()[0], { security: [] }), TypeError);
  for (const wrong of [{ key: clientKey }, { certificates: "" }, { clients: { roots: "no certificate" } }]) {
    const security = [{ ...offers.certificate, ...wrong }];
    await assert.rejects(() => accept(memoryPair()[0], { security }), TypeError, Object.keys(wrong)[0]);
  }
  const rootless = { ...requests.certificate, roots: "" };
  await assert.rejects(() => connect(memoryPair()[0], { security: rootless }), TypeError);
  const nameless = { ...requests.certificate, serverName: "" };
  await assert.rejects(() => connect(memoryPair()[0], { security: nameless }), TypeError);
  for (
    const wrong of [
      { maxMessageSize: 0 },
      { handshakeTimeout: NaN },
      { closeTimeout: -1 },
      { handshakeTimeout: "5" as never },
    ]
  ) {
    const options = { security: [native], ...wrong };
    await assert.rejects(() => accept(memoryPair()[0], options), RangeError, JSON.stringify(wrong));
    await assert.rejects(() => connect(memoryPair()[0], { ...wrong, security: native }), RangeError);
  }
  for (const setting of ["native", "off"] as const) {
    for (
      const [wrong, kind] of [
        [{ dictionary: bytes(0) }, RangeError],
        [{ dictionary: bytes(40_000) }, RangeError],
        [{ compression: "gzip" }, TypeError],
      ] as const
    ) {
      const [here, there] = memoryPair();
      await assert.rejects(
        () => accept(there, { security: [{ ...offers[setting], ...wrong as object }] }),
        kind,
      );
      await assert.rejects(
        () => connect(here, { security: { ...requests[setting], ...wrong as object } }),
        kind,
      );
    }
  }
  for (const setting of ["key", "certificate"] as const) {
    for (const wrong of [{ algorithm: "aes" }, { compression: "stream" }] as never[]) {
      const security = [{ ...offers[setting], ...wrong as object }];
      await assert.rejects(() => accept(memoryPair()[0], { security }), TypeError);
      const request = { ...requests[setting], ...wrong as object };
      await assert.rejects(() => connect(memoryPair()[0], { security: request }), TypeError);
    }
  }
  const [locked] = memoryPair();
  locked.writable.getWriter();
  await assert.rejects(() => connect(locked, { security: native }), TypeError);
  assert.equal(locked.readable.locked, false);
  const [client] = await channelPair(native, native);
  await assert.rejects(() => client.send(5 as never), TypeError);
  assert.ok(new ChannelError("closed", "x") instanceof Error);
});

/** Returns both ends of a `native` channel, and the sizes of the client's writes. */
async function countedPair(): Promise<{ client: Channel; server: Channel; writes: number[] }> {
  const [{ readable, writable }, far] = memoryPair();
  const writes: number[] = [];
  const count = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      writes.push(chunk.length);
      controller.enqueue(chunk);
    },
  });
  count.readable.pipeTo(writable).catch(() => {});
  const [client, server] = await Promise.all([
    connect({ readable, writable: count.writable }, { security: native }),
    accept(far, { security: [native] }),
  ]);
  return { client, server, writes };
}

/** A transport that accepts bytes until it is broken. Later writes end as `failing` does. */
function breakable(
  { readable, writable }: Transport,
  failing: () => Promise<void>,
): { transport: Transport; breaks(): false } {
  const writer = writable.getWriter();
  let broken = false;
  const sink = { write: (chunk: Uint8Array) => broken ? failing() : writer.write(chunk) };
  const breaks = (): false => {
    broken = true;
    return false;
  };
  return { transport: { readable, writable: new WritableStream<Uint8Array>(sink) }, breaks };
}

/** A readable stream that can hold back what arrives. */
function holdable(source: ReadableStream<Uint8Array>) {
  const reader = source.getReader();
  let [open, letIn] = [Promise.resolve(), () => {}];
  const readable = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await reader.read();
      await open;
      if (done) controller.close();
      else controller.enqueue(value);
    },
  }, { highWaterMark: 0 });
  const hold = () => void (open = new Promise((resolve) => letIn = resolve));
  return { readable, hold, letIn: () => letIn() };
}

/** A writable stream that closes the stream below it when the signal fires, even during a write. */
function cuttable(writable: WritableStream<Uint8Array>, signal: AbortSignal): WritableStream<Uint8Array> {
  const writer = writable.getWriter();
  signal.addEventListener("abort", () => void writer.close());
  return new WritableStream({ write: (chunk) => writer.write(chunk) });
}

/**
 * A channel over a session that accepts all data and returns none. The frame of the message `wait` is the result of `later`.
 */
function overNothing(later: () => Promise<Uint8Array[]>): { channel: Channel; written: string[] } {
  const written: string[] = [];
  const session: Session = {
    keyExchanges: 1,
    write: (parts) =>
      Promise.resolve(void written.push(...parts.map((part) => new TextDecoder().decode(part)))),
    read: () => new Promise(() => {}),
    close: () => Promise.resolve(),
    abort: () => Promise.resolve(),
  };
  const channel = new SessionChannel({
    wire: new Wire(memoryPair()[0]),
    session,
    encoder: {
      encode: (message) => message.length === 4 && message[0] === 0x77 ? later() : Promise.resolve([message]),
    },
    decoder: new MessageDecoder(1000),
    info: {} as ChannelInfo,
    limits: limitsOf({ closeTimeout: 50, maxMessageSize: 1000 }),
  });
  return { channel, written };
}
