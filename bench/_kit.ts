/**
 * Measuring. Cases are run in interleaved rounds, so that a machine that slows down slows all of them, and the
 * median round counts, so that one disturbed round does not.
 */

export interface MeasureOptions {
  /** How often each case takes its turn; 7 by default. */
  readonly rounds?: number;
  /** How long each turn lasts at least; 200 by default. */
  readonly minimumMilliseconds?: number;
}

/** A case: one operation. */
export type Case = () => void | Promise<void>;

/** Measures every case and gives its operations per second. */
export async function measure(
  cases: Readonly<Record<string, Case>>,
  options: MeasureOptions = {},
): Promise<Record<string, number>> {
  const { rounds = 7, minimumMilliseconds = 200 } = options;
  const names = Object.keys(cases);
  const seen = new Map<string, number[]>(names.map((name) => [name, []]));
  for (const name of names) await turn(cases[name], minimumMilliseconds / 4); // warms up
  for (let round = 0; round < rounds; round++) {
    for (const name of names) seen.get(name)!.push(await turn(cases[name], minimumMilliseconds));
  }
  return Object.fromEntries(names.map((name) => [name, median(seen.get(name)!)]));
}

/** Runs one case for at least `milliseconds` and gives its operations per second. */
async function turn(run: Case, milliseconds: number): Promise<number> {
  const start = performance.now();
  let count = 0;
  let elapsed = 0;
  do {
    const result = run();
    if (result) await result; // a synchronous case must not pay for a turn of the event loop
    count++;
    elapsed = performance.now() - start;
  } while (elapsed < milliseconds);
  return count * 1000 / elapsed;
}

/** The middle value. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
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

/**
 * Measures the cases and prints them, each with its ratio to the first, which is ours.
 * `unit` turns operations per second into another figure: `{ name: "MB/s", perOperation: 16384 / 1e6 }`.
 */
export async function compare(
  cases: Readonly<Record<string, Case>>,
  options: MeasureOptions & { unit?: { readonly name: string; readonly perOperation: number } } = {},
): Promise<Record<string, number>> {
  const unit = options.unit ?? { name: "ops/s", perOperation: 1 };
  const speeds = await measure(cases, options);
  const [ours] = Object.values(speeds);
  table(
    Object.entries(speeds).map(([name, speed], index) => ({
      case: name,
      [unit.name]: speed * unit.perOperation,
      "first is faster by": index === 0 ? "" : `${(ours / speed).toFixed(2)}x`,
    })),
  );
  return speeds;
}
