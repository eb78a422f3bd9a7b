/** Starts, commands and kills a process that is one end of channels. */
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { executable, type ProcessFamily, ROOT, SCRIPT_PREFIX } from "../runtimes.ts";
import type { Order } from "./trial.ts";

/** A process and the lines that it prints, in order. */
export class End {
  readonly family: ProcessFamily;
  readonly #child: ChildProcess;
  readonly #lines: unknown[] = [];
  readonly #exit: Promise<void>;
  #wake: () => void = () => {};
  #errors = "";
  #ended = false;

  constructor(family: ProcessFamily, ...args: readonly string[]) {
    this.family = family;
    const command = [...SCRIPT_PREFIX[family], "tools/chaos/peer.ts", ...args];
    this.#child = spawn(executable(family), command, { cwd: ROOT, stdio: ["pipe", "pipe", "pipe"] });
    this.#child.stdin!.on("error", () => {}); // it may be killed
    this.#child.stderr!.on("data", (chunk) => this.#errors += chunk);
    createInterface({ input: this.#child.stdout! }).on("line", (line) => {
      this.#lines.push(JSON.parse(line));
      this.#wake();
    });
    this.#exit = new Promise((resolve) =>
      this.#child.on("close", () => {
        this.#ended = true;
        this.#wake();
        resolve();
      })
    );
  }

  /** Tells a client to connect. */
  order(order: Order): void {
    this.#child.stdin!.write(`${JSON.stringify(order)}\n`);
  }

  /** Returns the next line that the process prints, or undefined if there is none within this time. */
  async next(milliseconds: number): Promise<unknown> {
    const until = performance.now() + milliseconds;
    while (this.#lines.length === 0) {
      if (this.#ended) throw new Error(`the ${this.family} process ended: ${this.#errors}`);
      const left = until - performance.now();
      if (left <= 0) return undefined;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    return this.#lines.shift();
  }

  /** Kills the process at once. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#exit;
  }
}
