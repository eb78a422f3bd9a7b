/**
 * The guides' commands, run as they stand in a folder of their own:
 *
 * - "```sh" is run and has to succeed, "```sh fails" has to fail;
 * - "```sh server" is started, and ends at the next one or with the guide; $SERVER is its process id;
 * - "```text" behind one of them is what it prints, where … stands for anything;
 * - "```js ignore NAME" is a file of that name;
 * - "```sh ignore" is not run.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { chmod, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import process from "node:process";
import { assert, type Need, test } from "../_kit/mod.ts";
import { freePort } from "../_kit/peer.ts";
import { entries, readPackageJson } from "../../tools/manifest.ts";
import { executable, ROOT } from "../../tools/runtimes.ts";
import { inFolder } from "./_kit.ts";

const ESBUILD = `${ROOT}node_modules/.bin/esbuild`;

/** A fenced block of a guide. */
interface Block {
  readonly kind: "run" | "fails" | "server" | "file";
  /** The commands, or what is in the file. */
  readonly text: string;
  /** The file's name. */
  readonly name?: string | undefined;
  /** What it prints, where the guide says so. */
  readonly output?: string | undefined;
}

function blocksOf(guide: string): Block[] {
  const fences =
    /^```(?:sh(?: (server|fails))?|js ignore (\S+))\n([^]*?)^```\n(?:\n```text\n([^]*?)^```$)?/gm;
  return Array.from(guide.matchAll(fences), ([, how, name, text, output]) => ({
    kind: name === undefined ? (how ?? "run") as Block["kind"] : "file",
    text,
    name,
    output,
  }));
}

