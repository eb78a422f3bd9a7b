/** Reads the figures of the benchmarks from .cache/bench. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Rounds, Row } from "../../bench/_kit.ts";

/** Figures by measurement, then by implementation, then by round. */
export type Figures = Readonly<Record<string, Rounds>>;

/** The figures of `bench/load.ts`. */
export type Loads = Readonly<Record<"loads" | "timer" | "memory", readonly Row[]>>;

const NAMES: Readonly<Record<string, string>> = {
  node: "Node",
  deno: "Deno",
  bun: "Bun",
  chromium: "Chromium",
  firefox: "Firefox",
};

/** The title of a runtime: `Node 20` for `node-20`. */
export function titleOf(runtime: string): string {
  const [name, version = ""] = runtime.split("-");
  return `${NAMES[name] ?? name} ${version}`.trim();
}

/** Reads a benchmark's figures by the runtime's title, such as `Node 20`. */
export function figuresOf<T = Figures>(folder: string, bench: string): ReadonlyMap<string, T> {
  const files = existsSync(folder) ? readdirSync(folder).sort() : [];
  const found = new Map<string, T>();
  for (const file of files) {
    if (!file.startsWith(`${bench}-`) || !file.endsWith(".json")) continue;
    const title = titleOf(file.slice(bench.length + 1, -".json".length));
    found.set(title, JSON.parse(readFileSync(join(folder, file), "utf8")));
  }
  return found;
}

/** A quantile of sorted values, such as 0.5 for the median; between two values, their mean. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const place = part * (sorted.length - 1);
  return (sorted[Math.floor(place)] + sorted[Math.ceil(place)]) / 2;
}

/** A number with two or three significant digits. */
export function rounded(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString("en-US") : String(Number(value.toPrecision(2)));
}
