/** Makes the API reference dist/api from the docstrings: `npm run docs`, then open dist/api/index.html. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { entries, readDenoJson } from "./manifest.ts";
import { run } from "./process.ts";
import { executable, ROOT } from "./runtimes.ts";

const OUTPUT = join(ROOT, "dist/api");

/** Makes the pages and returns the complaints of deno doc. */
export async function makeDocs(): Promise<string> {
  rmSync(OUTPUT, { recursive: true, force: true });
  mkdirSync(OUTPUT, { recursive: true });
  const { name } = readDenoJson();
  const options = ["--html", `--name=${name}`, `--output=${OUTPUT}`];
  const { code, output } = await run(executable("deno"), ["doc", ...options, ...Object.values(entries())]);
  if (code !== 0) return output;
  for (const file of readdirSync(OUTPUT, { recursive: true, encoding: "utf8" })) {
    if (file.endsWith(".html")) mend(join(OUTPUT, file), name);
  }
  mendSearch(join(OUTPUT, "search.js"), name);
  return withoutNodeTypes(output).replace(/^Written \d+ files to .*\n/m, "");
}

/** Removes deno's complaints about @types/node, which tsconfig.json names and only the compiler resolves. */
export function withoutNodeTypes(output: string): string {
  return output.replace(/^Warning Failed resolving types\..*\n.*\n/gm, "");
}

/** Shows the entry points by their import names and lists them on the first page, which deno doc does not do. */
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

/** Shows the entry point of each search result, since several entry points have a `connect`. */
function mendSearch(file: string, name: string): void {
  const result = ">${result.name}</span>";
  const from = `<small>\${result.file === "." ? "" : "${name}/" + result.file}</small>`;
  const script = readFileSync(file, "utf8");
  if (!script.includes(result)) throw new Error("deno doc does not show its search results as expected");
  writeFileSync(file, script.replace(result, () => `${result}${from}`));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const complaints = await makeDocs();
  console.log(complaints || `open ${join(OUTPUT, "index.html")}`);
  process.exitCode = complaints ? 1 : 0;
}
