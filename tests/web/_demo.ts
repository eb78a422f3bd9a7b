/** The demonstration, started as `npm run demo:web` starts it. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { Socket } from "node:net";
import process from "node:process";
import { ROOT } from "../../tools/runtimes.ts";

/** The application server and its page. */
export class Demo implements AsyncDisposable {
  readonly #child: ChildProcess;
  /** The page's address. */
  readonly url: string;

  private constructor(child: ChildProcess, url: string) {
    this.#child = child;
    this.url = url;
  }

  /** Starts the demonstration on a free port, and waits for the line with its address. */
  static async start(): Promise<Demo> {
    const args = ["--import", "tsx", "examples/web/server.ts", "--port", "0"];
    const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"] });
    process.once("exit", () => child.kill());
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => output += chunk);
    return await new Promise((resolve, reject) => {
      child.on("exit", () => reject(new Error(`the demonstration ended: ${output}`)));
      child.stdout.on("data", () => {
        const url = /^Open (http:\S+) in a browser/m.exec(output)?.[1];
        if (url !== undefined) resolve(new Demo(child, url));
      });
    });
  }

  /** Starts one for all tests of a file. It does not keep their process running, and ends with it. */
  static shared(): Promise<Demo> {
    return sharedDemo ??= Demo.start().then((demo) => {
      for (const held of [demo.#child, demo.#child.stdout as Socket, demo.#child.stderr as Socket]) {
        held.unref();
      }
      return demo;
    });
  }

  /** Ends the demonstration as a user would, and returns its exit code. */
  async end(): Promise<number | null> {
    if (this.#child.exitCode === null && this.#child.kill("SIGTERM")) await once(this.#child, "exit");
    return this.#child.exitCode;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
  }
}

let sharedDemo: Promise<Demo> | undefined;
