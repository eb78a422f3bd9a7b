/** Runs the experiments on this runtime, and prints a line of JSON for each comparison: `measure.ts MINUTES CHOICE`. */
import process from "node:process";
import { type Experiment, experiments } from "./experiments.ts";
import { compare, type Comparison } from "./statistics.ts";

/** The contents of a line. */
export interface Line extends Comparison {
  readonly experiment: string;
  readonly against: string;
  readonly class: string;
}

/**
 * The number of inputs of a class, and the rounds after which one is replaced, so that the class is measured and not single
 * inputs.
 */
const INPUTS = 64;
const REPLACED_AFTER = 8;

const [minutes, choice] = process.argv.slice(2);
const all = experiments(choice as "platform" | "pure");
for (const experiment of all) {
  for (const line of measure(experiment, Number(minutes) * 60_000 / all.length)) {
    console.log(JSON.stringify(line));
  }
}

/** Measures the classes in turn, in a different order each time. */
function measure({ name, run, classes }: Experiment, milliseconds: number): Line[] {
  const names = Object.keys(classes);
  const inputs = names.map((name) => Array.from({ length: INPUTS }, classes[name]));
  const times: number[][] = names.map(() => []);
  const order = names.map((_, i) => i);
  for (let warm = 0; warm < 200; warm++) run(inputs[warm % names.length][warm % INPUTS] as never);
  const end = performance.now() + milliseconds;
  for (let round = 1; performance.now() < end; round++) {
    order.sort(() => Math.random() - 0.5);
    const which = Math.floor(Math.random() * INPUTS);
    if (round % REPLACED_AFTER === 0) names.forEach((name, i) => inputs[i][which] = classes[name]());
    for (const i of order) {
      const input = inputs[i][which] as never;
      const start = process.hrtime.bigint();
      run(input);
      times[i].push(Number(process.hrtime.bigint() - start));
    }
  }
  const [first, ...others] = times.map((values) => Float64Array.from(values));
  return others.map((values, i) => ({
    experiment: name,
    against: names[0],
    class: names[i + 1],
    ...compare(first, values),
  }));
}
