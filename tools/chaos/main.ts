/**
 * Faults between two processes, over every setting, transport and runtime: `npm run chaos -- [--minutes N] [--seed N]`, two
 * minutes by default; `--trial SEED --server RUNTIME` repeats one. A proxy cuts, delays, splits, drops, duplicates, reorders
 * or flips data, ends one direction, resets, stalls, or passes one byte a second; or an end is killed. The rules: nothing is
 * delivered that was not sent; confirmed messages have arrived; each end ends, with one error that it repeats; and if the
 * fault is harmless, everything arrives. If a rule is violated, the program prints the trial's seed and exits with code 1.
 */
import process from "node:process";
import { parseArgs } from "node:util";
import type { ProcessFamily } from "../runtimes.ts";
import type { FaultKind } from "./faults.ts";
import { type Judged, Lane } from "./lane.ts";

const FAMILIES: readonly ProcessFamily[] = ["node", "deno", "bun"];

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "2" },
    seed: { type: "string", default: "1" },
    trial: { type: "string" },
    server: { type: "string", default: "node" },
  },
});
const first = Number(values.seed) * 1_000_000;
const end = performance.now() + Number(values.minutes) * 60_000;
/** For each kind of fault, how often a client's channel ended in each way. */
const counts = new Map<FaultKind, Map<string, number>>();
const failures: string[] = [];

if (values.trial !== undefined) {
  await runLane(values.server as ProcessFamily, Number(values.trial), () => false);
} else {
  console.log(`chaos for ${values.minutes} minutes with --seed ${values.seed}`);
  await Promise.all(
    FAMILIES.map((family, i) => runLane(family, first + i * 100_000, () => performance.now() < end)),
  );
}
let trials = 0;
for (const [kind, endings] of counts) {
  const sorted = [...endings].sort(([, a], [, b]) => b - a);
  trials += sorted.reduce((sum, [, count]) => sum + count, 0);
  console.log(`${kind.padEnd(12)} ${sorted.map(([ending, count]) => `${ending} ${count}`).join(", ")}`);
}
console.log(`${trials} trials, ${failures.length} went wrong`);
process.exitCode = failures.length === 0 ? 0 : 1;

async function runLane(family: ProcessFamily, seed: number, goesOn: () => boolean): Promise<void> {
  const lane = new Lane(family);
  try {
    do {
      note(await lane.run(seed++, FAMILIES), family);
    } while (goesOn());
  } catch (error) {
    note({ text: `seed ${seed - 1}`, complaints: [String(error)] }, family);
  } finally {
    await lane.end();
  }
}

function note(
  { fault, text, ended = "killed", complaints }: Pick<Judged, "text" | "complaints"> & Partial<Judged>,
  family: ProcessFamily,
): void {
  if (fault) {
    const endings = counts.get(fault.kind) ?? new Map<string, number>();
    counts.set(fault.kind, endings.set(ended, (endings.get(ended) ?? 0) + 1));
  }
  if (complaints.length === 0) return;
  failures.push(text);
  const command = `npm run chaos -- --trial ${/\d+/.exec(text)?.[0]} --server ${family}`;
  console.log(
    `WRONG ${text}\n${complaints.map((complaint) => `      ${complaint}`).join("\n")}\n      ${command}`,
  );
}
