/**
 * Honest clients of a server under 1,500 silent, 900 slow and 300 junk connections, and the shutdown of that server. The crowd's process
 * has the lowest priority, since on a network it would not use the server's processors.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { constants, setPriority } from "node:os";
import { fileURLToPath } from "node:url";
import { type Channel, connect } from "../mod.ts";
import { dial } from "../src/transport/node.ts";
import { median, type Row, table } from "./_kit.ts";

export const name = "A server under attack, over TCP, with the default limits";

/** The number of honest clients, and how many connect at a time. */
const ATTEMPTS = 100;
const AT_ONCE = 4;

interface Address {
  readonly port: number;
  readonly root: string;
}

export async function run(): Promise<void> {
  const server = start("_crowd_server.ts");
  const [address] = await once(server, "message") as [Address];
  const rows: Row[] = [];
  await attempts(address, 50); // warms up
  rows.push(await visit("without attackers", server, address));
  for (
    const [crowd, from] of [["from another address", "127.0.0.2"], ["from the same address", "127.0.0.1"]]
  ) {
    const clients = start("_crowd_clients.ts", String(address.port), from);
    setPriority(clients.pid!, constants.priority.PRIORITY_LOW);
    await once(clients, "message");
    rows.push(await visit(`2,700 ${crowd}`, server, address));
    if (from === "127.0.0.1") await drain(server, address, rows);
    clients.disconnect();
    await once(clients, "exit");
    if (from !== "127.0.0.1") {
      await new Promise((resolve) => setTimeout(resolve, 12_000)); // until the last handshakes have timed out
      rows.push(await visit("without attackers, afterwards", server, address));
    }
  }
  table(rows);
}

function start(file: string, ...words: string[]): ChildProcess {
  const execArgv = ["--import", "tsx", "--expose-gc"];
  return fork(fileURLToPath(new URL(file, import.meta.url)), words, { execArgv });
}

/** The number of connections that the server has accepted, and the processor time that it has used, in milliseconds. */
interface Work {
  readonly taken: number;
  readonly worked: number;
}

async function ask<T>(server: ChildProcess, question: "work" | "memory" | "drain"): Promise<T> {
  server.send(question);
  const [answer] = await once(server, "message");
  return answer;
}

async function visit(beside: string, server: ChildProcess, address: Address): Promise<Row> {
  const before = await ask<Work>(server, "work");
  const begun = performance.now();
  const times = await attempts(address, ATTEMPTS);
  const milliseconds = performance.now() - begun;
  const { taken, worked } = await ask<Work>(server, "work");
  const { connections, resident } = await ask<{ connections: number; resident: number }>(server, "memory");
  console.log(`  ${beside}`);
  const sorted = [...times].sort((a, b) => a - b);
  return {
    beside,
    "honest clients served": `${times.length} of ${ATTEMPTS}`,
    "median, ms": median(times),
    "p95, ms": sorted[Math.floor(0.95 * sorted.length)],
    "connections": connections,
    "taken/s": Math.round((taken - before.taken) / milliseconds * 1000),
    "processor, %": Math.round((worked - before.worked) / milliseconds * 100),
    "resident, MB": resident / 1e6,
  };
}

/** Returns the time of each client that connected, sent a message, got it back and closed. */
async function attempts(address: Address, count: number): Promise<number[]> {
  const times: number[] = [];
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    for (let i = 0; i < count / AT_ONCE; i++) {
      const begun = performance.now();
      try {
        const channel = await enter(address);
        await channel.send("hello");
        await channel.receive();
        await channel.close();
        times.push(performance.now() - begun);
      } catch {
        // This client was not served.
      }
    }
  }));
  return times;
}

async function enter({ port, root }: Address): Promise<Channel> {
  const transport = await dial({ host: "127.0.0.1", port });
  return await connect(transport, {
    security: { setting: "certificate", roots: root, serverName: "localhost" },
  });
}

/** Closes the server under attack, while honest clients are at work. */
async function drain(server: ChildProcess, address: Address, rows: Row[]): Promise<void> {
  const channels = await Promise.all(Array.from({ length: 50 }, async () => {
    const channel = await enter(address);
    await channel.send("hello");
    await channel.receive(); // now the server's side of the handshake is complete too
    return channel;
  }));
  const ended = Promise.allSettled(channels.map(async (channel) => {
    for (let i = 0; i < 20; i++) {
      await channel.send("hello");
      await channel.receive();
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await channel.close();
  }));
  const { milliseconds } = await ask<{ milliseconds: number }>(server, "drain");
  const served = (await ended).filter(({ status }) => status === "fulfilled").length;
  rows.push({
    beside: "2,700, while the server closes",
    "honest clients served": `${served} of ${channels.length}`,
    "median, ms": "",
    "p95, ms": `closed after ${Math.round(milliseconds)}`,
    "connections": "",
    "taken/s": "",
    "processor, %": "",
    "resident, MB": "",
  });
}
