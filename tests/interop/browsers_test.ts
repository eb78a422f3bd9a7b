/** Pages over https from `acceptTls` and from `fesa serve`, in browsers with their default settings. */
import { Buffer } from "node:buffer";
import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { ChannelError } from "../../src/errors.ts";
import { toUtf8 } from "../../src/bytes.ts";
import { acceptTls, type AcceptTlsOptions, type TlsConnection, type TlsInfo } from "../../src/tls/mod.ts";
import { listen, type TcpListener } from "../../src/transport/node.ts";
import { parseCertificates } from "../../src/x509/mod.ts";
import { sendBytes } from "../_kit/exchange.ts";
import { assert, test } from "../_kit/mod.ts";
import { until } from "../_kit/until.ts";
import { fesa, inFolder } from "../cli/_kit.ts";
import { listening } from "../cli/_serving.ts";
import { PuppeteerPage } from "../web/_browser_page.ts";
import { Workshop } from "./_workshop.ts";

const BROWSERS = [["chromium", "chromium"], ["firefox", "firefox-esr"]] as const;

/** The script of the page: it sends 1 MiB, and reports whether the same bytes come back. */
const PAGE = `<!doctype html><title>over TLS</title><script type="module">
const data = crypto.getRandomValues(new Uint8Array(65536));
const body = new Blob(Array.from({ length: 16 }, () => data));
const response = await fetch("/echo", { method: "POST", body });
const [sent, received] = await Promise.all([body.bytes(), response.bytes()]);
document.title = sent.length === received.length && sent.every((byte, i) => byte === received[i])
  ? "1 MiB there and back" : "other bytes";
</script>`;

for (const [name, need] of BROWSERS) {
  test(`${name}: a page over https, by TLS 1.3 and X25519MLKEM768, with keys that browsers take`, {
    needs: ["openssl", need],
    on: ["node"],
  }, async () => {
    const workshop = new Workshop();
    for (const type of ["rsa", "p256"] as const) {
      await using server = await HttpsServer.start({
        credentials: [workshop.credentials(type, "certificate")],
      });
      await using browser = await PuppeteerPage.launch(name, { acceptInsecureCerts: true });
      await browser.open(`https://localhost:${server.port}/`);
      const title = await until(() => browser.evaluate<string>("document.title"), {
        holds: (title) => title !== "over TLS",
        about: () => browser.complaints.join("\n"),
      });
      assert.equal(title, "1 MiB there and back");
      for (const { protocol, group } of server.sessions) {
        assert.deepEqual([protocol, group], ["TLS 1.3", "X25519MLKEM768"]);
      }
      assert.ok(server.sessions.length > 0);
    }
  });

  test(`${name}: refuses a page whose authority it does not know`, {
    needs: ["openssl", need],
    on: ["node"],
  }, async () => {
    const credentials = [new Workshop().credentials("p256", "certificate")];
    await using server = await HttpsServer.start({ credentials });
    await using browser = await PuppeteerPage.launch(name);
    await assert.rejects(() => browser.open(`https://localhost:${server.port}/`));
    await until(() => server.refusals.map(({ code }) => code), { holds: (codes) => codes.includes("alert") });
    assert.ok(server.requests.length === 0);
  });
}

