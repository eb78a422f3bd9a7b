import { simulated } from "../_kit/clock.ts";
import { assert, channelError, test } from "../_kit/mod.ts";
import {
  type AcceptSecurity,
  type Channel,
  connect,
  serve,
  type ServeEvent,
  type ServeOptions,
  serveTransports,
  type Transport,
} from "../../mod.ts";
import { frameParts } from "../../src/message/frame.ts";
import { connectOff, type OffSession } from "../../src/off/session.ts";
import { connectTls } from "../../src/tls/mod.ts";
import { memoryPair } from "../../src/transport/memory.ts";
import { Queue } from "../../src/transport/queue.ts";
import { Wire } from "../../src/wire.ts";
import { bytes, echo, offers, pause, requests, root, serverKey, serverName } from "./_helpers.ts";

/** A listener to which a test adds connections. */
class Door {
  readonly #queue: Queue<Transport> = new Queue();
  closes = 0;
  /** How many handlers have begun. */
  begun = 0;

  /** Adds a connection to the listener, optionally with an address, and returns the client's end. */
  knock(address?: string): Transport {
    const [here, there] = memoryPair();
    this.#queue.push(address === undefined ? there : { ...there, peer: { address, port: 1 } } as Transport);
    return here;
  }

  /** Returns a client whose channel is established on both sides. */
  async enter(address?: string): Promise<Channel> {
    const { begun } = this;
    const channel = await connect(this.knock(address), { security: requests.native, closeTimeout: Infinity });
    while (this.begun === begun) await pause(1);
    return channel;
  }

  fail(error: unknown): void {
    this.#queue.fail(error);
  }

  close(): void {
    this.closes++;
    this.#queue.end();
  }

  [Symbol.asyncIterator](): AsyncIterator<Transport> {
    return this.#queue;
  }
}

/** A server, with the errors and events that it reports. */
function served(handler: Parameters<typeof serve<Transport>>[2], options: Partial<ServeOptions> = {}) {
  const door = new Door();
  const errors: string[] = [];
  const onError = (error: unknown) => void errors.push((error as Error).message);
  const all = { security: [offers.native], closeTimeout: Infinity, onError, ...options };
  const server = serve<Transport>(door, all, (...call) => {
    door.begun++;
    return handler(...call);
  });
  return { door, errors, server };
}

function fired(signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(signal.reason)));
}

test("serve: a handler that returns closes its channel in order, one that throws ends it with an error", async () => {
  const { door, errors, server } = served(async (channel) => {
    for await (const message of channel) {
      if (message.length === 0) throw new Error("an empty message");
      if (message.length === 1) return;
      await channel.send(message);
    }
  });
  const [polite, failing, ended] = [await door.enter(), await door.enter(), await door.enter()];
  assert.equal(server.connections, 3);
  await failing.send("");
  await channelError(() => failing.receive());
  await channelError(() => failing.closed);
  await ended.send("x");
  assert.equal(await ended.receive(), null);
  await ended.close();
  await polite.send("hello"); // the server lives on
  assert.equal(new TextDecoder().decode((await polite.receive())!), "hello");
  await polite.close();
  await server.close();
  assert.equal(server.connections, 0);
  assert.deepEqual(errors, ["an empty message"]);
  assert.equal(door.closes, 1);
});

test("serve: the failure of a channel is reported, also if its handler ignores it", async () => {
  const { door, errors, server } = served((channel) => channel.receive().then(() => {}, () => {}));
  const client = await door.enter();
  await client.abort();
  while (server.connections > 0) await pause(5);
  await server.close();
  assert.deepEqual(errors, ["the peer ended the session: aborted"]);
});

