/**
 * Measures benchmarks in processor time. The cases take turns in many short rounds, so that other load on the machine
 * affects all of them alike. Reports the median of the rounds, and the median of the rounds' ratios with their interquartile
 * range.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import process from "node:process";

export interface MeasureOptions {
  /** The number of rounds; 15 by default. */
  readonly rounds?: number;
  /** The minimum processor time of each turn, in milliseconds; 100 by default. */
  readonly minimumMilliseconds?: number;
  /**
   * The processor time of the warm-up, in which the engine compiles the code, in milliseconds; by default that of one turn.
   */
  readonly warmUpMilliseconds?: number;
}

/** A case: one operation. */
export type Case = () => void | Promise<void>;

/** Measures every case: its operations per second, round by round. */
async function measure(
  cases: Readonly<Record<string, Case>>,
  options: MeasureOptions,
): Promise<Map<string, number[]>> {
  const { rounds = 15, minimumMilliseconds = 100, warmUpMilliseconds = minimumMilliseconds } = options;
  const seen = new Map<string, number[]>();
  for (const [name, run] of Object.entries(cases)) {
    seen.set(name, []);
    await turn(run, warmUpMilliseconds);
  }
  for (let round = 0; round < rounds; round++) {
    for (const [name, run] of Object.entries(cases)) {
      seen.get(name)!.push(await turn(run, minimumMilliseconds));
    }
  }
  return seen;
}

/** Runs one case for at least `milliseconds` of processor time. Returns its operations per second of processor time. */
async function turn(run: Case, milliseconds: number): Promise<number> {
  const start = process.cpuUsage();
  let count = 0;
  let elapsed = 0;
  do {
    const soon = performance.now() + 1; // reading the processor time is itself expensive
    do {
      const result = run();
      if (result) await result; // a synchronous case must not wait for the event loop
      count++;
    } while (performance.now() < soon);
    const { user, system } = process.cpuUsage(start);
    elapsed = (user + system) / 1000;
  } while (elapsed < milliseconds);
  return count * 1000 / elapsed;
}

/** Returns a quantile of the values, such as 0.5 for the median. Between two values it is their mean. */
function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const place = part * (sorted.length - 1);
  return (sorted[Math.floor(place)] + sorted[Math.ceil(place)]) / 2;
}

/** The median. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The interquartile range. */
export function spread(values: readonly number[]): string {
  return [0.25, 0.75].map((part) => Number(quantile(values, part).toPrecision(3))).join("-");
}

/** The runtime and its major version, such as `node-20`. */
function runtime(): string {
  const { Deno } = globalThis as { Deno?: { version: { deno: string } } };
  const [name, version] = Deno
    ? ["deno", Deno.version.deno]
    : process.versions.bun
    ? ["bun", process.versions.bun]
    : ["node", process.versions.node];
  return `${name}-${version.split(".")[0]}`;
}

/** A row of a table: column name to value. */
export type Row = Readonly<Record<string, string | number>>;

/** Prints rows as an aligned table; numbers are rounded to three or more significant digits. */
export function table(rows: readonly Row[]): void {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const lines = [columns, ...rows.map((row) => columns.map((column) => cell(row[column])))];
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => line[index].length)));
  const isNumber = columns.map((column) => rows.every((row) => typeof row[column] !== "string"));
  lines.splice(1, 0, widths.map((width) => "-".repeat(width)));
  for (const line of lines) {
    const cells = line.map((text, index) =>
      isNumber[index] ? text.padStart(widths[index]) : text.padEnd(widths[index])
    );
    console.log(`  ${cells.join("  ").trimEnd()}`);
  }
}

function cell(value: string | number | undefined): string {
  if (typeof value !== "number") return value ?? "";
  if (!Number.isFinite(value)) return String(value);
  return Math.abs(value) >= 100
    ? Math.round(value).toLocaleString("en-US")
    : String(Number(value.toPrecision(3)));
}

/** The figures of each case in each round, by the case's name. */
export type Rounds = Readonly<Record<string, readonly number[]>>;

/** Saves figures for `npm run performance`. */
export function saveFigures(bench: string, figures: unknown, where: string = runtime()): void {
  mkdirSync(".cache/bench", { recursive: true });
  writeFileSync(`.cache/bench/${bench}-${where}.json`, JSON.stringify(figures, null, 2));
}

/**
 * Measures and prints the cases, each with its ratio to the first, which is this library's. Returns the figures of each
 * round. `unit` converts operations per second to another unit: `{ name: "MB/s", perOperation: 16384 / 1e6 }`.
 */
export async function compare(
  cases: Readonly<Record<string, Case>>,
  options: MeasureOptions & { unit?: { readonly name: string; readonly perOperation: number } } = {},
): Promise<Rounds> {
  const unit = options.unit ?? { name: "ops/s", perOperation: 1 };
  const seen = [...await measure(cases, options)];
  const [[, ours]] = seen;
  table(
    seen.map(([name, speeds], index) => {
      const ratios = speeds.map((speed, round) => ours[round] / speed);
      const spread = [0.25, 0.75].map((part) => quantile(ratios, part).toFixed(2)).join("-");
      return {
        case: name,
        [unit.name]: quantile(speeds, 0.5) * unit.perOperation,
        "first is faster by": index === 0 ? "" : `${quantile(ratios, 0.5).toFixed(2)}x (${spread})`,
      };
    }),
  );
  return Object.fromEntries(
    seen.map(([name, speeds]) => [name, speeds.map((speed) => speed * unit.perOperation)]),
  );
}
