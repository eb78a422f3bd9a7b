/** Channels in memory in pages of Chromium and Firefox: WebCrypto compared with TypeScript alone. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { build } from "esbuild";
import { openBrowser } from "../tools/browsers.ts";
import { RUNTIMES } from "../tools/runtimes.ts";
import { median, type Rounds, saveFigures, spread, table } from "./_kit.ts";

export const name = "In browsers, both ends in one page";

const PAGE =
  `<!doctype html><meta charset="utf-8"><title>Bench</title><script type="module" src="/page.js"></script>`;

export async function run(): Promise<void> {
  const script = await bundle();
  for (const runtime of RUNTIMES) {
    if (runtime.family !== "chromium" && runtime.family !== "firefox") continue;
    if (runtime.program === undefined) {
      console.log(`  ${runtime.name} is not installed`);
      continue;
    }
    let take!: (figures: string) => void;
    const figures = new Promise<string>((resolve) => take = resolve);
    const server = createServer(async (request, response) => {
      if (request.url === "/figures") take(await new Response(request as unknown as BodyInit).text());
      const isScript = request.url === "/page.js";
      response.writeHead(200, { "Content-Type": isScript ? "text/javascript" : "text/html" });
      response.end(isScript ? script : PAGE);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    {
      await using browser = await openBrowser(
        runtime,
        `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
      );
      const ended = browser.exited.then(() => Promise.reject(new Error(browser.output)));
      show(runtime.name, JSON.parse(await Promise.race([figures, ended])));
    }
    server.closeAllConnections();
    server.close();
  }
}

async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: ["bench/_page.ts"],
    bundle: true,
    format: "esm",
    target: "es2022",
    write: false,
  });
  return outputFiles[0].text;
}

function show(browser: string, figures: Readonly<Record<string, Rounds>>): void {
  saveFigures("memory", figures, browser);
  for (const [what, rounds] of Object.entries(figures)) {
    console.log(`\n  ${browser}: ${what}`);
    table(
      Object.entries(rounds).map(([name, speeds]) => ({
        case: name,
        median: median(speeds),
        spread: spread(speeds),
      })),
    );
  }
}
