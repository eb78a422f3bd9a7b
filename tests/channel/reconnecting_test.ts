/** Clients that connect again: what becomes of messages, pauses and limits while there is no channel. */

import { simulated } from "../_kit/clock.ts";
import { assert, channelError, test } from "../_kit/mod.ts";
import {
  accept,
  backoff,
  type Channel,
  connect,
  pin,
  reconnecting,
  type ReconnectingEvent,
  type ReconnectingOptions,
} from "../../mod.ts";
import { ChannelError } from "../../src/errors.ts";
import { deferred } from "../../src/channel/reconnecting/waiting.ts";
import { memoryPair } from "../../src/transport/memory.ts";
import { channelPair, closeBoth, offers, pause, requests } from "./_helpers.ts";

/** A reconnecting client, the server's ends of its channels, and the events of the client. */
function comingBack(options: ReconnectingOptions = {}) {
  const servers: Channel[] = [];
  const told: string[] = [];
  const errors: unknown[] = [];
  const onState = (event: ReconnectingEvent) => {
    told.push("unconfirmed" in event ? `${event.state} ${event.unconfirmed}` : event.state);
    if ("error" in event) errors.push(event.error);
  };
  const client = reconnecting(async (signal) => {
    const [near, far] = memoryPair();
    const [channel, server] = await Promise.all([
      connect(near, { security: requests.native, signal }),
      accept(far, { security: [offers.native] }),
    ]);
    servers.push(server);
    return channel;
  }, { delay: () => 0, onState, ...options });
  const server = async (place: number) => {
    while (servers[place] === undefined) await pause(0);
    return servers[place];
  };
  return { client, server, servers, told, errors };
}

test("reconnecting: messages continue on the next channel, none is sent twice, and unconfirmed ones are counted", async () => {
  const { client, server, told, errors } = comingBack();
  await client.send("one");
  await client.send("two");
  const first = await server(0);
  assert.equal((await first.receive())?.length, 3);
  await first.send("before");
  assert.equal((await client.receive())?.length, 6);
  await first.abort("the server is gone");
  while (told.length < 3) await pause(0);
  const messages = ["three", "four", "five"].map((message) => client.send(message));
  await Promise.all(messages);
  const second = await server(1);
  for (const length of [5, 4, 4]) assert.equal((await second.receive())?.length, length);
  await second.send("after");
  assert.equal((await client.receive())?.length, 5);
  await Promise.all([client.close(), second.close()]);
  assert.equal(await client.receive(), null);
  await client.closed;
  assert.deepEqual(told, ["connecting", "open", "waiting 2", "connecting", "open", "closed 0"]);
  assert.equal((errors[0] as Error).message, "the peer ended the session: aborted");
  assert.equal(errors[1], undefined);
  await channelError(() => client.send("late"), "closed");
});

test("reconnecting: a message that waited for a channel is sent before those that follow it", async () => {
  for (let ticks = 0; ticks < 5; ticks++) {
    const { promise: opened, resolve: open } = deferred<void>();
    const { client, server } = comingBack({ onState: ({ state }) => state === "open" && open() });
    const waiting = client.send("first");
    const following = opened.then(async () => {
      for (let i = 0; i < ticks; i++) await null;
      await client.send("the second");
    });
    const there = await server(0);
    assert.deepEqual([(await there.receive())?.length, (await there.receive())?.length], [5, 10]);
    await Promise.all([waiting, following]);
    await Promise.all([client.close(), there.close()]);
  }
});

test("reconnecting: a server that ends in order has received everything, and is dialled again", async () => {
  const { client, server, told } = comingBack();
  const receiving = client.receive();
  await client.send("one");
  const first = await server(0);
  assert.equal((await first.receive())?.length, 3);
  await first.close();
  await (await server(1)).send("again");
  assert.equal((await receiving)?.length, 5);
  assert.deepEqual(told, ["connecting", "open", "waiting 0", "connecting", "open"]);
  await client.abort("enough");
  assert.equal(told.at(-1), "closed 0");
  await channelError(() => client.receive(), "aborted");
  await channelError(() => client.closed, "aborted");
  await channelError(async () => (await server(1)).receive());
});

test("reconnecting: the server is verified each time, and an untrusted one is not dialled again", async () => {
  let trust = requests.key.trust;
  const told: string[] = [];
  const servers: Channel[] = [];
  const client = reconnecting(async () => {
    const [near, far] = memoryPair();
    const accepting = accept(far, { security: [offers.key] });
    accepting.then((server) => servers.push(server), () => {});
    return await connect(near, { security: { setting: "key", trust } });
  }, { delay: () => 0, onState: ({ state }) => told.push(state) });
  await client.send("one");
  trust = pin(`sha256:${"A".repeat(43)}=`);
  while (servers.length === 0) await pause(0);
  await servers[0].abort();
  while (!told.includes("waiting")) await pause(0); // until then a message would go to that server
  const waits = channelError(() => client.send("two"), "untrusted");
  await channelError(() => client.closed, "untrusted");
  await channelError(() => client.receive(), "untrusted");
  await waits;
  assert.deepEqual(told, ["connecting", "open", "waiting", "connecting", "closed"]);
  await channelError(() => client.close(), "untrusted");
  await client[Symbol.asyncDispose]();
});

