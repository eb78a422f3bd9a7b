/** Several processes that share a port, by `node:cluster`: the primary supervises the workers, and the workers serve. */

import cluster, { type Address, type Worker } from "node:cluster";
import process from "node:process";
import { setTimeout as pause } from "node:timers/promises";
import type { Io } from "../command.ts";
import { formatEndpoint } from "../endpoint.ts";
import type { Log } from "./log.ts";

/** Milliseconds before a worker that failed is replaced, so that one that always fails does not cause a busy loop. */
const RESTART_DELAY = 1_000;

/** The most workers allowed: more than machines have processors. */
export const MAX_WORKERS = 1_024;

/** The number of this process if it is a worker; undefined in the primary. */
export const workerId: number | undefined = cluster.isWorker ? process.pid : undefined;

/** Whether the runtime can share ports between workers: only Node has `node:cluster` in full. */
export const CAN_SHARE_PORTS: boolean = !("Deno" in globalThis || "Bun" in globalThis);

/**
 * Starts workers with this process's command line, says where they listen once all do, and replaces those that end, until it
 * is interrupted. Then it lets each end in order.
 *
 * @throws {Error} If one of the first workers does not start listening.
 */
export async function superviseWorkers(count: number, io: Io, log: Log): Promise<void> {
  cluster.setupPrimary({ stdio: ["ignore", "ignore", "inherit", "ipc"] });
  io.onHangup(() => workers().forEach((worker) => worker.process.kill("SIGHUP")));
  try {
    const places = await Promise.all(Array.from({ length: count }, () => listening(cluster.fork())));
    for (const worker of workers()) void replaceAtEnd(worker, io.signal, log);
    await io.stdout.write(`listening on ${formatEndpoint(places[0])}\n`);
    if (!io.signal.aborted) await event(io.signal, "abort");
  } finally {
    await Promise.all(
      workers().map((worker) => {
        worker.process.kill("SIGTERM");
        return new Promise((resolve) => worker.once("exit", resolve));
      }),
    );
  }
}

/** Returns the workers that run. `cluster` lists one that has exited until its channel is closed, too. */
function workers(): Worker[] {
  const all = Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined);
  return all.filter((worker) => !worker.isDead());
}

/** Resolves to the place where a worker listens, once it does. */
function listening(worker: Worker): Promise<{ host: string; port: number }> {
  return new Promise((resolve, reject) => {
    worker.once("listening", ({ address, port }: Address) => resolve({ host: address, port }));
    worker.once("exit", () => reject(new Error("a worker could not start")));
  });
}

async function replaceAtEnd(worker: Worker, signal: AbortSignal, log: Log): Promise<void> {
  const [code, by] = await new Promise<[number, string]>((resolve) =>
    worker.once("exit", (...how) => resolve(how))
  );
  if (signal.aborted) return;
  await log.server("error", `worker ${worker.process.pid} exited (${by ?? code}) and is replaced`);
  await pause(RESTART_DELAY, undefined, { signal }).catch(() => {});
  if (!signal.aborted) void replaceAtEnd(cluster.fork(), signal, log);
}

function event(target: EventTarget, type: string): Promise<unknown> {
  return new Promise((resolve) => target.addEventListener(type, resolve, { once: true }));
}
