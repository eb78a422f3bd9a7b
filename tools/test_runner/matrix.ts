/** The result of a complete test run, and its matrix in README. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { openDisplay } from "../browsers.ts";
import { run } from "../process.ts";
import { ROOT, type Runtime, RUNTIMES } from "../runtimes.ts";
import type { Account, Figures } from "./account.ts";

const RESULT = join(ROOT, ".cache/test_result.json");
const README = join(ROOT, "README.md");
const BLOCK = /(<!-- matrix:begin[^]*?-->\n)[^]*?(<!-- matrix:end -->)/;

/** The result of a complete run, as saved in its file. */
export interface TestResult {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly seconds: number;
  readonly runtimes: readonly { readonly name: string; readonly title: string }[];
  /** The figures by part of the tests, and then by the runtime's name. */
  readonly parts: Readonly<Record<string, Readonly<Record<string, Figures>>>>;
}

/** Adds up the figures of files by part, which is the folder. */
export async function resultOf(account: Account, seconds: number): Promise<TestResult> {
  const parts: Record<string, Record<string, Figures>> = {};
  const runtimes = RUNTIMES.filter((runtime) => account.figures.has(runtime));
  for (const runtime of runtimes) {
    for (const [file, figures] of account.figures.get(runtime)!) {
      const folder = file.split("/").length > 2 ? file.split("/")[1] : "bytes, wire";
      const part = parts[folder] ??= {};
      part[runtime.name] = add(part[runtime.name], figures);
    }
  }
  const { passed, failed, skips } = account;
  return {
    passed,
    failed,
    skipped: skips.length,
    seconds,
    runtimes: await Promise.all(
      runtimes.map(async (runtime) => ({ name: runtime.name, title: await titleOf(runtime) })),
    ),
    parts,
  };
}

function add(a: Figures | undefined, b: Figures): Figures {
  if (a === undefined) return b;
  return {
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    skipped: a.skipped + b.skipped,
    elsewhere: a.elsewhere + b.elsewhere,
  };
}

const TITLES: Readonly<Record<Runtime["family"], string>> = {
  node: "Node",
  deno: "Deno",
  bun: "Bun",
  workerd: "workerd",
  chromium: "Chromium",
  firefox: "Firefox",
  webkit: "WebKitGTK",
};

/** Returns a runtime's name and version, as its program reports them. */
async function titleOf({ family, program }: Runtime): Promise<string> {
  await using display = family === "webkit" ? await openDisplay() : undefined;
  const env = display && { DISPLAY: `:${await display.address}` };
  const { output } = await run(program!, ["--version"], { timeout: 30_000, env });
  const [version = ""] = /\d{4}-\d\d-\d\d|\d+\.\d+/.exec(output) ?? [];
  return `${TITLES[family]} ${version}`;
}

/** Writes the result of a complete run for `npm run matrix`. */
export function writeResult(result: TestResult): void {
  mkdirSync(dirname(RESULT), { recursive: true });
  writeFileSync(RESULT, `${JSON.stringify(result, null, 2)}\n`);
}

/** Writes the matrix of the last complete run into README. */
export function updateReadme(): void {
  const result = JSON.parse(readFileSync(RESULT, "utf8")) as TestResult;
  if (result.failed > 0) throw new Error(`${result.failed} tests failed in the last whole run`);
  const missing = missingRuntimes(result.runtimes.map(({ title }) => title));
  if (missing.length > 0) throw new Error(`the last run was without ${missing.join(", ")}`);
  const readme = readFileSync(README, "utf8");
  if (!BLOCK.test(readme)) throw new Error("README.md has no place for the matrix");
  writeFileSync(README, readme.replace(BLOCK, (_, begin, end) => `${begin}\n${matrix(result)}\n${end}`));
}

/** Returns the matrix: the number of passed tests in a row for each part of the tests and a column for each runtime. */
function matrix({ runtimes, parts }: TestResult): string {
  const names = Object.keys(parts).sort();
  const total = (runtime: string): number =>
    names.reduce((sum, part) => sum + (parts[part][runtime]?.passed ?? 0), 0);
  const rows = [
    ["tests", ...runtimes.map(({ title }) => title)],
    ["-----", ...runtimes.map(() => "---:")],
    ...names.map((part) => [part, ...runtimes.map(({ name }) => `${parts[part][name]?.passed || "–"}`)]),
    ["all", ...runtimes.map(({ name }) => `${total(name)}`)],
  ];
  return rows.map((cells) => `| ${cells.join(" | ")} |\n`).join("");
}

/** Returns what is missing in README's matrix. */
export function checkMatrix(): string {
  const [block] = BLOCK.exec(readFileSync(README, "utf8")) ?? [];
  if (block === undefined) return "README.md has no matrix of runtimes";
  const header = block.split("\n").find((line) => line.startsWith("| tests")) ?? "";
  const missing = missingRuntimes(header.split("|").map((cell) => cell.trim()));
  return missing.map((title) => `README.md's matrix lacks ${title}: npm test && npm run matrix`).join("\n");
}

/** Returns the runtimes that have no column. */
function missingRuntimes(columns: readonly string[]): string[] {
  const wanted = new Set(RUNTIMES.map(({ family }) => family));
  return [...wanted].flatMap((family) => {
    const count = RUNTIMES.filter((runtime) => runtime.family === family).length;
    const there = columns.filter((column) => column.startsWith(`${TITLES[family]} `)).length;
    return there < count ? [`${TITLES[family]} (${there} of ${count})`] : [];
  });
}
