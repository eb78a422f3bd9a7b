/** Makes dist/api, the API reference, of the docstrings: `npm run docs`, then open dist/api/index.html. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { entries, readDenoJson } from "./manifest.ts";
import { run } from "./process.ts";
import { executable, ROOT } from "./runtimes.ts";

const OUTPUT = join(ROOT, "dist/api");

/** Makes the pages and gives what deno doc complains of. */
export async function makeDocs(): Promise<string> {
  rmSync(OUTPUT, { recursive: true, force: true });
  const { name } = readDenoJson();
  const options = ["--html", `--name=${name}`, `--output=${OUTPUT}`];
  const { code, output } = await run(executable("deno"), ["doc", ...options, ...Object.values(entries())]);
  if (code !== 0) return output;
  for (const file of readdirSync(OUTPUT, { recursive: true, encoding: "utf8" })) {
    if (file.endsWith(".html")) mend(join(OUTPUT, file), name);
  }
  return withoutNodeTypes(output).replace(/^Written \d+ files to .*\n/m, "");
}

/** Without what deno says of @types/node, which tsconfig.json names and which resolves for the compiler alone. */
export function withoutNodeTypes(output: string): string {
  return output.replace(/^Warning Failed resolving types\..*\n.*\n/gm, "");
}

/** Names the entry points as they are imported, and lists them on the first page, neither of which deno doc does. */
function mend(file: string, name: string): void {
  const names = new Map(
    Object.keys(entries()).map((subpath) => [subpath.replace("./", ""), subpath.replace(".", name)]),
  );
  const page = readFileSync(file, "utf8").replace(
    /(?<= from &quot;)[\w.-]+(?=&quot;;)/g,
    (entry) => names.get(entry) ?? entry,
  );
  const links = [...names].filter(([entry]) => entry !== ".")
    .map(([entry, imported]) => `<li><a href="${entry}/index.html">${imported}</a></li>`);
  const list = `<nav><h3>Entry points</h3><ul>${links.join("")}</ul></nav>`;
  const isFirst = file === join(OUTPUT, "index.html");
  writeFileSync(file, isFirst ? page.replace('<nav class="documentNavigation">', `${list}$&`) : page);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const complaints = await makeDocs();
  console.log(complaints || `open ${join(OUTPUT, "index.html")}`);
  process.exitCode = complaints ? 1 : 0;
}