test("serve: a silent client is cut off after the handshake's time, and counts until then", async () => {
  await simulated(async (clock) => {
    const { door, errors, server } = served(echo, { handshakeTimeout: 1000, maxConnections: 2 });
    const [silent, alsoSilent] = [door.knock(), door.knock()];
    await clock.pass(500);
    assert.equal(server.connections, 2);
    door.knock(); // for which the first gives way
    await channelError(() => silent.readable.getReader().read(), "transport");
    assert.deepEqual(errors, ["the connection was ended in its handshake, to make room for another"]);
    const ended = channelError(() => alsoSilent.writable.getWriter().closed, "transport");
    await clock.pass(499);
    assert.equal(server.connections, 2);
    await clock.pass(501);
    await ended;
    assert.equal(server.connections, 0);
    const late = "the handshake took more than 1000 ms: nothing came from the peer";
    assert.deepEqual(errors.slice(1), [late, late]);
    const client = await connect(door.knock(), { security: requests.native }); // there is room again
    await client.send("here");
    assert.equal((await client.receive())!.length, 4);
    await client.close();
    await server.close();
  });
});

test("serve: an ordinary TLS client is ended after 90 seconds in which nothing goes either way", async () => {
  await simulated(async (clock) => {
    const channels: Channel[] = [];
    const { door, errors, server } = served((channel) => {
      channels.push(channel);
      return echo(channel);
    }, { security: [{ ...offers.certificate, ordinaryPeers: true }] });
    const { readable, writable } = await connectTls(door.knock(), { roots: [root], serverName });
    const [reader, writer] = [readable.getReader(), writable.getWriter()];
    for (let i = 0; i < 5; i++) {
      await writer.write(bytes(5));
      assert.equal((await reader.read()).value?.length, 5);
      await clock.pass(60_000);
      await channels[0].send("news");
      assert.equal((await reader.read()).value?.length, 4);
      await clock.pass(60_000);
    }
    const told = channelError(() => reader.read(), "alert");
    await clock.pass(31_000);
    await told;
    while (server.connections > 0) await clock.pass(0);
    assert.deepEqual(errors, ["nothing came from the peer for 90000 ms"]);
    assert.equal(clock.timers, 0);
    await server.close();
  });
});

test("serve: established channels are never ended for new ones, and connections beyond the limit are cut off", async () => {
  const { door, errors, server } = served(echo, { maxConnections: 2 });
  const clients = [await door.enter(), await door.enter()];
  const refused = door.knock();
  await channelError(() => refused.readable.getReader().read(), "transport");
  assert.deepEqual(errors, ["more than 2 connections at a time"]);
  for (const client of clients) {
    await client.send("here");
    assert.equal((await client.receive())!.length, 4);
    await client.close();
  }
  await server.close();
});

test("serve: hundreds of silent clients do not keep an honest one out", async () => {
  const { door, server } = served(echo, { maxHandshakes: 8, maxConnections: 20 });
  for (let round = 0; round < 10; round++) {
    for (let i = 0; i < 50; i++) door.knock();
    const client = await door.enter();
    await client.send("here");
    assert.equal((await client.receive())!.length, 4);
    assert.ok(server.connections <= 20);
    await client.close();
  }
  await server.close({ grace: 0 });
});

test("serve: of many handshakes the oldest of the busiest address is ended", async () => {
  const { door, errors, server } = served(echo, { maxHandshakes: 3 });
  const lone = door.knock("192.0.2.1");
  for (let i = 0; i < 10; i++) door.knock("192.0.2.2");
  const opened = connect(lone, { security: requests.native });
  await using client = await opened;
  await client.send("here");
  assert.equal((await client.receive())!.length, 4);
  assert.equal(errors.length, 8);
  await client.close();
  await server.close({ grace: 0 });
});

test("serve: addresses of IPv6 count by their networks of 64 bits, and mapped ones as IPv4", async () => {
  const { door, errors, server } = served(echo, { maxConnectionsPerAddress: 1, maxHandshakes: 100 });
  for (
    const address of ["2001:db8::1:0:0:1", "2001:db8::2:0:0:1", "2001:db8:0:0:ffff::", "2001:db8:0:1::1"]
  ) {
    door.knock(address);
  }
  for (const address of ["::ffff:192.0.2.1", "192.0.2.1", "::ffff:192.0.2.2"]) door.knock(address);
  door.knock("fe80::1%eth0");
  await pause(5);
  assert.equal(server.connections, 5);
  assert.equal(errors.length, 3);
  await server.close({ grace: 0 });
});

