/**
 * Coverage-guided fuzzing of everything that hostile bytes reach: `npm run fuzz -- [--minutes N] [--seed N] [--save] [TARGET…]`.
 * A target is named by a part of its name; all of them share the time, two minutes by default. The seed is printed; the same
 * seed tries the same inputs in the same order. `--save` keeps new inputs in tests/fuzz/corpus.json. Ends with code 1 and the
 * input if the result is not a refusal, if an input takes over a minute, or if memory grows over 1.5 GB.
 */
import { Buffer } from "node:buffer";
import process from "node:process";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { TARGETS } from "../../tests/fuzz/_targets.ts";
import { type Bundle, bundleTargets } from "./bundle.ts";
import { readCorpus, writeCorpus } from "./corpus.ts";
import { MAX_INPUT } from "./fuzzer.ts";
import type { Find, Report, Task } from "./worker.ts";

const HANG_SECONDS = 60;
const MAX_MEMORY = 1.5e9;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    minutes: { type: "string", default: "2" },
    seed: { type: "string", default: "1" },
    save: { type: "boolean", default: false },
  },
});
const names = TARGETS.map(({ name }) => name);
const targets = names.filter((name) =>
  positionals.length === 0 || positionals.some((part) => name.includes(part))
);
if (targets.length === 0) {
  console.error(`unknown target; there are:\n${names.map((name) => `  ${name}`).join("\n")}`);
  process.exit(2);
}

const bundle = await bundleTargets();
const shared = new SharedArrayBuffer(3 * 4 + MAX_INPUT);
const seed = Number(values.seed);
console.log(`fuzzing ${targets.length} targets for ${values.minutes} minutes with --seed ${seed}`);
const task: Task = { bundle, targets, seed, minutes: Number(values.minutes), shared };
const outcome = await run(task);
if ("error" in outcome) {
  const { target, input, error } = outcome;
  console.log(`FOUND in "${target}", with the input\n${Buffer.from(input).toString("base64")}\n${error}`);
  process.exit(1);
}
show(outcome, bundle);
if (values.save) {
  writeCorpus(new Map([...readCorpus(), ...outcome.map(({ target, corpus }) => [target, corpus] as const)]));
}

/** Runs the thread, and watches it. */
async function run(task: Task): Promise<readonly Report[] | Find> {
  const file = JSON.stringify(new URL("./worker.ts", import.meta.url).href);
  const script = `import("tsx/esm/api").then(({ register }) => (register(), import(${file})))`;
  const worker = new Worker(script, { eval: true, workerData: task });
  const header = new Int32Array(task.shared, 0, 3);
  let [last, since] = [-1, performance.now()];
  return await new Promise((resolve, reject) => {
    const found = (error: string): void =>
      resolve({
        target: names[header[1]],
        input: new Uint8Array(task.shared, header.byteLength, header[2]).slice(),
        error,
      });
    const timer = setInterval(() => {
      const count = Atomics.load(header, 0);
      if (count !== last) [last, since] = [count, performance.now()];
      if (performance.now() - since > HANG_SECONDS * 1000) found(`does not end in ${HANG_SECONDS} s`);
      const { rss } = process.memoryUsage();
      if (rss > MAX_MEMORY) found(`memory grew to ${(rss / 1e6).toFixed(0)} MB`);
    }, 500);
    worker.on("message", resolve);
    worker.on(
      "error",
      (error: Error & { code?: string }) =>
        error.code === "ERR_WORKER_OUT_OF_MEMORY" ? found(error.message) : reject(error),
    );
    worker.on("exit", (code) => code !== 0 && reject(new Error(`the thread ended with code ${code}`)));
    worker.on("exit", () => clearInterval(timer));
  }).finally(() => worker.terminate()) as readonly Report[] | Find;
}

function show(reports: readonly Report[], { modules, counters }: Bundle): void {
  for (const { target, executions, reached, corpus } of reports) {
    console.log(
      `${target.padEnd(30)} ${String(executions).padStart(9)} executions ${
        String(reached.length).padStart(5)
      } branches ${String(corpus.length).padStart(3)} kept`,
    );
  }
  const all = new Set(reports.flatMap(({ reached }) => reached));
  const executions = reports.reduce((sum, report) => sum + report.executions, 0);
  console.log(
    `${executions} executions, ${all.size} of ${counters} branches in ${modules.length} modules; nothing found`,
  );
}
