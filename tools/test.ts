/**
 * Runs the same test files on several versions of Node, on Deno and Bun: `npm test`, `npm test -- tests/tls --runtime node`.
 *
 * Every test is accounted for. Each runtime first lists what the files register; then each file runs alone under
 * its runner, whose own report must name just those tests: one that is missing, that nobody registered, or that
 * was skipped without being meant to be, is a failure, and so is a file that does not load. The last line is
 * `N passed, N failed`, followed by `, N skipped` where tests were skipped for want of a program or of the vectors;
 * FESA_NO_SKIP=1 makes failures of those.
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { type Executed, parseJunit, plain } from "./junit.ts";
import type { Listed } from "../tests/_kit/mod.ts";
import type { FileListing } from "./list_tests.ts";
import { inParallel, run } from "./process.ts";
import { type ProcessFamily, ROOT, type Runtime, RUNTIMES } from "./runtimes.ts";

const AT_ONCE = 2;
const FILE_TIMEOUT = 5 * 60_000;
const WHOLE_TIMEOUT = 40 * 60_000;

const { values: options, positionals: filters } = parseArgs({
  allowPositionals: true,
  options: { runtime: { type: "string", multiple: true } },
});
const all = RUNTIMES.filter(({ family }) => ["node", "deno", "bun"].includes(family));
const wanted = all.filter(({ name }) => options.runtime?.includes(name) ?? true);
const runtimes = wanted.filter(({ program }) => program !== undefined);
const files = findTestFiles(filters);
if (files.length === 0 || wanted.length === 0) {
  console.error("no test file, or no runtime, of that name");
  process.exit(2);
}

const started = performance.now();
const scratch = mkdtempSync(join(tmpdir(), "fesa-test-"));
const total = { passed: 0, failed: 0 };
const skips: string[] = [];
for (const { name } of wanted.filter(({ program }) => program === undefined)) {
  if (process.env.FESA_NO_SKIP) fail(name, "the runtime", "is not on this machine");
  else skips.push(`${name}: not on this machine`);
}
try {
  const listings = new Map<Runtime, readonly FileListing[]>();
  await inParallel(
    AT_ONCE,
    runtimes.map((runtime) => async () => void listings.set(runtime, await list(runtime))),
  );
  for (const file of files) compareRuntimes(file, listings);
  await inParallel(
    AT_ONCE,
    files.flatMap((file) => runtimes.map((runtime) => () => runFile(runtime, file, listings))),
  );
} finally {
  rmSync(scratch, { recursive: true });
}
for (const skip of skips.sort()) console.log(`skipped ${skip}`);
console.log(`${Math.round((performance.now() - started) / 1000)} s on ${namesOf(runtimes)}`);
console.log(
  `${total.passed} passed, ${total.failed} failed${skips.length > 0 ? `, ${skips.length} skipped` : ""}`,
);
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;

/** All `_test.ts` files whose path contains one of the filters; a filter may also be a file of another name. */
function findTestFiles(wanted: readonly string[]): string[] {
  const all = readdirSync(join(ROOT, "tests"), { recursive: true, encoding: "utf8" })
    .map((path) => `tests/${path.replaceAll("\\", "/")}`)
    .filter((path) => path.endsWith("_test.ts"));
  const named = wanted.filter((path) => path.endsWith(".ts") && existsSync(join(ROOT, path)));
  const found = wanted.length === 0 ? all : all.filter((path) => wanted.some((part) => path.includes(part)));
  return [...new Set([...found, ...named])].sort();
}

/** Asks a runtime what the files register. */
async function list(runtime: Runtime): Promise<readonly FileListing[]> {
  const output = join(scratch, `${runtime.name}-list.json`);
  const args = ["tools/list_tests.ts", output, ...files];
  const prefix = {
    node: ["--import", "tsx"],
    deno: ["run", "-A", "--no-check"],
    bun: ["run"],
  }[runtime.family as ProcessFamily];
  const result = await run(runtime.program!, [...prefix, ...args], {
    env: { ...environment(runtime), FESA_LIST: "1" },
  });
  if (existsSync(output)) return JSON.parse(readFileSync(output, "utf8"));
  return files.map((file) => ({
    file,
    tests: [],
    error: `the list was not made:\n${lastLines(result.output)}`,
  }));
}

/** Fails what one runtime registers and another does not know, and what runs nowhere. */
function compareRuntimes(file: string, listings: ReadonlyMap<Runtime, readonly FileListing[]>): void {
  const tests = runtimes.map((runtime) =>
    listings.get(runtime)!.find((listing) => listing.file === file)!.tests
  );
  const everywhere = new Set(tests.flat().map((test) => test.name));
  for (const name of everywhere) {
    const plans = tests.map((list) => list.find((test) => test.name === name)?.plan);
    const unknown = runtimes.filter((_, index) => plans[index] === undefined);
    if (unknown.length > 0) fail(file, name, `not registered on ${namesOf(unknown)}`);
    const nowhere = runtimes.length === all.length && plans.every((plan) => plan === "elsewhere");
    if (nowhere) fail(file, name, "runs on no runtime");
  }
}

