/** Holds what a client costs in a browser, minified and compressed, against its budget. */
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { ROOT } from "./runtimes.ts";

interface Budget {
  readonly name: string;
  /** The program to bundle. */
  readonly source: string;
  readonly kilobytes: number;
}

const BUDGETS: readonly Budget[] = [];

export async function checkBudgets(): Promise<string> {
  const faults: string[] = [];
  for (const { name, source, kilobytes } of BUDGETS) {
    const size = await bundledSize(source) / 1000;
    console.log(`       ${name}: ${size.toFixed(1)} kB of ${kilobytes}`);
    if (size > kilobytes) faults.push(`${name} takes ${size.toFixed(1)} kB, of ${kilobytes}`);
  }
  return faults.join("\n");
}

/** Bytes of a program with all it imports: bundled for browsers, minified, gzipped. */
async function bundledSize(source: string): Promise<number> {
  const { outputFiles } = await build({
    stdin: { contents: source, resolveDir: ROOT, loader: "ts" },
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    platform: "browser",
    logLevel: "silent",
  });
  return outputFiles.reduce((sum, file) => sum + gzipSync(file.contents, { level: 9 }).length, 0);
}