test("chromium: three commands lead from nothing to a website whose certificate it accepts, given the root", {
  needs: ["python3", "chromium"],
  on: ["node"],
}, async () => {
  const site = createServer((_, response) => {
    response.setHeader("content-type", "text/html");
    response.end("<!doctype html><title>an ordinary program</title>");
  });
  await new Promise<void>((resolve) => site.listen(0, "127.0.0.1", resolve));
  const forward = `127.0.0.1:${(site.address() as AddressInfo).port}`;
  try {
    await inFolder(async (path) => {
      const [certificate, key] = [["--certificate", path("certificate.pem")], ["--key", path("key.pem")]];
      const ca = ["--ca", path("ca/ca.pem"), "--ca-key", path("ca/ca-key.pem")];
      const names = ["--san", "localhost", "--out", path("certificate.pem")];
      const serve = ["serve", "--listen", "127.0.0.1:0", "--setting", "certificate", ...certificate, ...key];
      assert.equal((await fesa(["ca", "--type", "p256", "--out-dir", path("ca")])).code, 0);
      assert.equal((await fesa(["sign", "--type", "p256", ...ca, ...key, ...names])).code, 0);
      await listening([...serve, "--forward", forward, "--alpn", "http/1.1"], async (address) => {
        const url = `https://localhost:${address.split(":")[1]}/`;
        await using home = await Home.trusting(path("ca/root.pem"));
        await using browser = await PuppeteerPage.launch("chromium", { env: home.env });
        await browser.open(url);
        assert.equal(await browser.evaluate("document.title"), "an ordinary program");
        assert.equal(await browser.evaluate("isSecureContext"), true);
      });
    });
  } finally {
    site.closeAllConnections();
    site.close();
  }
});

/** Makes a home directory of a user who trusts a root. */
class Home implements AsyncDisposable {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async trusting(rootFile: string): Promise<Home> {
    const [root] = parseCertificates(await readFile(rootFile));
    const home = new Home(await mkdtemp(join(tmpdir(), "fesa-home-")));
    const database = join(home.#folder, ".pki/nssdb");
    await mkdir(database, { recursive: true });
    const program = fileURLToPath(new URL("nss_trust.py", import.meta.url));
    execFileSync("python3", [program, database], { input: root.der });
    return home;
  }

  get env(): Readonly<Record<string, string | undefined>> {
    return { ...process.env, HOME: this.#folder };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 5 }); // what a browser started may still write
  }
}

/** Answers one request for each connection, with a page or with the posted data. */
class HttpsServer implements AsyncDisposable {
  readonly #listener: TcpListener;
  readonly #done: Promise<void>;
  readonly sessions: TlsInfo[] = [];
  readonly refusals: ChannelError[] = [];
  readonly requests: string[] = [];

  private constructor(listener: TcpListener, options: AcceptTlsOptions) {
    this.#listener = listener;
    this.#done = this.#serve(options);
  }

  static async start(options: AcceptTlsOptions): Promise<HttpsServer> {
    return new HttpsServer(await listen({ port: 0 }), options);
  }

  get port(): number {
    return this.#listener.port;
  }

  async #serve(options: AcceptTlsOptions): Promise<void> {
    for await (const transport of this.#listener) {
      acceptTls(transport, options).then((connection) => this.#answer(connection)).catch((error) => {
        if (error instanceof ChannelError) this.refusals.push(error);
      });
    }
  }

  async #answer(connection: TlsConnection): Promise<void> {
    const request = await readRequest(connection);
    if (request === undefined) return await connection.close(); // a connection that the browser made for later
    this.sessions.push(connection.info);
    this.requests.push(request.line);
    const page = request.line.startsWith("GET / ");
    const [type, body] = page ? ["text/html", toUtf8(PAGE)] : ["application/octet-stream", request.body];
    const head = `HTTP/1.1 200 OK\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}`;
    await sendBytes(connection, toUtf8(`${head}\r\nConnection: close\r\n\r\n`));
    await sendBytes(connection, body);
    await connection.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#listener.close();
    await this.#done;
  }
}

async function readRequest(
  { readable }: TlsConnection,
): Promise<{ line: string; body: Uint8Array } | undefined> {
  let bytes = Buffer.alloc(0);
  for await (const chunk of readable.values({ preventCancel: true })) {
    bytes = Buffer.concat([bytes, chunk]);
    const head = bytes.indexOf("\r\n\r\n");
    if (head < 0) continue;
    const text = bytes.toString("latin1", 0, head);
    const body = bytes.subarray(head + 4);
    const length = Number(/^content-length: (\d+)/im.exec(text)?.[1] ?? 0);
    if (body.length >= length) return { line: text.split("\r\n")[0], body };
  }
  return undefined;
}