test("reconnecting: close tells that the last message was lost, and so does the event", async () => {
  const { client, server, told } = comingBack();
  await client.send("lost");
  void client.close(); // is no unhandled rejection
  const calls = [client.close(), client[Symbol.asyncDispose](), client.closed];
  const outcomes = Promise.all(calls.map((call) => channelError(() => call, "alert")));
  await (await server(0)).abort();
  assert.equal(new Set(await outcomes).size, 1);
  assert.deepEqual(told, ["connecting", "open", "closed 1"]);
});

test("reconnecting: pauses grow, attempts and waiting bytes have limits, and signals are obeyed", async () => {
  await simulated(async (clock) => {
    const pauses: number[] = [];
    const gone = () => Promise.reject(new ChannelError("transport", "nobody is there"));
    const client = reconnecting(gone, {
      delay: backoff({ least: 1_000, most: 5_000, random: () => 0.5 }),
      maxAttempts: 5,
      maxWaitingBytes: 10,
      onState: (event) => event.state === "waiting" && pauses.push(event.milliseconds),
    });
    await assert.rejects(() => client.send({} as string, { timeout: 100 }), TypeError);
    const limited = [
      channelError(() => client.send("waits", { timeout: 100 }), "timeout"),
      channelError(() => client.send("waits too", { timeout: 100 }), "limit"),
      channelError(() => client.receive({ signal: AbortSignal.abort() }), "aborted"),
      channelError(() => client.closed, "transport"),
    ];
    await clock.pass(60_000);
    await Promise.all(limited);
    assert.deepEqual(pauses, [500, 1000, 2000, 2500]);
    assert.equal(clock.timers, 0);

    const controller = new AbortController();
    const other = reconnecting(gone, { signal: controller.signal });
    await clock.pass(60_000);
    controller.abort();
    await channelError(() => other.closed, "aborted");
    const third = reconnecting(gone);
    await clock.pass(60_000);
    await third.close(); // while it waits
    await third.closed;
    assert.equal(clock.timers, 0);
  });
  assert.throws(() => reconnecting(undefined as never), TypeError);
  assert.throws(() => reconnecting(() => Promise.reject(), { maxAttempts: 0 }), RangeError);
});

test("reconnecting: a callback that throws, or a dial that gives no channel, ends it with an error", async () => {
  const thrown = new Error("a mistake");
  const mistake = (): never => {
    throw thrown;
  };
  const gone = () => Promise.reject(new ChannelError("transport", "gone"));
  const fails = async (client: ReturnType<typeof reconnecting>, cause: (error: unknown) => boolean) => {
    const waiting = [client.send("waits"), client.receive(), client.closed];
    for (const call of waiting) {
      assert.ok(cause((await channelError(() => call, "aborted")).cause), "another cause");
    }
    assert.equal(client.state, "closed");
  };
  await fails(reconnecting(gone, { delay: mistake }), (cause) => cause === thrown);
  await fails(reconnecting(gone, { retry: mistake }), (cause) => cause === thrown);
  const nothing = () => Promise.resolve(undefined as unknown as Channel);
  await fails(reconnecting(nothing), (cause) => cause instanceof TypeError);

  const { client, server, told } = comingBack({ delay: mistake });
  await client.send("one");
  await (await server(0)).abort();
  await channelError(() => client.closed, "aborted");
  assert.equal(told.at(-1), "closed 1");
});

test("reconnecting: a day with a server that restarts every half an hour", async () => {
  await closeBoth(...await channelPair(requests.native, offers.native)); // whose code takes real time to load
  await simulated(async (clock) => {
    const { client, servers, told } = comingBack({ delay: backoff() });
    const server = async (place: number) => {
      while (servers[place] === undefined) await clock.pass(1_000);
      return servers[place];
    };
    let [sent, received] = [0, 0];
    for (let restart = 0; restart < 48; restart++) {
      const now = await server(restart);
      for (let i = 0; i < 3; i++) {
        await client.send(`message ${sent++}`);
        if (await now.receive() !== null) received++;
        await clock.pass(10 * 60_000);
      }
      await now.abort("restarts");
    }
    const last = await server(48);
    assert.ok(clock.timers <= 4);
    const unconfirmed = told.filter((line) => line === "waiting 3").length * 3;
    assert.deepEqual([sent, received, unconfirmed], [144, 144, 144]);
    await Promise.all([client.close(), last.close()]);
    assert.equal(clock.timers, 0);
  });
});
