/** The corpus in the repository: for each target a few small inputs that together reach everything reached so far. */
import { readFileSync, writeFileSync } from "node:fs";
import { fromBase64, toBase64 } from "../../src/bytes.ts";
import { ROOT } from "../runtimes.ts";
import type { Kept } from "./fuzzer.ts";

const FILE = `${ROOT}tests/fuzz/corpus.json`;

/** The limit on the total size of a target's inputs in bytes, so that the repository stays small. */
const MAX_BYTES = 4_096;

/** Reads the inputs of a target. */
export function readCorpus(): Map<string, Uint8Array[]> {
  const corpus: Readonly<Record<string, readonly string[]>> = JSON.parse(readFileSync(FILE, "utf8"));
  return new Map(Object.entries(corpus).map(([name, inputs]) => [name, inputs.map(fromBase64)]));
}

/** Writes the corpus. */
export function writeCorpus(corpus: ReadonlyMap<string, readonly Uint8Array[]>): void {
  const sorted = [...corpus].filter(([, inputs]) => inputs.length > 0).sort(([a], [b]) => a < b ? -1 : 1);
  const object = Object.fromEntries(sorted.map(([name, inputs]) => [name, inputs.map(toBase64)]));
  writeFileSync(FILE, `${JSON.stringify(object, null, 2)}\n`);
}

/** Selects the inputs of a run that reach the most code for their size. */
export function chosen(kept: readonly Kept[]): Uint8Array[] {
  const worth = ({ input, reached }: Kept): number => reached.length / (32 + input.length);
  const inputs: Uint8Array[] = [];
  let left = MAX_BYTES;
  for (const { input } of kept.toSorted((a, b) => worth(b) - worth(a))) {
    if (input.length > left) continue;
    inputs.push(input);
    left -= input.length;
  }
  return inputs;
}
