/**
 * The one door from tests to their runner: the same files run under node --test, deno test and bun test, and
 * bundled in browsers. Nothing else in tests/ may import `node:test` or `node:assert`.
 */
import { test as register } from "node:test";
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { spawnSync } from "node:child_process";
import process from "node:process";
import { ChannelError, type ErrorCode } from "../../src/errors.ts";

export { assert };

/** The runtime that this test process is. */
export type Runtime = "node" | "deno" | "bun";

export const runtime: Runtime = "Deno" in globalThis ? "deno" : "Bun" in globalThis ? "bun" : "node";

/** What a test needs from outside: public vectors, or a program on the PATH. */
export type Need = "vectors" | "openssl" | "gnutls-cli" | "gnutls-serv" | "python3" | "unshare" | "tshark";

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
  if (options.on && !options.on.includes(runtime)) return;
  const missing = (options.needs ?? []).filter((need) => !isThere(need));
  if (missing.length > 0) {
    if (process.env.FESA_NO_SKIP) {
      register(name, () => assert.fail(`not here: ${missing.join(", ")}`));
    } else {
      register(`${name} (skipped: no ${missing.join(", ")})`, { skip: true }, () => {});
    }
    return;
  }
  register(name, { timeout: options.timeout ?? 60_000 }, body);
}

const vectorRoot = process.env.FESA_VECTORS ?? new URL("../../../shared/vectors/", import.meta.url).pathname;

/** Reads a public test vector file (gunzipped where its name ends in .gz). */
export function vector(path: string): Uint8Array {
  const bytes = readFileSync(`${vectorRoot.replace(/\/?$/, "/")}${path}`);
  return path.endsWith(".gz") ? gunzipSync(bytes) : bytes;
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
    there = need === "vectors"
      ? existsSync(vectorRoot)
      : spawnSync("sh", ["-c", `command -v ${need}`], { stdio: "ignore" }).status === 0;
    found.set(need, there);
  }
  return there;
}
