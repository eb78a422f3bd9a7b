/** The page's files, in memory: its TypeScript is bundled when the server starts. */
import { readFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** The content of one path. */
export interface PageFile {
  readonly type: string;
  readonly body: string | Uint8Array;
}

const FOLDER = fileURLToPath(new URL("page/", import.meta.url));

/** Allows nothing from other origins, nothing inline, and no `eval`. */
const HEADERS = {
  "Content-Security-Policy":
    "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Cache-Control": "no-store",
};

/** The page's files by their paths. */
export async function pageFiles(): Promise<Map<string, PageFile>> {
  const file = async (name: string, type: string): Promise<PageFile> => ({
    type,
    body: await readFile(`${FOLDER}${name}`),
  });
  return new Map([
    ["/", { type: "text/html; charset=utf-8", body: await html() }],
    ["/style.css", await file("style.css", "text/css")],
    ["/icon.svg", await file("icon.svg", "image/svg+xml")],
    ["/main.js", { type: "text/javascript", body: await bundle() }],
  ]);
}

/** Answers a request for one of them. */
export function answer(
  files: ReadonlyMap<string, PageFile>,
  { method, url = "/" }: IncomingMessage,
  response: ServerResponse,
): void {
  const file = files.get(url.replace(/\?.*$/s, ""));
  if (file === undefined || (method !== "GET" && method !== "HEAD")) {
    response.writeHead(404, HEADERS).end();
  } else {
    response.writeHead(200, { ...HEADERS, "Content-Type": file.type }).end(file.body);
  }
}

/** The page with links to the project. */
async function html(): Promise<string> {
  const manifest = JSON.parse(await readFile(new URL("../../package.json", import.meta.url), "utf8"));
  const links = projectLinks(manifest).map(([name, url]) => `<li><a href="${url}">${name}</a></li>`);
  return (await readFile(`${FOLDER}index.html`, "utf8")).replace("<!-- links -->", links.join(""));
}

/** Where the package is published, and its repository once the publisher has filled that in. */
function projectLinks(
  { name, version, homepage }: Readonly<Record<"name" | "version" | "homepage", string>>,
): [name: string, url: string][] {
  const filledIn = !homepage.includes("OWNER/NAME");
  return [
    ...(filledIn ? [["Source and documents", homepage] as [string, string]] : []),
    [`npm, version ${version}`, `https://www.npmjs.com/package/${name}`],
    ["JSR", `https://jsr.io/${name}`],
  ];
}

async function bundle(): Promise<Uint8Array> {
  const { outputFiles } = await build({
    entryPoints: [`${FOLDER}main.ts`],
    bundle: true,
    write: false,
    format: "esm",
    target: "es2022",
    minify: true,
    logLevel: "warning",
  });
  return outputFiles[0].contents;
}
