/** The hosts that run bundles: a browser with one page, or workerd. */
import type { Job } from "../../tests/_kit/run_bundled.ts";
import { type Browser, INSECURE_HOST, openBrowser } from "../browsers.ts";
import { Program } from "../process.ts";
import type { Runtime } from "../runtimes.ts";

/** The place in which each browser runs the tests, to cover an insecure context, a worker, and a secure context. */
const PLACES = {
  chromium: { host: INSECURE_HOST, worker: false },
  firefox: { host: "127.0.0.1", worker: true },
  webkit: { host: "127.0.0.1", worker: false },
} as const;

/** A host that runs the bundles of jobs. Disposing ends the host; the next job starts it again. */
export interface Host extends AsyncDisposable {
  /** Runs a job; resolves with the host's output if the host ends. */
  open(job: Job): Promise<string>;
  /** Returns the answer to the last report of a job. */
  answerToLast(): string | Promise<string>;
}

/** A browser with one page, which requests the address of the next page when it has finished. */
export class BrowserHost implements Host {
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

/** Runs one file for each request in workerd. */
export class WorkerdHost implements Host {
  readonly #runtime: Runtime;
  readonly #configuration: string;
  readonly #port: number;
  #workerd: Program | undefined;

  constructor(runtime: Runtime, configuration: string, port: number) {
    this.#runtime = runtime;
    this.#configuration = configuration;
    this.#port = port;
  }

  async open(job: Job): Promise<string> {
    this.#workerd ??= new Program(this.#runtime.program!, ["serve", this.#configuration, "--control-fd=3"]);
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

/**
 * Returns the configuration of a service with these modules. The first is the entry; the service may connect only to this
 * machine.
 */
export function workerdConfiguration(modules: readonly string[]): string {
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
