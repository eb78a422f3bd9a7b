/** Runs bundled test files in browsers and in workerd: one instance of each, one file after another. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import type { Listed } from "../../tests/_kit/mod.ts";
import type { Job, PeerPorts, Report } from "../../tests/_kit/run_bundled.ts";
import { presence } from "../../tests/_kit/runner.ts";
import { inParallel } from "../in_parallel.ts";
import type { Runtime } from "../runtimes.ts";
import type { FileRun } from "./account.ts";
import { BrowserHost, type Host, workerdConfiguration, WorkerdHost } from "./bundle_hosts.ts";
import { bundleHost, bundleTestFile } from "./bundle_tests.ts";
import type { Executed } from "./junit.ts";
import { Peers } from "./peers.ts";
import { TestServer } from "./test_server.ts";

/** The result of one file in one runtime. */
export interface BundledOutcome extends FileRun {
  /** The tests that the file registered. */
  readonly listed?: readonly Listed[];
  /** The reason why the file registered nothing. */
  readonly loadError?: string;
}

/** Milliseconds for a file to report its tests, including the start of a browser. */
const LOAD_TIMEOUT = 240_000;

/** The number of files in a row that do not load after which no more files run in the runtime. */
const MOST_IN_VAIN = 2;

/** The bundles of test files, and a server for them. */
export class BundledTests implements AsyncDisposable {
  readonly #folder: string;
  readonly #broken = new Map<string, string>();
  readonly #runs = new Map<string, RuntimeRun>();
  #server!: TestServer;
  #peers!: Peers;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Bundles files into an empty folder. */
  static async make(folder: string, files: readonly string[]): Promise<BundledTests> {
    const tests = new BundledTests(folder);
    await Promise.all([
      ...(["page", "worker", "workerd"] as const).map((host) => bundleHost(host, join(folder, `${host}.js`))),
      inParallel(8, files.map((file) => () => tests.#bundle(file))),
    ]);
    tests.#server = await TestServer.start(
      folder,
      (runtime, bundle, report) => tests.#runs.get(runtime)?.take(bundle, report) ?? "",
    );
    tests.#peers = await Peers.start();
    return tests;
  }

  async #bundle(file: string): Promise<void> {
    try {
      await bundleTestFile(file, join(this.#folder, bundleOf(file)));
    } catch (error) {
      this.#broken.set(file, String(error));
    }
  }

  /** Runs files in a runtime, each within the milliseconds left at that time, and reports each as it ends. */
  async run(
    runtime: Runtime,
    files: readonly string[],
    timeLeft: () => number,
    onOutcome: (file: string, outcome: BundledOutcome) => void,
  ): Promise<void> {
    const whole = files.filter((file) => !this.#broken.has(file));
    await using run = new RuntimeRun(runtime, await this.#host(runtime, whole), this.#peers.ports);
    this.#runs.set(runtime.name, run);
    for (const file of files) {
      const loadError = this.#broken.get(file);
      onOutcome(file, loadError === undefined ? await run.runFile(file, timeLeft()) : notLoaded(loadError));
    }
  }

  async #host(runtime: Runtime, files: readonly string[]): Promise<Host> {
    if (runtime.family !== "workerd") return new BrowserHost(runtime, this.#server.port);
    const configuration = join(this.#folder, "workerd.capnp");
    writeFileSync(configuration, workerdConfiguration(["workerd.js", ...files.map(bundleOf)]));
    return new WorkerdHost(runtime, configuration, this.#server.port);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#peers[Symbol.asyncDispose]();
    await this.#server[Symbol.asyncDispose]();
  }
}

function bundleOf(file: string): string {
  return file.replace(/\.ts$/, ".js");
}

function notLoaded(loadError: string): BundledOutcome {
  return { loadError, executed: [], seconds: 0 };
}

/** Runs the files in one runtime. */
class RuntimeRun implements AsyncDisposable {
  readonly #runtime: Runtime;
  readonly #host: Host;
  readonly #peers: PeerPorts;
  #current: Progress | undefined;
  #inVain = 0;

  constructor(runtime: Runtime, host: Host, peers: PeerPorts) {
    this.#runtime = runtime;
    this.#host = host;
    this.#peers = peers;
  }

  async runFile(file: string, timeout: number): Promise<BundledOutcome> {
    if (this.#inVain === MOST_IN_VAIN) {
      return notLoaded(`${this.#runtime.name} had loaded none of two others`);
    }
    const started = performance.now();
    const progress = this.#current = new Progress(bundleOf(file));
    const fault = await this.#fault(progress, timeout);
    if (fault) await this.#host[Symbol.asyncDispose](); // the next file starts a new one
    this.#inVain = progress.isLoaded ? 0 : this.#inVain + 1;
    const { listed, executed, loadError } = progress;
    const seconds = (performance.now() - started) / 1000;
    if (listed === undefined) return notLoaded(loadError ?? String(fault));
    return { listed, executed, ...(fault && { fault }), seconds };
  }

  /** Runs a file to its end. Returns the error if that fails. */
  async #fault(progress: Progress, timeout: number): Promise<string | void> {
    const job: Job = {
      runtime: this.#runtime.family,
      bundle: progress.bundle,
      maySkip: !process.env.FESA_NO_SKIP,
      hasVectors: presence("vectors") === "here",
      peers: this.#peers,
    };
    const ended = this.#host.open(job).then(
      (output) => `${this.#runtime.name} ended: ${output}`,
      (error) => `${this.#runtime.name}: ${error}`,
    );
    const unloaded = `was not loaded within ${LOAD_TIMEOUT / 1000} s`;
    return await first(LOAD_TIMEOUT, unloaded, progress.loaded, ended) ??
      await first(timeout, `was ended after ${timeout / 1000} s`, progress.done, ended);
  }

  /** Handles a report, and returns the answer to it. */
  take(bundle: string, report: Report): string | Promise<string> {
    if (bundle !== this.#current?.bundle) return ""; // a late report of a file that has been stopped
    this.#current.take(report);
    return report.kind === "done" ? this.#host.answerToLast() : "";
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#host[Symbol.asyncDispose]();
  }
}

/** Resolves like the first of two promises to settle, or to `fault` after this time. */
async function first(
  milliseconds: number,
  fault: string,
  ...promises: readonly Promise<string | void>[]
): Promise<string | void> {
  const over = new AbortController();
  try {
    return await Promise.race([...promises, delay(milliseconds, fault, { signal: over.signal })]);
  } finally {
    over.abort();
  }
}

/** The reports of one file so far. */
class Progress {
  readonly bundle: string;
  readonly executed: Executed[] = [];
  listed: readonly Listed[] | undefined;
  loadError: string | undefined;
  /** Resolves when the file has reported the tests that it registers, or that it cannot be loaded. */
  readonly loaded: Promise<void>;
  /** Resolves when the file has finished. */
  readonly done: Promise<void>;
  #load!: () => void;
  #finish!: () => void;

  constructor(bundle: string) {
    this.bundle = bundle;
    this.loaded = new Promise((resolve) => this.#load = resolve);
    this.done = new Promise((resolve) => this.#finish = resolve);
  }

  get isLoaded(): boolean {
    return this.listed !== undefined || this.loadError !== undefined;
  }

  take(report: Report): void {
    if (report.kind === "unloadable") this.loadError = report.error;
    else if (report.kind === "listed") this.listed = report.tests;
    else if (report.kind === "executed") this.executed.push(report);
    else this.#finish();
    if (this.isLoaded) this.#load();
  }
}
