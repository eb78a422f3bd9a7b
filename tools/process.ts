/** Runs a program to its end, with everything it started. */
import { spawn } from "node:child_process";
import process from "node:process";
import { ROOT } from "./runtimes.ts";

export interface RunOptions {
  /** Added to the environment; undefined takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** The working directory; the repository by default. */
  readonly cwd?: string;
  /** Milliseconds after which it is ended; 10 minutes by default. */
  readonly timeout?: number;
}

export interface RunResult {
  /** The exit code, or null where it was ended by a signal or the time limit, or did not start. */
  readonly code: number | null;
  /** Standard output and error, as they came. */
  readonly output: string;
  readonly timedOut: boolean;
  readonly seconds: number;
}

const running = new Set<number>();

/** Starts a program as a process group of its own, and ends what is left of the group when the program is done. */
export function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const started = performance.now();
  const child = spawn(program, args, {
    cwd: options.cwd ?? ROOT,
    env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: undefined, ...options.env },
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  if (child.pid) running.add(child.pid);
  const chunks: Uint8Array[] = [];
  child.stdout.on("data", (chunk: Uint8Array) => chunks.push(chunk));
  child.stderr.on("data", (chunk: Uint8Array) => chunks.push(chunk));
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    endGroup(child.pid);
  }, options.timeout ?? 600_000);

  return new Promise((resolve) => {
    let failure = "";
    child.on("error", (error) => failure = `${error.message}\n`);
    child.on("exit", () => endGroup(child.pid)); // a grandchild would keep the pipes open
    child.on("close", (code) => {
      running.delete(child.pid ?? 0);
      clearTimeout(timer);
      const output = failure + Buffer.concat(chunks).toString("utf8");
      resolve({ code, output, timedOut, seconds: (performance.now() - started) / 1000 });
    });
  });
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined || !running.has(pid)) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // nothing of it is left
  }
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    for (const pid of running) endGroup(pid);
    process.exit(130);
  });
}

/** Runs jobs, at most `limit` at a time, starting them in order. */
export async function inParallel(limit: number, jobs: readonly (() => Promise<void>)[]): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < jobs.length) await jobs[next++]();
  };
  await Promise.all(Array.from({ length: limit }, worker));
}
