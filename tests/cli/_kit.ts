/** Runs the tool inside the test's own process. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Io, Output } from "../../src/cli/command.ts";
import { main } from "../../src/cli/main.ts";
import { concat, EMPTY, fromUtf8, toUtf8 } from "../../src/bytes.ts";
import { assert } from "../_kit/mod.ts";

/** The result of a run. */
export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The inputs of a run other than its arguments. */
export interface RunOptions {
  /** Standard input; empty by default. */
  readonly stdin?: AsyncIterable<Uint8Array>;
  /** The answers at the terminal: one for all questions, or one for each. By default there is no terminal. */
  readonly answer?: string | (() => string);
  readonly signal?: AbortSignal;
  /** The source of `hangup` events, which stand for SIGHUP. */
  readonly hangup?: EventTarget;
  /** Called with standard output as it is written. */
  readonly onOutput?: (text: string) => void;
  /** Called with standard error as it is written. */
  readonly onErrors?: (text: string) => void;
}

/** Runs one command line until it ends. */
export async function fesa(words: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const { answer = null } = options;
  const [stdout, stderr] = [new Capture(options.onOutput), new Capture(options.onErrors)];
  const io: Io = {
    stdin: options.stdin ?? nothing(),
    stdout,
    stderr,
    signal: options.signal ?? new AbortController().signal,
    onHangup: (listener) => options.hangup?.addEventListener("hangup", listener),
    askSecret: () => Promise.resolve(typeof answer === "function" ? answer() : answer),
  };
  const code = await main(words, io);
  return { code, stdout: stdout.text, stderr: stderr.text };
}

/** Runs a client, and asserts that it fails with one line on standard error. */
export async function refused(words: readonly string[], code: number, message: RegExp): Promise<Ran> {
  const ran = await fesa(words);
  const lines = ran.stderr.trimEnd().split("\n");
  assert.equal(ran.code, code, `${words.join(" ")}: ${ran.stderr}`);
  assert.match(lines.at(-1)!, message);
  return ran;
}

/** Runs a command line as {@link words} reads it, asserts that it succeeds, and returns its output. */
export async function run(path: Path, line: string, ...more: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await tryRun(path, line, ...more);
  assert.equal(code, 0, `fesa ${line}: ${stderr}`);
  return stdout;
}

/** Runs a command line as {@link words} reads it, with more words, which may contain spaces. */
export async function tryRun(path: Path, line: string, ...more: readonly string[]): Promise<Ran> {
  return await fesa([...words(path, line), ...more]);
}

/** Returns the words of a line; those that begin with `@` name files in the folder. */
export function words(path: Path, line: string): string[] {
  return line.split(" ").map((word) => word.replace(/^@(.*)/, (_, name) => path(name)));
}

/** Returns the path of a file in a folder. */
export type Path = (name: string) => string;

/** Runs `work` with a new folder, which is removed afterwards. */
export async function inFolder(work: (path: Path) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "fesa-"));
  try {
    await work((name) => join(folder, name));
  } finally {
    await rm(folder, { recursive: true });
  }
}

class Capture implements Output {
  readonly isTerminal = false;
  readonly #onOutput: ((text: string) => void) | undefined;
  #bytes: Uint8Array = EMPTY;

  constructor(onOutput?: (text: string) => void) {
    this.#onOutput = onOutput;
  }

  get text(): string {
    return fromUtf8(this.#bytes);
  }

  write(data: string | Uint8Array): Promise<void> {
    this.#bytes = concat(this.#bytes, typeof data === "string" ? toUtf8(data) : data);
    this.#onOutput?.(this.text);
    return Promise.resolve();
  }
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

/** Standard input that consists of these texts. */
export async function* input(...parts: string[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield toUtf8(part);
}
