/** The account of a test run: compares the tests that each runtime lists with those it executed. */
import type { Listed } from "../../tests/_kit/mod.ts";
import type { Runtime } from "../runtimes.ts";
import { type Executed, plain } from "./junit.ts";

/** The tests that a file registers in a runtime, or the reason why the file could not be loaded. */
export interface FileListing {
  readonly file: string;
  readonly tests: readonly Listed[];
  readonly error?: string;
}

/** The tests of a file that a runtime executed. */
export interface FileRun {
  readonly executed: readonly Executed[];
  /** An error of the file as a whole. */
  readonly fault?: string;
  readonly seconds: number;
}

/** The numbers of a file's tests by outcome in a runtime. */
export interface Figures {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** The number of tests that are registered only for other runtimes. */
  readonly elsewhere: number;
}

/** Counts the results, and prints each file's result when it is known. */
export class Account {
  readonly #listings = new Map<Runtime, Map<string, FileListing>>();
  readonly #figures = new Map<Runtime, Map<string, Figures>>();
  readonly #skips: string[] = [];
  passed = 0;
  failed = 0;

  /** All skipped tests, in order. */
  get skips(): readonly string[] {
    return this.#skips.sort();
  }

  skip(what: string): void {
    this.#skips.push(what);
  }

  fail(where: string, name: string, detail: string): void {
    this.failed++;
    console.log(`FAILED ${where}: ${name}\n${firstLines(detail).replace(/^/gm, "       ")}`);
  }

  /** Records the tests that a runtime lists for a file. Returns whether any of them must be executed there. */
  list(runtime: Runtime, listing: FileListing): boolean {
    const listings = this.#listings.get(runtime) ?? new Map<string, FileListing>();
    this.#listings.set(runtime, listings.set(listing.file, listing));
    const where = whereOf(runtime, listing.file);
    if (listing.error !== undefined) this.fail(where, "the file does not load", listing.error);
    else if (listing.tests.length === 0) this.fail(where, "the file", "registers no test");
    const toRun = listing.tests.some(({ plan }) => plan !== "elsewhere");
    if (!toRun) this.#count(runtime, listing, 0, 0, 0);
    return listing.error === undefined && toRun;
  }

  /** Compares the tests that a runtime executed with those it listed. */
  run(runtime: Runtime, file: string, { executed, fault, seconds }: FileRun): void {
    const where = whereOf(runtime, file);
    const listing = this.#listings.get(runtime)!.get(file)!;
    const { passed, skipped, faults } = compare(listing.tests, executed);
    if (fault !== undefined) faults.push(["the file", fault]);
    for (const { name, missing } of skipped) this.skip(`${where}: ${name} (skipped: no ${missing})`);
    for (const [name, detail] of faults) this.fail(where, name, detail);
    this.passed += passed;
    this.#count(runtime, listing, passed, faults.length, skipped.length);
    const failed = faults.length > 0 ? `, ${faults.length} failed` : "";
    console.log(
      `${failed ? "FAILED" : "ok    "} ${where}: ${passed} passed${failed}, ${seconds.toFixed(1)} s`,
    );
  }

  #count(
    runtime: Runtime,
    { file, tests }: FileListing,
    passed: number,
    failed: number,
    skipped: number,
  ): void {
    const elsewhere = tests.filter(({ plan }) => plan === "elsewhere").length;
    const figures = this.#figures.get(runtime) ?? new Map<string, Figures>();
    this.#figures.set(runtime, figures.set(file, { passed, failed, skipped, elsewhere }));
  }

  /** Fails tests that only some runtimes register and, if all runtimes ran, tests that run on none. */
  compareRuntimes(files: readonly string[], areAll: boolean): void {
    for (const file of files) {
      const listings = [...this.#listings].flatMap(([{ name }, byFile]) => {
        const listing = byFile.get(file);
        return listing === undefined || listing.error !== undefined ? [] : [{ name, tests: listing.tests }];
      });
      for (const test of new Set(listings.flatMap(({ tests }) => tests.map(({ name }) => name)))) {
        const plans = listings.map(({ tests }) => tests.find(({ name }) => name === test)?.plan);
        const unknown = listings.filter((_, index) => plans[index] === undefined).map(({ name }) => name);
        if (unknown.length > 0) this.fail(file, test, `not registered on ${unknown.join(", ")}`);
        if (areAll && plans.every((plan) => plan === "elsewhere")) {
          this.fail(file, test, "runs on no runtime");
        }
      }
    }
  }

  /** The figures of each runtime's files. */
  get figures(): ReadonlyMap<Runtime, ReadonlyMap<string, Figures>> {
    return this.#figures;
  }
}

function whereOf({ name }: Runtime, file: string): string {
  return `${name.padEnd(8)} ${file}`;
}

/** Compares a runner's report with the tests that a file registered. A fault is a test's name with a description. */
function compare(
  listed: readonly Listed[],
  executed: readonly Executed[],
): { passed: number; skipped: Listed[]; faults: [string, string][] } {
  const rest = [...executed];
  const skipped: Listed[] = [];
  const faults: [string, string][] = [];
  let passed = 0;
  for (const entry of listed) {
    const { name, plan } = entry;
    if (plan === "elsewhere") continue;
    const index = rest.findIndex((test) => test.name === plain(name));
    const [test] = index < 0 ? [] : rest.splice(index, 1);
    if (!test) faults.push([name, "was not run"]);
    else if (test.outcome === "failed") faults.push([name, test.detail]);
    else if (plan === "run" && test.outcome === "passed") passed++;
    else if (plan === "skip" && test.outcome === "skipped") skipped.push(entry);
    else faults.push([name, `should ${plan}, but ${test.outcome}`]);
  }
  for (const test of rest) faults.push([test.name, test.detail || "is not registered through tests/_kit"]);
  return { passed, skipped, faults };
}

function firstLines(text: string): string {
  return text.split("\n").slice(0, 40).join("\n");
}
