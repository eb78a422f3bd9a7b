/** Holds what the library costs in a browser, bundled, minified and gzipped, against a budget for each use. */
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { ROOT } from "./runtimes.ts";

interface Budget {
  readonly name: string;
  /** The program to bundle. */
  readonly source: string;
  readonly kilobytes: number;
}

const BUDGETS: readonly Budget[] = [
  { name: "client, every setting", source: 'export { connect } from "./mod.ts";', kilobytes: 75 },
  { name: "client, native", source: 'export { connectNative } from "./src/noise/client.ts";', kilobytes: 25 },
  { name: "client, TLS", source: 'export { connectTls } from "./src/tls/mod.ts";', kilobytes: 60 },
  { name: "./rsa", source: 'export * from "./src/crypto/rsa/mod.ts";', kilobytes: 15 },
  { name: "./x509", source: 'export * from "./src/x509/mod.ts";', kilobytes: 55 },
  { name: "./noise", source: 'export * from "./src/noise/mod.ts";', kilobytes: 25 },
  { name: "./des", source: 'export * from "./src/crypto/des.ts";', kilobytes: 5 },
  { name: "./websocket", source: 'export * from "./src/transport/websocket.ts";', kilobytes: 5 },
];

/** Prints every figure, and gives one line for each that is too large. */
export async function checkBudgets(): Promise<string> {
  const faults: string[] = [];
  for (const { name, source, kilobytes } of BUDGETS) {
    const size = await bundledSize(source) / 1000;
    console.log(`       ${name.padEnd(22)} ${size.toFixed(1).padStart(5)} kB of ${kilobytes}`);
    if (size > kilobytes) faults.push(`${name} takes ${size.toFixed(1)} kB; its budget is ${kilobytes}`);
  }
  return faults.join("\n");
}

async function bundledSize(source: string): Promise<number> {
  const { outputFiles: [bundle] } = await build({
    stdin: { contents: source, resolveDir: ROOT, loader: "ts" },
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    platform: "browser",
    target: "es2022",
    logLevel: "silent",
  });
  return gzipSync(bundle.contents, { level: 9 }).length;
}
