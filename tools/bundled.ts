/** Runs bundled test files in browsers and in workerd: one instance of each, one file after another. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import type { Listed } from "../tests/_kit/mod.ts";
import type { Job, PeerPorts, Report } from "../tests/_kit/run_bundled.ts";
import { presence } from "../tests/_kit/runner.ts";
import type { FileRun } from "./account.ts";
import { type Browser, INSECURE_HOST, openBrowser } from "./browsers.ts";
import { bundleHost, bundleTestFile } from "./bundle_tests.ts";
import type { Executed } from "./junit.ts";
import { Peers } from "./peers.ts";
import { inParallel, Program } from "./process.ts";
import type { Runtime } from "./runtimes.ts";
import { TestServer } from "./test_server.ts";

/** What became of one file in one runtime. */
export interface BundledOutcome extends FileRun {
  /** What it registered. */
  readonly listed?: readonly Listed[];
  /** Why it registered nothing. */
  readonly loadError?: string;
}

/**
 * Where each browser runs the tests, so that all of these are seen: a page that is no secure context, a worker, and a
 * page that is a secure context.
 */
const PLACES = {
  chromium: { host: INSECURE_HOST, worker: false },
  firefox: { host: "127.0.0.1", worker: true },
  webkit: { host: "127.0.0.1", worker: false },
} as const;

/** Milliseconds until a file has told what it registers; a browser that has to be started first is among them. */
const LOAD_TIMEOUT = 60_000;

/** How many files in a row may not be loaded before their runtime is given up. */
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

  /** Runs files in a runtime, each for as many milliseconds as are left then, and tells of each as it ends. */
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
    return new WorkerdHost(runtime.program!, configuration, this.#server.port);
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

/** One runtime's way through the files. */
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
    if (fault !== undefined) await this.#host[Symbol.asyncDispose](); // the next file starts a new one
    this.#inVain = progress.isLoaded ? 0 : this.#inVain + 1;
    const { listed, executed, loadError } = progress;
    const seconds = (performance.now() - started) / 1000;
    if (listed === undefined) return notLoaded(loadError ?? fault!);
    return { listed, executed, fault, seconds };
  }

  /** Runs a file to its end, and gives what prevented that. */
  async #fault(progress: Progress, timeout: number): Promise<string | undefined> {
    const job: Job = {
      runtime: this.#runtime.family,
      bundle: progress.bundle,
      maySkip: !process.env.FESA_NO_SKIP,
      hasVectors: presence("vectors") === "here",
      peers: this.#peers,
    };
    const { name } = this.#runtime;
    const timers: ReturnType<typeof setTimeout>[] = [];
    const limit = (milliseconds: number, fault: () => string | undefined): Promise<string> =>
      new Promise((resolve) => {
        timers.push(setTimeout(() => {
          const text = fault();
          if (text !== undefined) resolve(text);
        }, milliseconds));
      });
    try {
      return await Promise.race([
        progress.done.then(() => undefined),
        this.#host.open(job).then((ended) => `${name} ended: ${ended}`),
        limit(
          LOAD_TIMEOUT,
          () => progress.isLoaded ? undefined : `was not loaded within ${LOAD_TIMEOUT / 1000} s`,
        ),
        limit(timeout, () => `was ended after ${timeout / 1000} s`),
      ]);
    } catch (error) {
      return `${name}: ${error}`;
    } finally {
      timers.forEach(clearTimeout);
    }
  }

  /** Takes a report, and gives the answer to it. */
  take(bundle: string, report: Report): string | Promise<string> {
    if (bundle !== this.#current?.bundle) return ""; // of a file that was given up
    this.#current.take(report);
    return report.kind === "done" ? this.#host.answerToLast() : "";
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#host[Symbol.asyncDispose]();
  }
}

/** What one file has reported so far. */
class Progress {
  readonly bundle: string;
  readonly executed: Executed[] = [];
  listed: readonly Listed[] | undefined;
  loadError: string | undefined;
  readonly done: Promise<void>;
  #finish!: () => void;

  constructor(bundle: string) {
    this.bundle = bundle;
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
  }
}

/** Something that runs the bundle of a job. Disposing ends it; it is started by the next job. */
interface Host extends AsyncDisposable {
  /** Has it run; resolves with what the host says if it ends. */
  open(job: Job): Promise<string>;
  /** The answer to the last report of a job. */
  answerToLast(): string | Promise<string>;
}

/** A browser with one page, which asks for the address of the next when it is done. */
class BrowserHost implements Host {
  readonly #runtime: Runtime;
  readonly #port: number;
  #browser: Browser | undefined;
  #answer: ((address: string) => void) | undefined;

  constructor(runtime: Runtime, port: number) {
    this.#runtime = runtime;
    this.#port = port;
  }

  async open(job: Job): Promise<string> {
    const { host, worker } = PLACES[this.#runtime.family as keyof typeof PLACES];
    const search = encodeURIComponent(JSON.stringify({ ...job, worker }));
    const address = `http://${host}:${this.#port}/?${search}`;
    if (this.#answer) this.#answer(address);
    this.#answer = undefined;
    this.#browser ??= await openBrowser(this.#runtime, address);
    const browser = this.#browser;
    await browser.exited;
    return browser.output;
  }

  answerToLast(): Promise<string> {
    return new Promise((resolve) => this.#answer = resolve);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#answer?.("");
    this.#answer = undefined;
    await this.#browser?.[Symbol.asyncDispose]();
    this.#browser = undefined;
  }
}

/** A workerd that runs one file for each request. */
class WorkerdHost implements Host {
  readonly #program: string;
  readonly #configuration: string;
  readonly #port: number;
  #workerd: Program | undefined;

  constructor(program: string, configuration: string, port: number) {
    this.#program = program;
    this.#configuration = configuration;
    this.#port = port;
  }

  async open(job: Job): Promise<string> {
    this.#workerd ??= new Program(this.#program, ["serve", this.#configuration, "--control-fd=3"]);
    const workerd = this.#workerd;
    const { port } = JSON.parse(await workerd.address) as { port: number };
    const search = encodeURIComponent(JSON.stringify({ ...job, server: `http://127.0.0.1:${this.#port}` }));
    const response = await fetch(`http://127.0.0.1:${port}/?${search}`);
    if (!response.ok) return `${response.status}\n${await response.text()}\n${workerd.output}`;
    await workerd.exited;
    return workerd.output;
  }

  answerToLast(): string {
    return "";
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#workerd?.[Symbol.asyncDispose]();
    this.#workerd = undefined;
  }
}

/** A service of these modules, the first of which is its entry; it may connect to this machine alone. */
function workerdConfiguration(modules: readonly string[]): string {
  const list = modules.map((name) => `(name = "${name}", esModule = embed "${name}")`).join(",\n    ");
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "tests", worker = .tests), (name = "loopback", network = (allow = ["local"]))],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "tests")]
);
const tests :Workerd.Worker = (
  compatibilityDate = "2026-11-01",
  globalOutbound = "loopback",
  modules = [
    ${list}
  ]
);
`;
}
