import { fromBase64 } from "../../src/bytes.ts";
import { assert, test } from "../_kit/mod.ts";
import { mutate, seededRandom } from "../_kit/mutate.ts";
import { mutateDer } from "../_kit/mutate_der.ts";
import corpus from "./corpus.json" with { type: "json" };

/** The number of mutants of each well-formed input. `npm run fuzz` tries more. */
const MUTANTS = 40;

// The corpus of the fuzzer: inputs that together reach all code that it reached, and inputs with which it found faults.
test("fuzz: seeds, their mutants and the corpus are read, or refused by one typed error", {
  on: ["node", "deno", "bun"],
}, async () => {
  const { execute, TARGETS } = await import("./_targets.ts");
  const inputs: Readonly<Record<string, readonly string[]>> = corpus;
  const names = new Set(TARGETS.map(({ name }) => name));
  assert.deepEqual(Object.keys(inputs).filter((name) => !names.has(name)), [], "a corpus without its target");
  const random = seededRandom(1);
  for (const target of TARGETS) {
    const change = target.structure === "der" ? mutateDer : mutate;
    const count = target.isConversation ? 1 : MUTANTS;
    const mutants = target.seeds.flatMap((seed) => Array.from({ length: count }, () => change(seed, random)));
    for (const input of [...target.seeds, ...mutants, ...(inputs[target.name] ?? []).map(fromBase64)]) {
      await execute(target, input);
    }
  }
});

test("fuzz: a result other than data or a refusal is a finding", async () => {
  const { execute } = await import("./_target.ts");
  const run = (body: () => unknown) => execute({ name: "", seeds: [], run: body }, new Uint8Array(0));
  await assert.rejects(run(() => (null as unknown as string).length), TypeError);
  await assert.rejects(run(() => Promise.reject(new RangeError("x"))), RangeError);
  const polluted = Object.prototype as { polluted?: boolean };
  await assert.rejects(run(() => polluted.polluted = true), /prototype/);
  delete polluted.polluted;
});