/** Runs one file under one runner and holds the report against the list. */
async function runFile(
  runtime: Runtime,
  file: string,
  listings: ReadonlyMap<Runtime, readonly FileListing[]>,
): Promise<void> {
  const where = `${runtime.name.padEnd(6)} ${file}`;
  const listing = listings.get(runtime)!.find((entry) => entry.file === file)!;
  if (listing.error !== undefined) return fail(where, "the file does not load", listing.error);
  const expected = listing.tests.filter((test) => test.plan !== "elsewhere");
  if (expected.length === 0) {
    if (listing.tests.length === 0) fail(where, "the file", "registers no test");
    return;
  }
  if (performance.now() - started > WHOLE_TIMEOUT) {
    return fail(where, "the file was not run", "the time for the whole run is up");
  }

  const report = join(scratch, `${runtime.name}-${files.indexOf(file)}.xml`);
  const result = await run(runtime.program!, runnerArguments(runtime, file, report), {
    env: { ...environment(runtime), FESA_LIST: undefined, NODE_TEST_CONTEXT: undefined },
    timeout: FILE_TIMEOUT,
  });
  const executed = existsSync(report) ? parseJunit(readFileSync(report, "utf8")) : [];
  const { passed, skipped, faults } = compare(expected, executed);
  if (result.timedOut) faults.push(["the file", `was ended after ${FILE_TIMEOUT / 60_000} minutes`]);
  else if (result.code !== 0 && faults.length === 0) {
    faults.push(["the file", `ended with exit code ${result.code}\n${lastLines(result.output)}`]);
  }
  if (executed.length === 0) faults.push(["the runner", `reported nothing\n${lastLines(result.output)}`]);

  total.passed += passed;
  skips.push(...skipped.map((name) => `${where}: ${name}`));
  for (const [name, detail] of faults) fail(where, name, detail);
  const failed = faults.length > 0 ? `, ${faults.length} failed` : "";
  console.log(
    `${failed ? "FAILED" : "ok    "} ${where}: ${passed} passed${failed}, ${result.seconds.toFixed(1)} s`,
  );
}

/** Holds what a runner reports against what the file registered. A fault is a name and what is wrong. */
function compare(
  expected: readonly Listed[],
  executed: readonly Executed[],
): { passed: number; skipped: string[]; faults: [string, string][] } {
  const rest = [...executed];
  const skipped: string[] = [];
  const faults: [string, string][] = [];
  let passed = 0;
  for (const { name, plan } of expected) {
    const index = rest.findIndex((test) => test.name === plain(name));
    const [test] = index < 0 ? [] : rest.splice(index, 1);
    if (!test) faults.push([name, "was not run"]);
    else if (test.outcome === "failed") faults.push([name, test.detail]);
    else if (plan === "run" && test.outcome === "passed") passed++;
    else if (plan === "skip" && test.outcome === "skipped") skipped.push(name);
    else faults.push([name, `should ${plan}, but ${test.outcome}`]);
  }
  for (const test of rest) faults.push([test.name, test.detail || "is not registered through tests/_kit"]);
  return { passed, skipped, faults };
}

function environment({ leavesPrograms }: Runtime): Record<string, string | undefined> {
  return { FESA_LEAVE_PROGRAMS: leavesPrograms && "1" };
}

function runnerArguments({ family }: Runtime, file: string, report: string): string[] {
  switch (family) {
    case "node": {
      const reporter = ["--test-reporter", "junit", "--test-reporter-destination", report];
      return ["--import", "tsx", "--test", ...reporter, file];
    }
    case "deno":
      return ["test", "-A", "--no-check", "--quiet", "--junit-path", report, file];
    default:
      return ["test", "--reporter", "junit", "--reporter-outfile", report, `./${file}`];
  }
}

function namesOf(some: readonly Runtime[]): string {
  return some.map(({ name }) => name).join(", ");
}

function fail(where: string, name: string, detail: string): void {
  total.failed++;
  console.log(`FAILED ${where}: ${name}\n${indent(firstLines(detail))}`);
}

function indent(text: string): string {
  return text.replace(/^/gm, "       ");
}

function firstLines(text: string): string {
  return text.split("\n").slice(0, 40).join("\n");
}

function lastLines(text: string): string {
  return text.trimEnd().split("\n").slice(-40).join("\n");
}
