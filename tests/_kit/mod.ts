/**
 * The one door from tests to their runner: the same files run under node --test, deno test and bun test, and
 * bundled in browsers. Nothing else in tests/ may import `node:test` or `node:assert`.
 */
import { test as register } from "node:test";
import strict from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { spawnSync } from "node:child_process";
import process from "node:process";
import { ChannelError, type ErrorCode } from "../../src/errors.ts";

/** Assertions. */
export const assert: typeof strict = strict;

// Without a message, Node looks for the source of the call to make one, and never ends where a loader has put a long
// file on one line: a failing test would hang.
const { ok } = assert;
assert.ok = (value: unknown, message?: unknown) =>
  ok(value, (message ?? "a condition does not hold") as string);

/** The runtime that this test process is. */
export type Runtime = "node" | "deno" | "bun";

export const runtime: Runtime = "Deno" in globalThis ? "deno" : "Bun" in globalThis ? "bun" : "node";

/** What a test needs from outside: public vectors, processes that it starts from this repository, or a program on the PATH. */
export type Need =
  | "vectors"
  | "processes"
  | "openssl"
  | "gnutls-cli"
  | "gnutls-serv"
  | "python3"
  | "unshare"
  | "tshark";

export interface TestOptions {
  /** Outside things without which the test is skipped by name (or fails, where skipping is forbidden). */
  readonly needs?: readonly Need[];
  /** The runtimes it runs on; all of them by default. */
  readonly on?: readonly Runtime[];
  /** Milliseconds; 60,000 by default. */
  readonly timeout?: number;
}

/** Registers a test. */
export function test(name: string, options: TestOptions, body: () => void | Promise<void>): void;
export function test(name: string, body: () => void | Promise<void>): void;
export function test(
  name: string,
  second: TestOptions | (() => void | Promise<void>),
  third?: () => void | Promise<void>,
): void {
  const [options, body] = typeof second === "function" ? [{}, second] : [second, third!];
  const left = process.env.FESA_LEAVE_PROGRAMS && options.needs?.some((need) => need !== "vectors");
  if (left || options.on?.includes(runtime) === false) return void listed.push({ name, plan: "elsewhere" });
  const missing = (options.needs ?? []).filter((need) => !isThere(need));
  const skip = missing.length > 0 && !process.env.FESA_NO_SKIP;
  const shown = skip ? `${name} (skipped: no ${missing.join(", ")})` : name;
  listed.push({ name: shown, plan: skip ? "skip" : "run" });
  if (process.env.FESA_LIST) return;
  if (skip) register(shown, { skip: true }, () => {});
  else if (missing.length > 0) register(shown, () => assert.fail(`not here: ${missing.join(", ")}`));
  else register(shown, { timeout: options.timeout ?? 60_000 }, body);
}

/** What becomes of a test in this runtime. */
export interface Listed {
  readonly name: string;
  readonly plan: "run" | "skip" | "elsewhere";
}

/**
 * Every test that was registered so far. With FESA_LIST set they are only listed: tools/test.ts asks for the list
 * before it runs anything, and holds each runner's own report against it.
 */
export const listed: Listed[] = [];

const vectorRoot = process.env.FESA_VECTORS ?? new URL("../../../shared/vectors/", import.meta.url).pathname;

/** Reads a public test vector file (gunzipped where its name ends in .gz). */
export function vector(path: string): Uint8Array {
  const bytes = readFileSync(`${vectorRoot.replace(/\/?$/, "/")}${path}`);
  return path.endsWith(".gz") ? gunzipSync(bytes) : bytes;
}

/** The names of the files in a folder of public test vectors, in order. */
export function vectorNames(folder: string): string[] {
  return readdirSync(`${vectorRoot.replace(/\/?$/, "/")}${folder}`).sort();
}

/** Reads a public test vector file as text. */
export function vectorText(path: string): string {
  return new TextDecoder().decode(vector(path));
}

/** Asserts that `work` throws, or rejects with, a ChannelError of this code, and returns it. */
export async function channelError(work: () => unknown, code?: ErrorCode): Promise<ChannelError> {
  let error: unknown;
  try {
    await work();
  } catch (thrown) {
    error = thrown;
  }
  if (!(error instanceof ChannelError)) {
    assert.fail(error === undefined ? "nothing was thrown" : `not a ChannelError: ${String(error)}`);
  }
  if (code !== undefined) assert.equal(error.code, code, error.message);
  return error;
}

const found = new Map<Need, boolean>();

function isThere(need: Need): boolean {
  let there = found.get(need);
  if (there === undefined) {
    there = need === "vectors" ? existsSync(vectorRoot) : need === "processes" ||
      spawnSync("sh", ["-c", `command -v ${need}`], { stdio: "ignore" }).status === 0;
    found.set(need, there);
  }
  return there;
}
