/** Runs the examples as a reader does: with the commands of examples/README.md, in a folder like a fresh clone. */
import { type ChildProcess, spawn } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import process from "node:process";
import { executable, ROOT } from "../../tools/runtimes.ts";
import { assert } from "../_kit/mod.ts";
import { until } from "../_kit/until.ts";

/** The files that examples and the build write, which a fresh clone does not have. */
const WRITTEN = ["keys", "inbox", "dist"];

/** The commands in the table of examples/README.md. */
export const COMMANDS: readonly string[] = Array.from(
  readFileSync(join(ROOT, "examples/README.md"), "utf8").matchAll(/^\|.*?\| `([^`]+)` +\|/gm),
  ([, command]) => command,
);

/** A program of an example, with all processes that it starts. */
export class Running implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #exit: Promise<number | null>;
  #ended = false;
  /** Standard output and error. */
  output = "";

  constructor(command: string, cwd: string) {
    const runtimes = [executable("deno"), executable("bun"), executable("node")].map(dirname);
    const path = [...runtimes, join(ROOT, "node_modules/.bin"), process.env.PATH].join(delimiter);
    this.#child = spawn("sh", ["-c", `exec ${command}`], {
      cwd,
      env: { ...process.env, PATH: path, NO_COLOR: "1" },
      detached: true,
    });
    for (const stream of [this.#child.stdout!, this.#child.stderr!]) {
      stream.on("data", (chunk) => this.output += chunk);
    }
    this.#exit = new Promise((resolve) => this.#child.on("close", resolve));
    this.#exit.then(() => this.#ended = true);
  }

  /** Waits until the output matches, and returns the match. */
  async says(pattern: RegExp): Promise<RegExpExecArray> {
    await until(() => this.output, {
      holds: (output) => pattern.test(output) || this.#ended,
      about: () => `${pattern} is not in it`,
    });
    const match = pattern.exec(this.output);
    assert.ok(match, `${pattern} is not in:\n${this.output}`);
    return match;
  }

  /** Waits until the program prints the port on which it listens, and returns the port. */
  async port(): Promise<string> {
    return (await this.says(/listening on .*?(\d+)\D*\n/i))[1];
  }

  /** Writes to its standard input. */
  input(text: string): void {
    this.#child.stdin!.write(text);
  }

  /** Ends its standard input. */
  endInput(): void {
    this.#child.stdin!.end();
  }

  /** Interrupts the program and all processes that it started, like Ctrl+C. */
  interrupt(): void {
    process.kill(-this.#child.pid!, "SIGINT");
  }

  /** Waits for the end of the program, and asserts that it succeeded. */
  async succeeds(): Promise<void> {
    assert.equal(await this.#exit, 0, this.output);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      process.kill(-this.#child.pid!, "SIGKILL");
    } catch {
      // nothing of it is left
    }
    await this.#exit;
  }
}

/** A folder like a fresh clone of the repository, with keys that the example has made. */
export interface Clone {
  readonly folder: string;
  /** Starts an example with its command in the table and optional further arguments. */
  run(file: string, ...more: readonly (string | number)[]): Running;
}

let shared: Promise<Clone> | undefined;

/** Returns the clone that all tests of a file use. It is removed when their process ends. */
export function clone(): Promise<Clone> {
  return shared ??= makeClone();
}

async function makeClone(): Promise<Clone> {
  const folder = mkdtempSync(join(tmpdir(), "fesa-examples-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  for (const name of readdirSync(ROOT)) {
    if (name !== "examples" && !WRITTEN.includes(name)) symlinkSync(join(ROOT, name), join(folder, name));
  }
  cpSync(join(ROOT, "examples"), join(folder, "examples"), { recursive: true }); // some read what is beside them
  const run = (file: string, ...more: readonly (string | number)[]): Running => {
    const command = COMMANDS.find((command) => command.includes(file));
    assert.ok(command, `examples/README.md has no command with ${file}`);
    // The same command with fewer processes, because `npx` and `tsx` only start another process and take time for it.
    const direct = command.replace(/^npx tsx /, "node --import tsx ");
    return new Running([direct, ...more].join(" "), folder);
  };
  await using keys = run("examples/keys.ts");
  await keys.succeeds();
  return { folder, run };
}