/** Runs one guide's blocks, one after the other. */
class Reader implements AsyncDisposable {
  readonly #folder: string;
  #server: Program | undefined;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async follow({ kind, text, name, output }: Block): Promise<void> {
    if (kind === "file") return await writeFile(`${this.#folder}/${name}`, text);
    if (kind === "server") return await this.#serve(text, output);
    const program = this.start(text, 20_000);
    assert.equal(await program.exit === 0, kind === "run", `${text}\n${program.output}`);
    if (output !== undefined) assert.match(program.output, pattern(output), text);
  }

  /** The last line becomes the server, so that signals reach it and not the shell. */
  async #serve(text: string, output: string | undefined): Promise<void> {
    await this[Symbol.asyncDispose]();
    this.#server = this.start(text.trimEnd().replace(/.*$/, "exec $&"));
    await this.#server.listening();
    if (output !== undefined) assert.match(this.#server.output, pattern(output), text);
  }

  /** Starts commands in the folder, and ends them after some milliseconds. */
  start(commands: string, patience = 120_000): Program {
    const { PATH } = process.env;
    return new Program(commands, patience, {
      cwd: this.#folder,
      env: { ...process.env, PATH: `${this.#folder}/bin:${PATH}`, SERVER: `${this.#server?.pid}` },
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server?.[Symbol.asyncDispose]();
  }
}

/** A shell at work. */
class Program implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly exit: Promise<number | null>;
  output = "";

  constructor(
    commands: string,
    patience: number,
    options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
  ) {
    this.#child = spawn("bash", ["-e", "-o", "pipefail", "-c", commands], options);
    this.#child.stdin!.end();
    setTimeout(() => this.#child.kill(), patience).unref();
    for (const stream of [this.#child.stdout!, this.#child.stderr!]) {
      stream.on("data", (chunk) => this.output += chunk);
    }
    this.exit = new Promise((resolve) => this.#child.on("close", resolve));
  }

  get pid(): number {
    return this.#child.pid!;
  }

  async listening(): Promise<void> {
    let ended = false;
    this.exit.then(() => ended = true);
    while (!/^listening on /im.test(this.output) && !ended) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    assert.ok(!ended, this.output);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill();
    await this.exit;
  }
}

/** A line of … stands for any lines, a … within one for anything in it. */
function pattern(output: string): RegExp {
  const lines = output.trimEnd().split("\n").map((line) =>
    line === "…" ? "(?:.*\\n)*?" : `${line.split("…").map(escape).join(".*")}\\n`
  );
  return new RegExp(`^${lines.join("")}$`);
}

function escape(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}

const GUIDES: Readonly<Record<string, readonly Need[]>> = {
  "getting-started": [],
  certificates: ["openssl"],
  upgrading: [],
  deployment: [],
  debugging: ["openssl", "gnutls-cli"],
  tool: [],
};

for (const [name, needs] of Object.entries(GUIDES)) {
  test(
    `docs/${name}.md: its commands do what it says`,
    { needs: ["processes", ...needs], on: ["node"] },
    async () => {
      await inFolder(async (path) => {
        const guide = await readFile(`${ROOT}docs/${name}.md`, "utf8");
        const port = await freePort();
        await install(path);
        await using reader = new Reader(path("."));
        for (const block of blocksOf(guide.replaceAll("4433", String(port)))) await reader.follow(block);
      });
    },
  );
}

test("docs/getting-started.md: its workers, in workerd", { needs: ["processes"], on: ["node"] }, async () => {
  await inFolder(async (path) => {
    const [port, asClient, asServer] = [await freePort(), await freePort(), await freePort()];
    const guide = await readFile(`${ROOT}docs/getting-started.md`, "utf8");
    const files = blocksOf(guide.replaceAll("4433", String(port))).filter(({ kind }) => kind === "file");
    const config = workerdConfig({ "worker.js": asClient, "worker-server.js": asServer });
    const bundle = "--bundle --format=esm --external:cloudflare:* --outdir=out --log-level=warning";
    const native = "--setting native --secret-file secret";
    const blocks: Block[] = [
      ...files,
      { kind: "file", name: "config.capnp", text: config },
      { kind: "file", name: "secret", text: SECRET },
      { kind: "run", text: `esbuild worker.js worker-server.js ${bundle}` },
      { kind: "server", text: `fesa serve --listen 127.0.0.1:${port} ${native}` },
    ];
    await install(path);
    await using reader = new Reader(path("."));
    for (const block of blocks) await reader.follow(block);
    await using workers = reader.start("exec workerd serve config.capnp");
    assert.equal(await answerOf(`http://127.0.0.1:${asClient}/`), "hello from a worker", workers.output);
    await reader.follow({
      kind: "run",
      text: `echo to the edge | fesa connect ws://127.0.0.1:${asServer}/ ${native} 2> /dev/null`,
      output: "to the edge\n",
    });
  });
});

const SECRET = "5a".repeat(32);

/** Workers, bundled in the folder `out`, on ports of this machine. */
function workerdConfig(workers: Readonly<Record<string, number>>): string {
  const all = Object.entries(workers);
  const services = all.map(([file]) =>
    `(name = "${file}", worker = (
      modules = [(name = "worker", esModule = embed "out/${file}")],
      compatibilityDate = "2026-01-01",
      bindings = [(name = "HOST", text = "127.0.0.1"), (name = "SECRET", text = "${SECRET}")],
    ))`
  );
  const sockets = all.map(([file, port]) =>
    `(name = "${file}", address = "127.0.0.1:${port}", http = (), service = "${file}")`
  );
  return `using Workerd = import "/workerd/workerd.capnp";
    const config :Workerd.Config = (
      services = [${services}, (name = "internet", network = (allow = ["local"]))],
      sockets = [${sockets}],
    );`;
}

/** What a server answers that may not listen yet. */
async function answerOf(url: string): Promise<string> {
  for (let tries = 0;; tries++) {
    try {
      return await (await fetch(url)).text();
    } catch (error) {
      if (tries === 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** The package as if it were installed, in few files so that it starts fast, and the programs that the guides call. */
async function install(path: (name: string) => string): Promise<void> {
  const home = path("node_modules/@fesa/channel");
  const { status, stderr } = spawnSync(ESBUILD, [
    ...[...Object.values(entries()), "--bundle", "--splitting", "--format=esm", "--platform=node"],
    ...[`--outdir=${home}`, "--outbase=."],
  ], { cwd: ROOT, encoding: "utf8" });
  assert.equal(status, 0, stderr);
  const exports = Object.fromEntries(
    Object.entries(entries()).map(([name, source]) => [name, source.replace(/\.ts$/, ".js")]),
  );
  await writeFile(`${home}/package.json`, JSON.stringify({ ...readPackageJson(), exports }));
  await writeFile(path("package.json"), '{ "type": "module", "dependencies": { "@fesa/channel": "*" } }');
  await mkdir(path("bin"));
  for (const name of ["deno", "bun", "workerd"] as const) {
    await symlink(executable(name), path(`bin/${name}`));
  }
  await symlink(ESBUILD, path("bin/esbuild"));
  await writeFile(path("bin/fesa"), `#!/bin/sh\nexec node "${home}/src/cli/main.js" "$@"\n`);
  await chmod(path("bin/fesa"), 0o755);
}
