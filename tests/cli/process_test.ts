import { type ChildProcess, spawn } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { connect } from "../../mod.ts";
import { dial } from "../../src/transport/node.ts";
import { assert, type Runtime, runtime, test } from "../_kit/mod.ts";
import { DENO_RUN } from "../_kit/deno_run.ts";
import { until } from "../_kit/until.ts";
import { toHex } from "../../src/bytes.ts";
import { sha256 } from "../../src/crypto/hash.ts";
import { randomBytes } from "../../src/crypto/random.ts";
import { inFolder } from "./_kit.ts";
import { PIN, prepare } from "./_serving.ts";

const MAIN = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

/** The command that runs the tool on each runtime. */
const FLAGS: Readonly<Partial<Record<Runtime, readonly string[]>>> = {
  node: ["--import", "tsx"],
  deno: DENO_RUN,
  bun: ["run"],
};

/** The tool in a separate process, on the runtime of this test. */
class Tool implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #exit: Promise<number | null>;
  stdout = "";
  stderr = "";

  constructor(words: readonly string[]) {
    const cwd = fileURLToPath(new URL("../..", import.meta.url));
    this.#child = spawn(process.execPath, [...FLAGS[runtime]!, MAIN, ...words], { cwd });
    this.#child.stdout!.on("data", (chunk) => this.stdout += chunk);
    this.#child.stderr!.on("data", (chunk) => this.stderr += chunk);
    this.#exit = new Promise((resolve) => this.#child.on("close", (code) => resolve(code)));
  }

  /** Waits for the first line of its output, and returns the address in it. */
  async address(): Promise<string> {
    let ended = false;
    this.#exit.then(() => ended = true);
    await until(() => this.stdout.includes("\n") || ended, { about: () => this.stderr });
    const match = /^listening on (\S+)\n/.exec(this.stdout);
    assert.ok(match, this.stderr);
    return match[1];
  }

  /** Writes its whole standard input, and ends it. */
  input(text: string): void {
    this.#child.stdin!.end(text);
  }

  /** Sends a signal. It does not use the child's `kill`, after which Deno always reports that the signal ended the child. */
  interrupt(): void {
    process.kill(this.#child.pid!, "SIGINT");
  }

  exitCode(): Promise<number | null> {
    return this.#exit;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#exit;
  }
}

test("the tool in processes of its own: a file over TCP, and over WebSocket", async () => {
  await inFolder(async (path) => {
    await prepare(path);
    const bytes = randomBytes(5_000_000);
    await writeFile(path("file"), bytes);
    await Promise.all([[], ["--websocket"]].map(async (websocket, index) => {
      const own = ["--certificate", path("chain.pem"), "--key", path("key.pem")];
      const inbox = path(`inbox${index}`);
      const receive = ["--receive-dir", inbox, ...websocket];
      await using server = new Tool([
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--setting",
        "certificate",
        ...own,
        ...receive,
      ]);
      const address = await server.address();
      const target = index === 0 ? address : `ws://${address}/`;
      const trust = ["--setting", "certificate", "--roots", path("root.pem")];
      await using client = new Tool(["connect", target, ...trust, "--send", path("file"), "--json"]);
      assert.equal(await client.exitCode(), 0, client.stderr + server.stderr);
      const sent = JSON.parse(client.stdout);
      assert.deepEqual([sent.size, sent.sha256], [bytes.length, toHex(sha256(bytes))]);
      assert.deepEqual(new Uint8Array(await readFile(`${inbox}/file`)), bytes);
      server.interrupt();
      assert.equal(await server.exitCode(), 0, server.stderr);
    }));
  });
});

test("serve --workers: processes share the port, one that is killed is replaced, and all end together", {
  needs: ["processes"],
  on: ["node"],
}, async () => {
  const off = ["--setting", "off"];
  await using server = new Tool([
    "serve",
    "--listen",
    "127.0.0.1:0",
    ...off,
    "--workers",
    "2",
    "--log",
    "json",
  ]);
  const address = await server.address();
  /** Waits until this many workers have served a client, and returns them. */
  const workers = async (count: number): Promise<number[]> => {
    for (;;) {
      await using channel = await connect(await dial(address), { security: { setting: "off" } });
      await channel.send("hello");
      assert.equal((await channel.receive())?.length, 5);
      const served = [...server.stderr.matchAll(/"worker":(\d+),"event":"established"/g)].map(([, id]) =>
        Number(id)
      );
      const all = [...new Set(served)];
      if (all.length >= count) return all;
    }
  };
  const [first] = await workers(2);
  process.kill(first, "SIGKILL");
  const replaced = `worker ${first} exited (SIGKILL) and is replaced`;
  await until(() => server.stderr, { holds: (log) => log.includes(replaced) });
  await workers(3);
  server.interrupt();
  assert.equal(await server.exitCode(), 0, server.stderr);
  assert.equal(server.stdout, `listening on ${address}\n`);
});

test("the tool in processes of its own: standard input and output, and an interruption with a channel open", async () => {
  await inFolder(async (path) => {
    await prepare(path);
    await using server = new Tool([
      "serve",
      "--listen",
      "127.0.0.1:0",
      "--setting",
      "key",
      "--key",
      path("key.pem"),
    ]);
    const words = ["connect", await server.address(), "--setting", "key", "--pin", PIN];
    await using client = new Tool(words);
    client.input("there and back\n");
    assert.equal(await client.exitCode(), 0, client.stderr);
    assert.equal(client.stdout, "there and back\n");
    await using waiting = new Tool(words);
    await until(() => waiting.stderr, { holds: (log) => log.includes("\n") });
    server.interrupt();
    assert.deepEqual(
      [await server.exitCode(), await waiting.exitCode()],
      [0, 1],
      server.stderr + waiting.stderr,
    );
    assert.match(waiting.stderr, /\nfesa connect: the peer closed before it had all bytes: [^\n]+\n$/);
    await using refused = new Tool(words);
    assert.equal(await refused.exitCode(), 1);
    assert.match(refused.stderr, /^fesa connect: cannot connect to [^\n]+\n$/);
  });
});
