/**
 * Measures on every installed runtime, and writes docs/performance.md with its tables and plots: `npm run performance`, some ten
 * minutes. `npm run performance -- write` writes the last figures without measuring, and `npm run performance -- bun` measures on Bun alone.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { build } from "esbuild";
import { run } from "../process.ts";
import { executable, ROOT, RUNTIMES } from "../runtimes.ts";
import { document } from "./document.ts";

const FILE = join(ROOT, "docs/performance.md");
const PLOTS = join(ROOT, "docs/performance");

/** The options of each runtime; Deno and Bun use the installed node_modules. */
const OPTIONS: Readonly<Record<string, readonly string[]>> = {
  node: [],
  node26: [],
  deno: ["run", "-A", "--quiet", "--no-config", "--node-modules-dir=manual"],
  bun: [],
};

/** The benchmarks of each runtime. Loads need worker threads and child processes, and browsers a server. */
const BENCHES: Readonly<Record<string, readonly string[]>> = {
  node: ["loopback", "tls", "load", "browsers"],
  node26: ["loopback"],
  deno: ["loopback"],
  bun: ["loopback"],
};

const wanted = process.argv.slice(2);
for (const { name, program } of wanted.includes("write") ? [] : RUNTIMES) {
  if (program === undefined || !(name in OPTIONS) || wanted.length > 0 && !wanted.includes(name)) continue;
  for (const bench of BENCHES[name]) {
    const script = name === "node" ? [await bundled(bench)] : ["bench/main.ts", bench];
    const { code, output, seconds } = await run(program, [...OPTIONS[name], ...script], {
      timeout: 1_200_000,
    });
    console.log(`${code === 0 ? "ok    " : "FAILED"} ${name}: ${bench}, ${seconds.toFixed(0)} s`);
    if (code !== 0) console.log(output);
  }
}

mkdirSync(PLOTS, { recursive: true });
const { text, plots } = document(readFileSync(FILE, "utf8"), join(ROOT, ".cache/bench"), PLOTS);
for (const [name, svg] of Object.entries(plots)) writeFileSync(join(PLOTS, name), svg);
writeFileSync(FILE, text);
await run(executable("deno"), ["fmt", "--quiet", "docs/performance.md", "docs/performance"]);

/**
 * Bundles a benchmark for Node 20, which does not run TypeScript, and returns the file. Under tsx every closure would be given its
 * name each time it is made, which costs time that neither the package nor other runtimes take.
 */
async function bundled(bench: string): Promise<string> {
  const outfile = join(ROOT, `.cache/${bench}.mjs`); // as deep as tools/, whose files find the project from where they are
  await build({
    stdin: { contents: `import { run } from "./bench/${bench}.ts"; await run();`, resolveDir: ROOT },
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    packages: "external",
    logLevel: "error",
    outfile,
  });
  return outfile;
}
