/** Runs programs in process groups, so that they end with everything they started. */
import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import { ROOT } from "./runtimes.ts";

export interface ProgramOptions {
  /** Variables added to the environment; undefined removes one. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** The working directory; the repository by default. */
  readonly cwd?: string;
}

export interface RunOptions extends ProgramOptions {
  /** The time in milliseconds after which the program is ended; 10 minutes by default. */
  readonly timeout?: number;
}

export interface RunResult {
  /** The exit code, or null if a signal or the time limit ended the program, or it did not start. */
  readonly code: number | null;
  /** Standard output and error, as they came. */
  readonly output: string;
  readonly timedOut: boolean;
  readonly seconds: number;
}

const running = new Set<number>();

/** A program in its own process group; the rest of the group is ended after the program. */
export class Program implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #chunks: Uint8Array[] = [];
  #failure = "";
  /** The first line on file descriptor 3, on which some programs report their address. Rejects if the program ends. */
  readonly address: Promise<string>;
  /** The exit code, or null if a signal ended the program or it did not start. */
  readonly exited: Promise<number | null>;

  constructor(program: string, args: readonly string[], options: ProgramOptions = {}) {
    const child = spawn(program, args, {
      cwd: options.cwd ?? ROOT,
      env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: undefined, ...options.env },
      detached: true,
      stdio: ["ignore", "pipe", "pipe", "pipe"],
    });
    this.#child = child;
    if (child.pid) running.add(child.pid);
    for (const stream of [child.stdout!, child.stderr!]) {
      stream.on("data", (chunk: Uint8Array) => this.#chunks.push(chunk));
    }
    this.address = new Promise((resolve, reject) => {
      let text = "";
      child.stdio[3]!.on("data", (chunk: Uint8Array) => {
        text += chunk.toString();
        if (text.includes("\n")) resolve(text.slice(0, text.indexOf("\n")));
      });
      child.on("close", () => reject(new Error(`${program} ended:\n${this.output}`)));
    });
    this.address.catch(() => {}); // most callers do not use it
    this.exited = new Promise((resolve) => {
      child.on("error", (error) => this.#failure = `${error.message}\n`);
      child.on("exit", () => endGroup(child.pid)); // the program's own children would keep the pipes open
      child.on("close", (code) => {
        running.delete(child.pid ?? 0);
        resolve(code);
      });
    });
  }

  /** Standard output and error so far, as they came. */
  get output(): string {
    return this.#failure + Buffer.concat(this.#chunks).toString("utf8");
  }

  /** Ends the program, and waits until it has ended. */
  async [Symbol.asyncDispose](): Promise<void> {
    endGroup(this.#child.pid);
    await this.exited;
  }
}

/** Runs a program to its end. */
export async function run(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<RunResult> {
  const started = performance.now();
  await using child = new Program(program, args, options);
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    child[Symbol.asyncDispose]();
  }, options.timeout ?? 600_000);
  const code = await child.exited;
  clearTimeout(timer);
  return { code, output: child.output, timedOut, seconds: (performance.now() - started) / 1000 };
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined || !running.has(pid)) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // the group has already ended
  }
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    for (const pid of running) endGroup(pid);
    process.exit(130);
  });
}