test("serve: an address has its own limits, and others are not touched by what it does", async () => {
  const limits = { maxHandshakesPerAddress: 2, maxConnectionsPerAddress: 3 };
  const { door, errors, server } = served(echo, limits);
  const quiet = door.knock("192.0.2.1");
  for (let i = 0; i < 5; i++) door.knock("192.0.2.2");
  await pause(5);
  assert.equal(server.connections, 3);
  assert.equal(errors.length, 3);
  const reading = quiet.readable.getReader().read();
  const still = await Promise.race([reading, pause(20).then(() => "silent")]);
  assert.equal(still, "silent");
  reading.catch(() => {});
  await server.close({ grace: 0 });
});

test("serve: an address has room again when its channels end, and its established channels are no handshakes", async () => {
  const limits = { maxHandshakesPerAddress: 1, maxConnectionsPerAddress: 2 };
  const { door, errors, server } = served(echo, limits);
  const enter = () => door.enter("192.0.2.1");
  for (let round = 0; round < 2; round++) {
    const clients = [await enter(), await enter()];
    await channelError(enter);
    for (const client of clients) await client.close();
    while (server.connections > 0) await pause(5);
  }
  assert.deepEqual(errors, Array(2).fill("more than 2 connections at a time from 192.0.2.1"));
  await server.close();
});

test("serve: the memory for unfinished messages is limited, and the oldest of the address with the most is ended", async () => {
  const limits = { maxMessageSize: 100_000, maxUnfinishedBytes: 350_000 };
  const { door, errors, server } = served(async (channel) => {
    for await (const message of channel) await channel.send(new Uint8Array([message.length >> 8]));
  }, { security: [offers.off], ...limits });
  /** A client whose frames the test makes. */
  const enter = (address: string) => connectOff(new Wire(door.knock(address)), { mode: "off" });
  const begin = (
    length: number,
  ) => [frameParts({ flags: 0, payload: new Uint8Array(100_000) })[0], new Uint8Array(length)];
  const honest = await enter("192.0.2.1");
  await honest.write(begin(90_000));
  const hostile: OffSession[] = [];
  for (let i = 0; i < 6; i++) {
    const session = await enter("192.0.2.2");
    await session.write(begin(99_999));
    hostile.push(session);
    await pause(5);
  }
  while (server.connections > 3) await pause(5);
  assert.equal(errors.length, 4);
  assert.match(
    errors[0],
    /^the channel was ended to free memory: unfinished messages of all channels take more than 350000 bytes$/,
  );
  for (const gone of hostile.slice(0, 4)) await channelError(() => gone.read());

  // A channel that completes its message and begins another is no longer the oldest.
  await hostile[4].write([new Uint8Array(1), ...begin(99_999)]);
  await honest.write([new Uint8Array(10_000)]);
  assert.equal((await honest.read())!.length, 6);
  await (await enter("192.0.2.2")).write(begin(99_999));
  const last = await enter("192.0.2.2");
  await last.write(begin(99_999));
  while (errors.length < 5) await pause(5);
  await channelError(() => hostile[5].read());
  await server.close({ grace: 0 });

  const wrong = (maxUnfinishedBytes: number) =>
    assert.throws(() => serve(new Door(), { security: [offers.off], maxUnfinishedBytes }, echo), RangeError);
  for (const limit of [1_000, NaN, 2e7 + 0.5]) wrong(limit);
});

test("serve: the beginning and end of each connection are reported once", async () => {
  const told: string[] = [];
  const onEvent = ({ type, connection, milliseconds, channel, reason, error }: ServeEvent) => {
    const { number, peer } = connection;
    const facts = channel &&
      `${channel.info.setting} from ${channel.info.remote?.address} took ${channel.stats.messagesReceived}`;
    told.push(
      [number, peer?.address, type, facts, reason, (error as Error)?.message].filter(Boolean).join(" "),
    );
    assert.ok(milliseconds >= 0);
    throw new Error("thrown");
  };
  const { door, errors, server } = served(async (channel) => {
    for await (const message of channel) if (message.length === 0) throw new Error("an empty message");
  }, { onEvent, maxConnections: 2 });
  const [first, second] = [await door.enter("192.0.2.1"), await door.enter()];
  door.knock(); // for which there is no room
  await first.send("one");
  await first.close();
  await second.send("");
  await second.closed.catch(() => {});
  while (server.connections > 0) await pause(5);
  await connect(door.knock(), { security: requests.off }).catch(() => {});
  while (!told.some((line) => line.startsWith("4 ended"))) await pause(5);
  door.knock();
  while (!told.includes("5 opened")) await pause(5);
  await server.close({ grace: 0 });
  assert.deepEqual(told.map((line) => line.replace(/(?<=transport|not_offered) .*/, "")).sort(), [
    "1 192.0.2.1 ended native from 192.0.2.1 took 1 closed",
    "1 192.0.2.1 established native from 192.0.2.1 took 0",
    "1 192.0.2.1 opened",
    "2 ended native from undefined took 1 failed an empty message",
    "2 established native from undefined took 0",
    "2 opened",
    "3 ended limit more than 2 connections at a time",
    "4 ended not_offered",
    "4 opened",
    "5 ended aborted the server is closing",
    "5 opened",
  ]);
  assert.equal(errors.length, 4);
});

