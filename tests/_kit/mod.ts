/**
 * The interface of tests to their runner. The same files run with node --test, deno test and bun test and, bundled, in
 * browsers and workerd, so nothing else in tests/ may import `node:test` or `node:assert`.
 */
import { strict } from "node:assert";
import { equalBytes } from "../../src/bytes.ts";
import { ChannelError, type ErrorCode } from "../../src/errors.ts";
import { listed, LISTS_ONLY, MAY_SKIP, presence, register, runtime, vector } from "./runner.ts";

export { listed, peers, runtime, vector, vectorNames } from "./runner.ts";

/** Assertions. */
export const assert: typeof strict = strict;

// Without a message, Node makes one from the source of the call. If a loader has put a long file on one line, that takes
// forever, and a failing test would hang.
const { ok } = assert;
assert.ok = (value: unknown, message?: unknown) =>
  ok(value, (message ?? "a condition does not hold") as string);

// Reporting the differences between megabytes takes minutes. In WebKit, comparing equal megabytes does too.
const deepEqual: (actual: unknown, expected: unknown, message?: never) => void = assert.deepEqual;
assert.deepEqual = (actual: unknown, expected: unknown, message?: unknown) => {
  const areLong = actual instanceof Uint8Array && expected instanceof Uint8Array && actual.length > 10_000;
  if (areLong) assert.ok(equalBytes(actual, expected), (message ?? "the bytes differ") as string);
  else deepEqual(actual, expected, message as never);
};

/** The runtime of a test process. */
export type Runtime = "node" | "deno" | "bun" | "workerd" | "chromium" | "firefox" | "webkit";

/**
 * One runtime for each JavaScript engine (V8, JavaScriptCore, SpiderMonkey): enough for long tests of arithmetic and
 * protocols, which use nothing else of a runtime.
 */
export const ENGINES: readonly Runtime[] = ["node", "bun", "firefox"];

/** The time in milliseconds after which a test fails. Only a test that hangs takes this long, even on a slow machine. */
const TIMEOUT = 240_000;

/** A requirement of a test. */
export type Need =
  /** The public test vectors. */
  | "vectors"
  /** Node's built-in modules, which only Node, Deno and Bun have. */
  | "node:"
  /** WebCrypto, which pages over plain HTTP do not have. */
  | "subtle"
  /** Processes that the test starts from this repository. */
  | "processes"
  /** A program on the PATH. */
  | "openssl"
  | "certtool"
  | "keytool"
  | "gnutls-cli"
  | "systemd-analyze"
  | "gnutls-serv"
  | "python3"
  | "unshare"
  | "tshark"
  | "curl"
  | "go"
  | "go 1.24"
  | "java"
  | "nginx"
  | "haproxy"
  | "initdb"
  | "chromium"
  | "firefox-esr"
  | "WebKitWebDriver";

export interface TestOptions {
  /**
   * The requirements of the test. If one is missing, the test is skipped and reported, or fails if skipping is forbidden. If
   * a runtime can never have it, the test runs only on other runtimes.
   */
  readonly needs?: readonly Need[];
  /** The runtimes on which the test runs; all by default. */
  readonly on?: readonly Runtime[];
  /** The time limit in milliseconds; {@link TIMEOUT} by default. */
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
  const [{ needs = [], on, timeout = TIMEOUT }, body] = typeof second === "function"
    ? [{} as TestOptions, second]
    : [second, third!];
  const elsewhere = on?.includes(runtime) === false || needs.some((need) => presence(need) === "elsewhere");
  if (elsewhere) return void listed.push({ name, plan: "elsewhere" });
  const absent = needs.filter((need) => presence(need) === "missing");
  const missing = absent.join(", ");
  const skip = missing !== "" && (MAY_SKIP || absent.every(isNewer));
  listed.push({ name, plan: skip ? "skip" : "run", ...(skip && { missing }) });
  if (LISTS_ONLY) return;
  if (skip) register(name, { timeout, skip }, () => {});
  else if (missing !== "") register(name, { timeout }, () => assert.fail(`not here: ${missing}`));
  else register(name, { timeout }, body);
}

/**
 * Returns whether a requirement is a recent version of a program. Not every system has it, so a test that needs it
 * may always be skipped.
 */
function isNewer(need: Need): boolean {
  return /\d\.\d/.test(need);
}

/** A registered test, and whether it runs in this runtime. */
export interface Listed {
  readonly name: string;
  readonly plan: "run" | "skip" | "elsewhere";
  /** The missing requirement, if the test is skipped. */
  readonly missing?: string;
}

/** Reads a public test vector file as text. */
export function vectorText(path: string): string {
  return new TextDecoder().decode(vector(path));
}

/** Asserts that `work` throws or rejects with a ChannelError with this code, and returns the error. */
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
