/** The server on the loopback address that serves test files to browsers and workerd, and receives their reports. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { Report } from "../../tests/_kit/run_bundled.ts";
import { vectorRoot } from "../../tests/_kit/runner.ts";

/** Handles a report of a bundle in a runtime, and returns the answer. */
export type OnReport = (runtime: string, bundle: string, report: Report) => string | Promise<string>;

/**
 * The headers of every page, script and worker. All tests run with a strict content security policy: no code from other
 * origins or from strings.
 */
const HEADERS = {
  "Content-Security-Policy":
    "default-src 'none'; script-src 'self'; worker-src 'self'; connect-src 'self' ws:",
  "Cache-Control": "no-store",
};

const PAGE = `<!doctype html><meta charset="utf-8"><title>Tests</title><link rel="icon" href="data:,">
<script type="module" src="/page.js"></script>`;

/** A server of the bundles in a folder and of the public vectors. */
export class TestServer implements AsyncDisposable {
  readonly #folder: string;
  readonly #server: Server;
  readonly #onReport: OnReport;
  #vectors: { index: string; bytes: Uint8Array } | undefined;

  private constructor(folder: string, onReport: OnReport) {
    this.#folder = folder;
    this.#onReport = onReport;
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch((error) => response.writeHead(500).end(String(error)));
    });
  }

  static async start(folder: string, onReport: OnReport): Promise<TestServer> {
    const server = new TestServer(folder, onReport);
    await new Promise<void>((resolve) => server.#server.listen(0, "127.0.0.1", resolve));
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url!, "http://host");
    if (pathname === "/report") {
      const report = JSON.parse(await new Response(request as unknown as BodyInit).text());
      const answer = await this.#onReport(searchParams.get("runtime")!, searchParams.get("bundle")!, report);
      response.writeHead(200, HEADERS).end(answer);
    } else if (pathname === "/") {
      response.writeHead(200, { ...HEADERS, "Content-Type": "text/html" }).end(PAGE);
    } else if (pathname === "/vectors.json" || pathname === "/vectors.bin") {
      this.#vectors ??= packVectors();
      const { index, bytes } = this.#vectors;
      response.writeHead(200, HEADERS).end(pathname === "/vectors.json" ? index : bytes);
    } else if (/^[\w/.-]+\.js$/.test(pathname) && !pathname.includes("..")) {
      const file = join(this.#folder, pathname);
      if (!existsSync(file)) return void response.writeHead(404).end();
      response.writeHead(200, { ...HEADERS, "Content-Type": "text/javascript" }).end(readFileSync(file));
    } else {
      response.writeHead(404).end();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** Decompresses and joins all vector files, so that tests can read them synchronously. */
function packVectors(): { index: string; bytes: Uint8Array } {
  const index: Record<string, [number, number]> = {};
  const parts: Uint8Array[] = [];
  let end = 0;
  const entries = readdirSync(vectorRoot, { recursive: true, withFileTypes: true });
  for (const entry of entries.filter((entry) => entry.isFile())) {
    const file = join(entry.parentPath, entry.name);
    const bytes = file.endsWith(".gz") ? gunzipSync(readFileSync(file)) : readFileSync(file);
    parts.push(bytes);
    index[file.slice(join(vectorRoot, "/").length)] = [end, end += bytes.length];
  }
  return { index: JSON.stringify(index), bytes: Buffer.concat(parts) };
}
