/**
 * Runs the same test files on every runtime: several versions of Node, Deno and Bun and, bundled, workerd and browsers.
 * `npm test`, `npm test -- tests/tls --runtime node --runtime webkit`.
 *
 * Every test is accounted for. Each runtime first lists the tests that a file registers. Then the file runs alone, and the
 * report must contain exactly those tests. A test that is missing, was not registered or was skipped unexpectedly is a
 * failure, and so is a file that does not load or a runtime that ends. The last line is `N passed, N failed`, followed by `,
 * N skipped` if tests were skipped because a program, a browser or the vectors are missing. FESA_NO_SKIP=1 counts those as
 * failures.
 */
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { inParallel } from "./in_parallel.ts";
import { ROOT, type Runtime, RUNTIMES } from "./runtimes.ts";
import { Account } from "./test_runner/account.ts";
import { BundledTests } from "./test_runner/bundled.ts";
import { resultOf, writeResult } from "./test_runner/matrix.ts";
import { listFiles, runFile } from "./test_runner/runners.ts";

/**
 * The number of test files that run at a time: two more than the processors, since tests often wait. Runtimes that run
 * bundles run in addition.
 */
const AT_ONCE = availableParallelism() + 2;
const WHOLE_TIMEOUT = 40 * 60_000;

/**
 * Test folders that cannot be bundled: tests of this repository's programs and files, and of code that needs the modules of
 * Node, Deno or Bun throughout. Single tests declare this themselves.
 */
const NOT_BUNDLED = /^tests\/(cli|examples|fuzz|interop|states|tools|web)\/|[_/](node|deno|bun)_test\.ts$/;

const { values: options, positionals: filters } = parseArgs({
  allowPositionals: true,
  options: {
    runtime: { type: "string", multiple: true },
    "file-timeout": { type: "string", default: "900" }, // seconds
  },
});
const fileTimeout = Number(options["file-timeout"]) * 1000;
const wanted = RUNTIMES.filter(({ name }) => options.runtime?.includes(name) ?? true);
const runtimes = wanted.filter(({ program }) => program !== undefined);
const files = findTestFiles(filters);
if (files.length === 0 || wanted.length === 0) {
  console.error("no test file, or no runtime, of that name");
  process.exit(2);
}

const started = performance.now();
const scratch = mkdtempSync(join(tmpdir(), "fesa-test-"));
const account = new Account();
for (const { name } of wanted.filter(({ program }) => program === undefined)) {
  if (process.env.FESA_NO_SKIP) account.fail(name, "the runtime", "is not on this machine");
  else account.skip(`${name}: not on this machine`);
}
const bundling = runtimes.filter(({ family }) => !["node", "deno", "bun"].includes(family));
try {
  await runAll();
} finally {
  rmSync(scratch, { recursive: true });
}
account.compareRuntimes(files, runtimes.length === RUNTIMES.length);
const seconds = Math.round((performance.now() - started) / 1000);
if (filters.length === 0 && wanted.length === RUNTIMES.length) writeResult(await resultOf(account, seconds));
for (const skip of account.skips) console.log(`skipped ${skip}`);
const left = files.filter((file) => !isBundled(file));
if (bundling.length > 0 && left.length > 0) {
  console.log(
    `not bundled, since they are of programs, files or modules of Node, Deno or Bun: ${left.join(", ")}`,
  );
}
console.log(`${seconds} s on ${runtimes.map(({ name }) => name).join(", ")}`);
const skipped = account.skips.length > 0 ? `, ${account.skips.length} skipped` : "";
console.log(`${account.passed} passed, ${account.failed} failed${skipped}`);
process.exitCode = account.failed > 0 || account.passed === 0 ? 1 : 0;

/** Returns all `_test.ts` files whose path contains one of the filters. A filter may also be a file with another name. */
function findTestFiles(wanted: readonly string[]): string[] {
  const all = readdirSync(join(ROOT, "tests"), { recursive: true, encoding: "utf8" })
    .map((path) => `tests/${path.replaceAll("\\", "/")}`)
    .filter((path) => path.endsWith("_test.ts"));
  const named = wanted.filter((path) => path.endsWith(".ts") && existsSync(join(ROOT, path)));
  const found = wanted.length === 0 ? all : all.filter((path) => wanted.some((part) => path.includes(part)));
  return [...new Set([...found, ...named])].sort();
}

function isBundled(file: string): boolean {
  return !file.endsWith("_test.ts") || !NOT_BUNDLED.test(file);
}

/** Runs all files on all runtimes. A runtime that runs bundles runs its files one after another. */
async function runAll(): Promise<void> {
  const withRunner = runtimes.filter((runtime) => !bundling.includes(runtime));
  const toRun: { runtime: Runtime; file: string }[] = [];
  await inParallel(
    AT_ONCE,
    withRunner.map((runtime) => async () => {
      const { leaves } = options.runtime ? {} : runtime;
      const own = files.filter((file) => !leaves?.test(file));
      for (const listing of own.length > 0 ? await listFiles(runtime, own, scratch) : []) {
        if (account.list(runtime, listing)) toRun.push({ runtime, file: listing.file });
      }
    }),
  );
  toRun.sort((a, b) => files.indexOf(a.file) - files.indexOf(b.file));
  const inBundles = bundling.length > 0 ? files.filter(isBundled) : [];
  await using bundles = await BundledTests.make(join(scratch, "bundles"), inBundles);
  await Promise.all([
    inParallel(2, bundling.map((runtime) => () => runBundles(runtime, inBundles, bundles))),
    inParallel(
      AT_ONCE,
      toRun.map(({ runtime, file }) => async () => {
        account.run(runtime, file, await runFile(runtime, file, timeLeft(), scratch));
      }),
    ),
  ]);
}

async function runBundles(runtime: Runtime, files: readonly string[], bundles: BundledTests): Promise<void> {
  await bundles.run(runtime, files, timeLeft, (file, { listed, loadError, ...outcome }) => {
    const toRun = account.list(runtime, { file, tests: listed ?? [], error: loadError });
    if (toRun) account.run(runtime, file, outcome);
  });
}

/** Returns the time that a file starting now may take, in milliseconds. */
function timeLeft(): number {
  return Math.max(0, Math.min(fileTimeout, WHOLE_TIMEOUT - (performance.now() - started)));
}
