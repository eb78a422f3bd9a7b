/** The fuzzing thread. The main thread watches it, to detect endless loops and excessive memory. */
import process from "node:process";
import { parentPort, workerData } from "node:worker_threads";
import type { FuzzTarget } from "../../tests/fuzz/_target.ts";
import type * as Targets from "../../tests/fuzz/_targets.ts";
import type { Bundle } from "./bundle.ts";
import { chosen, readCorpus } from "./corpus.ts";
import { Fuzzer } from "./fuzzer.ts";
import { COUNTERS } from "./instrument.ts";

/** The input of the thread. */
export interface Task {
  readonly bundle: Bundle;
  readonly targets: readonly string[];
  readonly seed: number;
  readonly minutes: number;
  /** The current execution: the number of executions, the target's index, the input's length, and the input. */
  readonly shared: SharedArrayBuffer;
}

/** The result of the thread. */
export interface Report {
  readonly target: string;
  readonly executions: number;
  readonly reached: readonly number[];
  readonly corpus: readonly Uint8Array[];
}

/** An input that caused a forbidden result. */
export interface Find {
  readonly target: string;
  readonly input: Uint8Array;
  readonly error: string;
}

/** The time for a target before the next one runs, in milliseconds. */
const TURN = 1_000;

const { bundle, targets, seed, minutes, shared } = workerData as Task;
const header = new Int32Array(shared, 0, 3);
const current = new Uint8Array(shared, header.byteLength);

const counters = new Uint8Array(bundle.counters);
Object.assign(globalThis, { [COUNTERS]: counters });
const { TARGETS, execute }: typeof Targets = await import(`file://${bundle.path}`);
const tokens = bundle.texts.map((text) => new TextEncoder().encode(text));
const corpus = readCorpus();

process.on("unhandledRejection", (error) => find(TARGETS[header[1]], error));

const watched: typeof execute = async (target, input) => {
  current.set(input);
  header[1] = TARGETS.indexOf(target);
  header[2] = input.length;
  Atomics.add(header, 0, 1);
  try {
    return await execute(target, input);
  } catch (error) {
    return find(target, error);
  }
};

const fuzzers = TARGETS.filter(({ name }) => targets.includes(name)).map((target, index) =>
  new Fuzzer(target, watched, { counters, tokens, seed: seed + index })
);
const end = performance.now() + minutes * 60_000;
for (const fuzzer of fuzzers) {
  const { name, seeds } = fuzzer.target;
  for (const input of [...seeds, ...corpus.get(name) ?? []]) await fuzzer.run(input);
}
for (let turn = 0; performance.now() < end; turn++) {
  const fuzzer = fuzzers[turn % fuzzers.length];
  for (const stop = performance.now() + TURN; performance.now() < stop;) await fuzzer.run(fuzzer.next());
}
parentPort!.postMessage(fuzzers.map((fuzzer): Report => ({
  target: fuzzer.target.name,
  executions: fuzzer.executions,
  reached: [...counters.keys()].filter((counter) => fuzzer.reaches(counter)),
  corpus: chosen(fuzzer.kept.slice(fuzzer.target.seeds.length)),
})));

function find({ name }: FuzzTarget, error: unknown): never {
  const text = error instanceof Error ? error.stack ?? error.message : String(error);
  parentPort!.postMessage({ target: name, input: current.slice(0, header[2]), error: text } satisfies Find);
  process.exit(1);
}
