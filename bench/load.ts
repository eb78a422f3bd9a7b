/**
 * Measures a server's event loop under loads that try to block it, a sender in an endless loop, and the memory of idle
 * channels.
 */
import { deflateRawSync } from "node:zlib";
import { frameParts } from "../src/message/frame.ts";
import { concat } from "../src/bytes.ts";
import { connectOff } from "../src/off/session.ts";
import { dial } from "../src/transport/node.ts";
import { Wire } from "../src/wire.ts";
import { median, type Row, saveFigures, spread, table } from "./_kit.ts";
import { IDLE_KINDS, idleMemory } from "./_idle.ts";
import { Server } from "./_load_process.ts";
import { LoopWatch, threadTime } from "./_thread_time.ts";

export const name = "Loads on the event loop, and idle channels";

/** The duration of each load in milliseconds, and the number of runs. */
const DURATION = 2_000;
const ROUNDS = 5;

const BOMB = concat(
  ...frameParts({ flags: 1, payload: new Uint8Array(deflateRawSync(new Uint8Array(2 ** 24))) }),
);
const EMPTY_MESSAGES = new Uint8Array(60_000); // 12,000 empty frames
const MESSAGE: Uint8Array = Uint8Array.from({ length: 65_536 }, (_, i) => i * 31 >> 3);

/** A client that continues until its signal fires. */
type Client = (server: Server, stopped: AbortSignal) => Promise<void>;

const upload: Client = async (server, stopped) => {
  const channel = await server.connect("certificate");
  while (!stopped.aborted) await channel.send(MESSAGE);
  await channel.abort();
};

const shakeHands: Client = async (server, stopped) => {
  while (!stopped.aborted) await (await server.connect("certificate")).abort();
};

const raw = (bytes: Uint8Array): Client => async ({ address: { port } }, stopped) => {
  const wire = new Wire(await dial({ host: "127.0.0.1", port }));
  const session = await connectOff(wire, { mode: "message" });
  while (!stopped.aborted) await session.write([bytes]);
  wire.release();
  await wire.end();
};

const LOADS: Readonly<Record<string, readonly Client[]>> = {
  "none": [],
  "8 uploads": Array(8).fill(upload),
  "one sender of 16 MiB deflate bombs": [raw(BOMB)],
  "one sender of empty messages": [raw(EMPTY_MESSAGES)],
  "8 clients that shake hands and go": Array(8).fill(shakeHands),
};

export async function run(): Promise<void> {
  const loop = await loads();
  console.log("\n  a timer of 100 ms beside an endless loop");
  const timer = await timers();
  console.log("\n  idle channels, KiB resident for each");
  const memory: Row[] = [];
  for (const kind of IDLE_KINDS) memory.push(await idleMemory(kind));
  table(memory);
  saveFigures("load", { loads: loop, timer, memory });
}

/** Measures the longest turn of a server's loop under each load, and how long a new client waits. */
async function loads(): Promise<readonly Row[]> {
  const server = await Server.start();
  for (let i = 0; i < 30; i++) await (await server.connect("certificate")).close(); // warms up
  const seen = Object.keys(LOADS).map((load) => ({
    load,
    turns: [] as number[],
    waits: [] as number[],
    work: [] as number[],
  }));
  for (let round = 0; round < ROUNDS; round++) {
    for (const { load, turns, waits, work } of seen) {
      const stop = new AbortController();
      const working = LOADS[load].map((client) => client(server, stop.signal));
      await sleep(200); // the beginning of a load is not representative
      const begun = performance.now();
      let longest = 0;
      while (performance.now() - begun < DURATION) {
        await server.figures();
        const asked = { at: performance.now(), busy: threadTime() };
        const newcomer = await server.connect("certificate");
        waits.push(performance.now() - asked.at);
        const { busy, longestTurn } = await server.figures();
        work.push(busy + threadTime() - asked.busy);
        longest = Math.max(longest, longestTurn);
        await newcomer.abort();
      }
      turns.push(longest);
      stop.abort();
      await Promise.allSettled(working);
    }
  }
  server.stop();
  const rows = seen.map(({ load, turns, waits, work }) => ({
    load,
    "longest turn, ms of the processor": median(turns),
    "spread": spread(turns),
    "a newcomer's handshake, ms": median(waits),
    "its spread": spread(waits),
    "of the processor, both ends": median(work),
  }));
  table(rows);
  return rows;
}

/** Measures how late a timer of 100 ms fires beside `for (;;) await channel.send(message)`, and the longest turn of the loop. */
async function timers(): Promise<readonly Row[]> {
  const server = await Server.start();
  const rows: Row[] = [];
  const bare = () => new Promise<void>((resolve) => setImmediate(() => (busy(4), resolve())));
  for (const beside of ["4 ms of work in each turn", "certificate", "native"] as const) {
    const channel = beside === "certificate" || beside === "native"
      ? await server.connect(beside)
      : undefined;
    const step = channel ? () => channel.send(MESSAGE) : bare;
    const waits: number[] = [];
    const loop = new LoopWatch();
    for (let round = 0; round < 15; round++) {
      const begun = performance.now();
      let fired = false;
      setTimeout(() => {
        fired = true;
        waits.push(performance.now() - begun);
      }, 100);
      while (!fired) await step();
    }
    await channel?.abort();
    const { longestTurn } = loop.figures();
    loop.stop();
    rows.push({
      beside,
      "fires after, ms": median(waits),
      "spread": spread(waits),
      "longest turn, ms of the processor": longestTurn,
    });
  }
  server.stop();
  table(rows);
  return rows;
}

function busy(milliseconds: number): void {
  for (const end = performance.now() + milliseconds; performance.now() < end;);
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