test("serve: errors thrown by the listener and by error handlers do not end the server", async () => {
  const heard: unknown[] = [];
  const onError = (error: unknown, transport: unknown) => {
    heard.push([(error as Error).message, transport === undefined]);
    if (heard.length === 1) throw new Error("thrown");
    return Promise.reject(new Error("rejected"));
  };
  const { door, server } = served(() => {
    throw new Error("at once");
  }, { onError });
  door.fail(new Error("too many open files"));
  await pause(5);
  const client = await door.enter();
  await channelError(() => client.closed);
  await server.close(); // the client may know of the end before it is reported
  assert.deepEqual(heard, [["too many open files", true], ["at once", false]]);
});

test("serve: closing lets a transfer finish, and accepts no new connection", async () => {
  let ended = "";
  const { door, errors, server } = served(async (channel, { closing, signal }) => {
    await channel.receive();
    for (let i = 0; i < 20; i++) {
      await channel.send(bytes(100_000, i));
      await pause(5);
    }
    ended = `closing: ${closing.aborted}, cut: ${signal.aborted}`;
  });
  const client = await door.enter();
  await client.send("begin");
  assert.equal((await client.receive())!.length, 100_000);
  const shaking = door.knock();
  await pause(1);
  const closing = server.close();
  await channelError(() => shaking.readable.getReader().read(), "transport"); // at once
  let count = 1;
  for await (const message of client) count += message.length / 100_000;
  await client.close();
  assert.equal(count, 20);
  await closing;
  assert.equal(ended, "closing: true, cut: false");
  assert.deepEqual(errors, ["the server is closing"]); // the handshake
});

test("serve: an idle handler ends when closing fires", async () => {
  const { door, errors, server } = served(async (channel, { closing }) => {
    closing.addEventListener("abort", () => channel.close());
    await echo(channel);
  });
  const client = await door.enter();
  await Promise.all([server.close({ grace: Infinity }), client.receive().then(() => client.close())]);
  assert.deepEqual(errors, []);
});

test("serve: channels that have not ended after the grace period are cut off, and their clients see an error", async () => {
  const reasons: unknown[] = [];
  let asked = 0;
  const { door, errors, server } = served(async (channel, { signal }) => {
    fired(signal).then((reason) => reasons.push((reason as Error).message));
    const question = await channel.receive();
    asked++;
    if (question!.length === 1) {
      channel.writable.getWriter(); // a lock does not help it
      await new Promise(() => {});
    }
    for (;;) await channel.send(bytes(100_000)); // nobody reads them
  });
  const [stubborn, stuck] = [await door.enter(), await door.enter()];
  await stubborn.send("x");
  await stuck.send("xx");
  while (asked < 2) await pause(5);
  await server.close({ grace: 50 });
  await channelError(() => stubborn.closed);
  await channelError(async () => {
    while (await stuck.receive() !== null);
  });
  assert.deepEqual(errors, Array(2).fill("cut off 50 ms after the server was closed"));
  assert.deepEqual(reasons, errors);
});

