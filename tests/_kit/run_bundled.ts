/** Runs the tests of one bundled file in a page, in a worker or in workerd, and reports each of them. */
import type { Listed, Runtime } from "./mod.ts";

// Some browsers lack `await using`. The bundler compiles it to older syntax, which needs these symbols.
(Symbol as { asyncDispose: symbol }).asyncDispose ??= Symbol.for("Symbol.asyncDispose");
(Symbol as { dispose: symbol }).dispose ??= Symbol.for("Symbol.dispose");

/** The inputs of a bundled test file, and the tests that it registers. */
export interface BundledFile {
  readonly runtime: Runtime;
  readonly maySkip: boolean;
  readonly hasVectors: boolean;
  readonly peers: PeerPorts;
  readonly listed: Listed[];
  readonly tests: BundledTest[];
  /** Whether a test of the file needs the public vectors. */
  wantsVectors: boolean;
  /** All public vector files in one array, and where each begins and ends. */
  vectors?: {
    readonly index: Readonly<Record<string, readonly [number, number]>>;
    readonly bytes: Uint8Array;
  };
}

/**
 * The ports on 127.0.0.1 of the servers for bundled tests: those of tools/test_runner/peers.ts and, in workerd, its own
 * port.
 */
export interface PeerPorts {
  readonly webSocket: number;
  readonly tcp: number;
  readonly tls: number;
  readonly own?: number;
}

/** A test that waits to be run. */
export interface BundledTest {
  readonly name: string;
  readonly body: () => void | Promise<void>;
  readonly timeout: number;
  readonly skip: boolean | undefined;
}

/** The reports about a file, in this order: `unloadable` or `listed`, then `executed` for each test, then `done`. */
export type Report =
  | { readonly kind: "unloadable"; readonly error: string }
  | { readonly kind: "listed"; readonly tests: readonly Listed[] }
  | { readonly kind: "executed"; readonly name: string; readonly outcome: Outcome; readonly detail: string }
  | { readonly kind: "done" };

/** The outcome of a test. */
export type Outcome = "passed" | "failed" | "skipped";

/** The contents of the page's address. */
export interface Job {
  readonly runtime: Runtime;
  /** The path of the bundle below the test server's address. */
  readonly bundle: string;
  readonly maySkip: boolean;
  readonly hasVectors: boolean;
  readonly peers: PeerPorts;
}

/** Loads a bundled file, runs its tests, and reports to the test server. Returns the server's last answer. */
export async function runBundled(
  { runtime, maySkip, hasVectors, peers, bundle }: Job,
  server: string,
  load: () => Promise<{ default: (file: BundledFile) => Promise<void> }>,
): Promise<string> {
  const report = async (content: Report): Promise<string> => {
    const address = `${server}/report?${new URLSearchParams({ runtime, bundle })}`;
    const response = await fetch(address, { method: "POST", body: JSON.stringify(content) });
    return await response.text();
  };
  const file: BundledFile = {
    runtime,
    maySkip,
    hasVectors,
    peers,
    listed: [],
    tests: [],
    wantsVectors: false,
  };
  const uncaught: unknown[] = [];
  globalThis.addEventListener("error", (event) => uncaught.push((event as ErrorEvent).error));
  globalThis.addEventListener("unhandledrejection", (event) => uncaught.push(event.reason));
  try {
    const { default: register } = await load();
    await register(file);
    if (file.wantsVectors && hasVectors) file.vectors = await fetchVectors(server);
  } catch (error) {
    await report({ kind: "unloadable", error: describe(error) });
    return report({ kind: "done" });
  }
  await report({ kind: "listed", tests: file.listed });
  for (const test of file.tests) await report(await execute(test, uncaught));
  if (uncaught.length > 0) {
    const detail = uncaught.map(describe).join("\n");
    await report({ kind: "executed", name: "what is left of the file", outcome: "failed", detail });
  }
  return report({ kind: "done" });
}

async function fetchVectors(server: string): Promise<BundledFile["vectors"]> {
  const [index, bytes] = await Promise.all([
    fetch(`${server}/vectors.json`).then((response) => response.json()),
    fetch(`${server}/vectors.bin`).then((response) => response.arrayBuffer()),
  ]);
  return { index, bytes: new Uint8Array(bytes) };
}

async function execute(
  { name, body, timeout, skip }: BundledTest,
  uncaught: unknown[],
): Promise<Report> {
  if (skip) return { kind: "executed", name, outcome: "skipped", detail: "" };
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`did not end within ${timeout} ms`)), timeout);
  });
  const faults: unknown[] = [];
  try {
    await Promise.race([body(), limit]);
    await new Promise((resolve) => setTimeout(resolve)); // unhandled rejections are reported by then
  } catch (error) {
    faults.push(error);
  }
  clearTimeout(timer);
  faults.push(...uncaught.splice(0));
  const outcome = faults.length === 0 ? "passed" : "failed";
  return { kind: "executed", name, outcome, detail: faults.map(describe).join("\n") };
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const stack = error.stack ?? "";
  return stack.includes(error.message) ? stack : `${error.name}: ${error.message}\n${stack}`;
}
