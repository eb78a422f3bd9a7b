import { execFile } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import process from "node:process";
import { promisify } from "node:util";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import {
  accept,
  type Channel,
  connect,
  reconnecting,
  type ReconnectingChannel,
  type ReconnectingEvent,
  serve,
  type Server,
} from "../../mod.ts";
import { assert, type Runtime, runtime, test } from "../_kit/mod.ts";
import { DENO_RUN } from "../_kit/deno_run.ts";
import { echoMessages } from "../_kit/offers.ts";
import { freePort } from "../_kit/peer.ts";
import { PATIENCE, until } from "../_kit/until.ts";
import { httpServer, webSocketClient } from "../transport/_http_server.ts";
import { memoryPair } from "../../src/transport/memory.ts";
import { dial, dialWebSocket, listen, listenWebSocket } from "../../src/transport/node.ts";
import { nextTurn } from "../../src/turns.ts";
import { offers, requests } from "./_helpers.ts";
import { testServing } from "./_serving.ts";

testServing("serve, node TCP", {}, async () => {
  const listener = await listen();
  return { listener, dial: () => dial(listener) };
});

// The answer to a WebSocket's opening is a digest of the platform's.
testServing("serve, node WebSocket", { needs: ["subtle"] }, async () => {
  const listener = await listenWebSocket();
  return { listener, dial: () => dialWebSocket(`ws://127.0.0.1:${listener.port}`) };
});

testServing("serve, the runtime's WebSockets", {}, async () => {
  const { listener, port, close } = await httpServer();
  return { listener, dial: () => Promise.resolve(webSocketClient(port)), close };
});

const FLAGS: Readonly<Partial<Record<Runtime, readonly string[]>>> = {
  node: ["--import", "tsx"],
  deno: DENO_RUN,
  bun: ["run"],
};

test("serve: after its close nothing is left open, and the program ends", async () => {
  const program = new URL("_ends.ts", import.meta.url).pathname;
  const options = { timeout: PATIENCE };
  const { stdout } = await promisify(execFile)(process.execPath, [...FLAGS[runtime]!, program], options);
  assert.equal(stdout, "closed\n");
});

test("serve: a process that was held up reads what arrived meanwhile before it calls a peer silent", async () => {
  const listener = await listen();
  const limits = { keepAlive: 0, idleTimeout: 1_000 };
  const server = serve(listener, { security: [offers.native], ...limits }, echoMessages);
  try {
    const channel = await connect(await dial(listener), { security: requests.native });
    await channel.send("sent before");
    for (const end = performance.now() + 1_500; performance.now() < end;);
    assert.equal((await channel.receive())?.length, 11);
    await channel.close();
  } finally {
    await server.close({ grace: 0 });
  }
});

// reconnecting_test.ts simulates the hours of a day. This test counts the objects that remain after its restarts.
test("serve: 48 restarts under clients that come back leave descriptors, handles and memory as they were", {
  on: ["node"],
}, async () => {
  const port = await freePort(); // which nobody else takes between two servers
  const before = resources();
  const ended: WeakRef<object>[] = [];
  const start = async (): Promise<Server> => {
    return serve(
      await listen({ port }),
      { security: [offers.native] },
      async (channel, { closing, transport }) => {
        ended.push(new WeakRef(channel), new WeakRef(transport));
        closing.addEventListener("abort", () => void channel.close());
        for await (const message of channel) await channel.send(message);
      },
    );
  };
  let server = await start();
  const dialAgain = async (): Promise<Channel> => {
    const channel = await connect(await dial({ host: "127.0.0.1", port }), { security: requests.native });
    ended.push(new WeakRef(channel));
    return channel;
  };
  const clients = [1, 2].map(() => new ComingBack(dialAgain));
  for (let restart = 0; restart < 48; restart++) {
    await Promise.all(clients.map((client) => client.isAnswered(restart + 1)));
    await server.close({ grace: restart % 2 === 0 ? 0 : 5_000 });
    server = await start();
  }
  await Promise.all(clients.map((client) => client.isAnswered(49)));
  await Promise.all(clients.map(({ channel }) => channel.close()));
  await server.close();
  assert.equal(ended.length, 2 * 49 * 3);
  const isAlive = (reference: WeakRef<object>): boolean => reference.deref() !== undefined;
  await onceCollected(() => ended.filter(isAlive).length, 10); // the last ones
  await onceCollected(() => resources().descriptors, before.descriptors);
  await onceCollected(() => resources().handles, before.handles);
});

test("channel: while it is idle, nothing that has arrived stays in memory", { on: ["node"] }, async () => {
  const [near, far] = memoryPair();
  const arrived: WeakRef<ArrayBufferLike>[] = [];
  const noted = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      arrived.push(new WeakRef(chunk.buffer));
      controller.enqueue(chunk);
    },
  });
  const [sender, receiver] = await Promise.all([
    connect(near, { security: { setting: "off" } }),
    accept({ readable: far.readable.pipeThrough(noted), writable: far.writable }, {
      security: [{ setting: "off" }],
    }),
  ]);
  const size = 100_000;
  await sender.send(new Uint8Array(size));
  assert.equal((await receiver.receive())?.length, size);
  await onceCollected(() => arrived.filter((buffer) => buffer.deref() !== undefined).length, 0);
  await Promise.all([sender.close(), receiver.close()]);
});

test("turns: the origin that had the last turn does not stay in memory", { on: ["node"] }, async () => {
  const waited = async () => {
    const origin = {};
    await nextTurn(origin);
    return new WeakRef(origin);
  };
  const origin = await waited();
  await onceCollected(() => origin.deref() === undefined ? 0 : 1, 0);
});

/** A client that reconnects at once, and counts its channels and the answers. */
class ComingBack {
  readonly channel: ReconnectingChannel;
  #opened = 0;
  #answers = 0;
  #wake = () => {};

  constructor(dialAgain: () => Promise<Channel>) {
    const onState = ({ state }: ReconnectingEvent) => {
      if (state === "open") this.#opened++;
      this.#wake();
    };
    this.channel = reconnecting(dialAgain, { delay: () => 1, onState });
    void this.#receive();
  }

  /** Sends a message on the channel with this number, and waits for the answer. */
  async isAnswered(channel: number): Promise<void> {
    while (this.#opened < channel) await this.#change();
    await this.channel.send("hello");
    while (this.#answers < channel) await this.#change();
  }

  async #receive(): Promise<void> {
    for await (const _ of this.channel) {
      this.#answers++;
      this.#wake();
    }
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#wake = resolve);
  }
}

function resources(): { descriptors: number; handles: number } {
  const descriptors = existsSync("/proc/self/fd") ? readdirSync("/proc/self/fd").length : 0;
  return { descriptors, handles: process.getActiveResourcesInfo().length };
}

/** Collects garbage until a count is at most this, and fails if it stays larger. */
async function onceCollected(count: () => number, most: number): Promise<void> {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const collected = () => {
    collect();
    return count();
  };
  await until(collected, { holds: (left) => left <= most, about: () => `at most ${most} should be left` });
}
