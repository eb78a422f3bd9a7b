/**
 * Feeds mutants to every reader of ./x509: `npm run fuzz [-- COUNT [SEED]]`, 200,000 with seed 1 by default. Ends with
 * code 1 and the mutant where anything else than a ChannelError comes out.
 */

import process from "node:process";
import { fuzz } from "../tests/x509/_fuzz.ts";

const [count = 200_000, seed = 1] = process.argv.slice(2).map(Number);
const start = performance.now();
const { counts, slowest } = fuzz(count, seed);
for (const [name, { accepted, refused }] of Object.entries(counts)) {
  console.log(
    `${name.padEnd(22)} ${String(refused).padStart(7)} refused ${String(accepted).padStart(7)} read`,
  );
}
const seconds = (performance.now() - start) / 1000;
const megabytes = process.memoryUsage().rss / 1e6;
console.log(
  `${count} mutants in ${seconds.toFixed(0)} s, the slowest ${slowest.toFixed(0)} ms, ${
    megabytes.toFixed(0)
  } MB`,
);