test("serve: no handler begins while the server closes, even if a handshake has just ended", async () => {
  const begun: boolean[] = [];
  for (let turns = 0; turns < 14; turns += 2) {
    let closing: Promise<void> | undefined;
    const close = async () => {
      for (let turn = 0; turn < turns; turn++) await undefined;
      await server.close({ grace: 50 });
    };
    // A handshake ends when the key has been stored. The handler begins some turns later.
    const remember = () => void (closing = close());
    const security = [{ ...offers.key, clients: { trust: { check: () => true, remember } } }];
    const { door, server } = served(async (_, { closing }) => {
      begun.push(closing.aborted);
      await fired(closing);
    }, { security });
    const asking = { ...requests.key, credentials: { key: serverKey } };
    await connect(door.knock(), { security: asking }).then((channel) => channel.closed).catch(() => {});
    await closing;
  }
  assert.ok(!begun.includes(true));
});

test("serve: closing again with a shorter grace period takes effect", async () => {
  const { door, errors, server } = served(() => new Promise(() => {}));
  const client = await door.enter();
  const patient = server.close({ grace: Infinity });
  await pause(20);
  assert.equal(server.connections, 1);
  await Promise.all([server.close({ grace: 0 }), server.close({ grace: 1 })]);
  await channelError(() => client.closed);
  await patient;
  assert.deepEqual(errors, ["cut off 0 ms after the server was closed"]);
});

test("serve: the settings may change from one connection to the next", async () => {
  let security: AcceptSecurity[] = [offers.native];
  const { door, server } = served(echo, { security: () => security });
  await (await door.enter()).close();
  security = [offers.off];
  await channelError(() => door.enter(), "not_offered");
  await (await connect(door.knock(), { security: requests.off })).close();
  await server.close();
});

test("serve: wrong arguments are refused before a client connects", () => {
  const nothing = () => {};
  assert.throws(() => serve(new Door(), { security: [] }, nothing), TypeError);
  assert.throws(() => serve(new Door(), { security: [{ setting: "off" }] }, undefined as never), TypeError);
  assert.throws(() => serve(new Door(), { security: [{ setting: "none" } as never] }, nothing), TypeError);
  const refused = (offer: unknown, error: typeof TypeError) =>
    assert.throws(() => serve(new Door(), { security: [offer as AcceptSecurity] }, nothing), error);
  refused({ setting: "native" }, TypeError);
  refused({ setting: "native", secret: new Uint8Array(5) }, RangeError);
  refused({ setting: "key", key: "no key" }, TypeError);
  for (const wrong of [{ onError: 1 }, { onEvent: "log" }]) {
    assert.throws(() => serveTransports(new Door(), wrong as never, nothing), TypeError);
  }
  for (const maxConnections of [0, -1, 1.5, NaN]) {
    assert.throws(() => serveTransports(new Door(), { maxConnections }, nothing), RangeError);
  }
  for (const wrong of [{ maxMessageSize: -1 }, { handshakeTimeout: NaN }]) {
    assert.throws(() => serve(new Door(), { security: [{ setting: "off" }], ...wrong }, nothing), RangeError);
  }
  assert.throws(() => serveTransports({ close: nothing } as never, {}, nothing), TypeError);
});

// In WebKit and workerd a signal does not end an idle pipe.
test("serveTransports: a pipe ends with its peer, by the signal, or is closed", {
  on: ["node", "deno", "bun", "chromium", "firefox"],
}, async () => {
  const door = new Door();
  const server = serveTransports(
    door,
    {},
    ({ readable, writable }, { signal }) => readable.pipeTo(writable, { signal }),
  );
  const [ending, staying] = [door.knock(), door.knock()];
  const writer = ending.writable.getWriter();
  await writer.write(bytes(10));
  await writer.close();
  const reader = ending.readable.getReader();
  assert.deepEqual((await reader.read()).value, bytes(10));
  assert.equal((await reader.read()).done, true);
  await server.close({ grace: 10 });
  await channelError(() => staying.readable.getReader().read(), "transport");

  let closes = 0;
  const closable = { ...memoryPair()[0], close: () => closes++ };
  const one = serveTransports(
    {
      async *[Symbol.asyncIterator]() {
        yield closable;
      },
      close() {},
    },
    {},
    async ({ readable }) => void readable.getReader(),
  );
  await pause(5);
  await one.close();
  assert.equal(closes, 1);
});
