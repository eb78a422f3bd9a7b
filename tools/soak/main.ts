/**
 * A server under load for a long time: `npm run soak -- [--minutes N] [--idle N] [--busy N]`, an hour with 10,000 idle and
 * 1,000 busy channels by default. The attacks of attacks.ts take turns, round after round, while some honest clients stay
 * connected, and others come and go. Prints the effects of each attack on the server and on the honest clients, and the
 * figures of bounds.ts. Exits with code 1 if a figure is out of bounds.
 */
import process from "node:process";
import { parseArgs } from "node:util";
import { table } from "../../bench/_kit.ts";
import { BOUNDS, type Figures, isWithin } from "./bounds.ts";
import { errorsOf, figuresOf, rowsOf } from "./outcome.ts";
import { affordable } from "./sizes.ts";
import { Soak } from "./soak.ts";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "60" },
    idle: { type: "string", default: "10000" },
    busy: { type: "string", default: "1000" },
  },
});
const minutes = Number(values.minutes);
const sizes = affordable({ idle: Number(values.idle), busy: Number(values.busy) });
console.log(`soaking for ${minutes} minutes with ${sizes.idle} idle and ${sizes.busy} busy channels`);
const soak = await Soak.start(sizes, performance.now() + minutes * 60_000);
try {
  const outcome = await soak.run();
  for (const error of errorsOf(outcome)) console.log(error);
  table(rowsOf(outcome));
  report(figuresOf(outcome));
} finally {
  await soak.end();
}

function report(figures: Figures): void {
  const names = Object.keys(BOUNDS) as (keyof Figures)[];
  const wrong = names.filter((name) => !isWithin(figures[name], BOUNDS[name]));
  console.log();
  table(names.map((name) => {
    const { label, most, least, why } = BOUNDS[name];
    const bound = most === undefined ? `at least ${least}` : `at most ${most}`;
    return { figure: label, measured: figures[name], bound, "": wrong.includes(name) ? "EXCEEDED" : "", why };
  }));
  console.log(wrong.length === 0 ? "all within their bounds" : `${wrong.length} out of bounds`);
  process.exitCode = wrong.length === 0 ? 0 : 1;
}
