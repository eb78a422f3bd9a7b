/** Runs the examples of docstrings and documents on Node; `deno test --doc` runs them on Deno. */
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join, relative } from "node:path";
import process from "node:process";
import { transformSync } from "esbuild";
import { run } from "../process.ts";
import { ROOT } from "../runtimes.ts";

/** Modules that only another runtime has. */
const FOREIGN = /\bDeno\.|\bRTCPeerConnection\b|@fesa\/channel\/(?:deno|bun)"/;

/** Runs the examples one after another; the exit code is the number of failures. */
const RUNNER = `
console.log = () => {};
let failures = 0;
for (const [module, file] of EXAMPLES) {
  const started = performance.now();
  const late = new Promise((_, reject) => setTimeout(() => reject(new Error("it does not end")), 60_000).unref());
  await Promise.race([import(module), late]).catch((error) => {
    failures++;
    console.error(file + ": " + error.stack);
  });
}
process.exit(Math.min(failures, 100)); // some examples leave servers running
`;

/** Returns the failing examples with their files. The package must be built. */
export async function runDocExamples(): Promise<string> {
  const folder = mkdtempSync(join(ROOT, "dist/examples-"));
  try {
    mkdirSync(join(folder, "node_modules/@fesa"), { recursive: true });
    symlinkSync(ROOT, join(folder, "node_modules/@fesa/channel"));
    const examples = sources().flatMap((file) => examplesIn(file).map((code) => ({ file, code })));
    const modules = examples.map(({ file, code }, index) => {
      const { code: module } = transformSync(`${code}\nexport {};`, { loader: "ts", target: "node20" });
      writeFileSync(join(folder, `${index}.mjs`), module);
      return [`./${index}.mjs`, relative(ROOT, file)];
    });
    writeFileSync(join(folder, "run.mjs"), RUNNER.replace("EXAMPLES", JSON.stringify(modules)));
    const { code, output } = await run(process.execPath, [join(folder, "run.mjs")], { timeout: 500_000 });
    return code === 0 ? "" : `exit code ${code}\n${output}`;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function sources(): string[] {
  const under = (folder: string) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" }).map((name) =>
      join(ROOT, folder, name)
    );
  return [join(ROOT, "README.md"), join(ROOT, "mod.ts"), ...under("src"), ...under("docs")]
    .filter((file) => /\.(?:ts|md)$/.test(file));
}

/** Returns the blocks marked `ts`; in a source file, those of its docstrings. */
function examplesIn(file: string): string[] {
  const text = readFileSync(file, "utf8");
  const documents = file.endsWith(".md")
    ? [text]
    : [...text.matchAll(/\/\*\*.*?\*\//gs)].map(([docstring]) => docstring.replace(/^ *\* ?/gm, ""));
  return documents.flatMap((document) =>
    [...document.matchAll(/^```ts\n(.*?)^```/gms)].map(([, code]) => code)
  )
    .filter((code) => !FOREIGN.test(code));
}
