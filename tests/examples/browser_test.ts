import { connect as connectTcp, createServer, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import { pipeline } from "node:stream/promises";
import { assert, type Need, test } from "../_kit/mod.ts";
import { freePort } from "../_kit/peer.ts";
import { type BrowserName, type BrowserPage, openPage, shown } from "../web/_browser_page.ts";
import { clone } from "./_kit.ts";

const BROWSERS: readonly (readonly [BrowserName, Need])[] = [
  ["chromium", "chromium"],
  ["firefox", "firefox-esr"],
  ["webkit", "WebKitWebDriver"],
];

for (const [name, need] of BROWSERS) {
  test(
    `examples: the pages in ${name}`,
    { on: ["node"], needs: ["processes", need] },
    async () => {
      await using page = await openPage(name);
      await talkWithDeno(page);
      await tlsThroughRelay(page);
    },
  );
}

async function talkWithDeno(page: BrowserPage): Promise<void> {
  const { run } = await clone();
  await using server = run("examples/browser/server.ts", 0);
  await page.open(`http://127.0.0.1:${await server.port()}/`);
  await shown(page, "output", /encrypted/);
  await page.type("input", "hello from a browser");
  await page.click("button");
  await shown(page, "output", /hello from a browser/);
}

async function tlsThroughRelay(page: BrowserPage): Promise<void> {
  const { run } = await clone();
  await using server = run("examples/tls_in_browser/server.ts", 0);
  await using tap = await Tap.before(Number(await server.port()));
  await using pages = run("examples/tls_in_browser/pages.ts", await freePort());
  const origin = `http://127.0.0.1:${await pages.port()}`;
  await using relay = run("examples/tls_in_browser/relay.ts", 0, tap.port, origin);
  await page.open(`${origin}/#${await relay.port()}`);
  await shown(page, "output", /TLS_AES_256_GCM_SHA384[^]*200 OK[^]*You asked for \/secret/);

  assert.equal(tap.seen.length, 2, "one connection, two directions");
  for (const bytes of tap.seen.map((chunks) => Buffer.concat(chunks))) {
    assert.ok(recordTypes(bytes).includes(APPLICATION_DATA));
    assert.ok(!bytes.includes("secret") && !bytes.includes("HTTP"));
  }
}

const APPLICATION_DATA = 23;

/** Returns the types of the TLS records in these bytes, which must contain nothing else (RFC 5246 section 6.2.1). */
function recordTypes(bytes: Buffer): number[] {
  const types: number[] = [];
  for (let at = 0; at < bytes.length; at += 5 + bytes.readUInt16BE(at + 3)) {
    const [type, version] = [bytes[at], bytes.readUInt16BE(at + 1)];
    assert.ok(
      type >= 20 && type <= 23 && (version === 0x0301 || version === 0x0303),
      `at ${at} is no record`,
    );
    types.push(type);
  }
  return types;
}

/** A relay that records the bytes it carries to a port and back. */
class Tap implements AsyncDisposable {
  readonly port: number;
  /** The chunks of each direction of each connection. */
  readonly seen: Uint8Array[][];
  readonly #close: () => Promise<void>;

  private constructor(port: number, seen: Uint8Array[][], close: () => Promise<void>) {
    this.port = port;
    this.seen = seen;
    this.#close = close;
  }

  static async before(target: number): Promise<Tap> {
    const seen: Uint8Array[][] = [];
    const carry = (from: Socket, to: Socket) => {
      const chunks: Uint8Array[] = [];
      seen.push(chunks);
      from.on("data", (chunk: Uint8Array) => chunks.push(chunk));
      pipeline(from, to).catch(() => {}); // either side may reset its connection
    };
    const server = createServer((near) => {
      const far = connectTcp(target, "127.0.0.1");
      carry(near, far);
      carry(far, near);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const close = () => new Promise<void>((resolve) => server.close(() => resolve()));
    return new Tap((server.address() as AddressInfo).port, seen, close);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#close();
  }
}
