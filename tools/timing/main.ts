/**
 * Measures whether the time of operations depends on secrets, like dudect and the Marvin toolkit: `npm run timing -- [--minutes N]
 * [--runtime NAME]`, N minutes for each runtime and implementation, one by default. Prints tables in Markdown, without a verdict.
 */
import process from "node:process";
import { parseArgs } from "node:util";
import { run } from "../process.ts";
import { executable, type ProcessFamily, SCRIPT_PREFIX } from "../runtimes.ts";
import type { Line } from "./measure.ts";

const { values } = parseArgs({
  options: { minutes: { type: "string", default: "1" }, runtime: { type: "string", multiple: true } },
});
const families = Object.keys(SCRIPT_PREFIX) as ProcessFamily[];
for (const family of families.filter((name) => values.runtime?.includes(name) ?? true)) {
  for (const choice of ["platform", "pure"]) {
    const args = [...SCRIPT_PREFIX[family], "tools/timing/measure.ts", values.minutes, choice];
    const { code, output } = await run(executable(family), args, {
      timeout: (Number(values.minutes) + 5) * 60_000,
    });
    if (code !== 0) throw new Error(output);
    show(`${family}, ${choice}`, output.trim().split("\n").map((line) => JSON.parse(line)));
  }
}
process.exitCode = 0;

function show(title: string, lines: readonly Line[]): void {
  console.log(`\n**${title}**\n`);
  console.log("| operation | class | against | samples | takes | difference | 95 % interval | t |");
  console.log("| --- | --- | --- | --- | --- | --- | --- | --- |");
  for (const { experiment, against, class: name, samples, median, difference, interval, t } of lines) {
    const cells = [
      experiment,
      name,
      against,
      samples,
      `${(median / 1000).toFixed(1)} µs`,
      `${nanoseconds(difference)} (${(100 * difference / median).toFixed(2)} %)`,
      interval.map(nanoseconds).join(" to "),
      t.toFixed(1),
    ];
    console.log(`| ${cells.join(" | ")} |`);
  }
}

function nanoseconds(value: number): string {
  return `${value >= 0 ? "+" : "−"}${Math.abs(value).toFixed(0)} ns`;
}
