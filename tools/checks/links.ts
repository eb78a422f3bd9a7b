/**
 * Checks the links of the documents: each relative link must name a file, and a heading in the file if it has a fragment.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { ROOT } from "../runtimes.ts";

/** The folders of the documents. */
const FOLDERS = ["", "docs/", "examples/"];

/** Returns one line for each broken link. */
export function findBrokenLinks(): string {
  const files = FOLDERS.flatMap((folder) =>
    readdirSync(`${ROOT}${folder}`).filter((name) => name.endsWith(".md")).map((name) => `${folder}${name}`)
  );
  return files.flatMap((file) =>
    linksOf(`${ROOT}${file}`).filter((link) => !resolves(`${ROOT}${file}`, link)).map((link) =>
      `${file}: ${link}`
    )
  ).join("\n");
}

function linksOf(file: string): string[] {
  return [...textOf(file).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link)
    .filter((link) => !/^[a-z]+:/.test(link));
}

function resolves(file: string, link: string): boolean {
  const [path, fragment] = link.split("#");
  const target = path === "" ? file : resolve(dirname(file), path);
  return existsSync(target) && (fragment === undefined || headingsOf(target).includes(fragment));
}

/** The fragments by which GitHub links to a document's headings. */
function headingsOf(file: string): string[] {
  return [...textOf(file).matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading.toLowerCase().replace(/[^\w\s-]/g, "").replaceAll(" ", "-")
  );
}

/** A document without its blocks of code. */
function textOf(file: string): string {
  return readFileSync(file, "utf8").replace(/^ *```.*?^ *```/gms, "");
}
