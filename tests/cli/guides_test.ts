/**
 * The guides' commands, run as they stand in a folder of their own:
 *
 * - "```sh" is run and has to succeed, "```sh fails" has to fail;
 * - "```sh server" is started, and ends at the next one or with the guide; $SERVER is its process id;
 * - "```text" behind one of them is what it prints, where … stands for anything;
 * - "```sh ignore" is not run.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { chmod, readFile, writeFile } from "node:fs/promises";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";
import { assert, type Need, test } from "../_kit/mod.ts";
import { freePort } from "../_kit/peer.ts";
import { inFolder } from "./_kit.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Milliseconds that one block may take. */
const PATIENCE = 20_000;

/** A fenced block of a guide. */
interface Block {
  readonly kind: "run" | "fails" | "server";
  readonly commands: string;
  /** What it prints, where the guide says so. */
  readonly output: string | undefined;
}

function blocksOf(guide: string): Block[] {
  const fences = /^```sh( server| fails)?\n([^]*?)^```\n(?:\n```text\n([^]*?)^```$)?/gm;
  return Array.from(guide.matchAll(fences), ([, kind = " run", commands, output]) => ({
    kind: kind.slice(1) as Block["kind"],
    commands,
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

  async follow({ kind, commands, output }: Block): Promise<void> {
    if (kind === "server") await this.#server?.end();
    const program = new Program(kind === "server" ? `exec ${commands}` : commands, {
      cwd: this.#folder,
      env: {
        ...process.env,
        PATH: `${this.#folder}/bin:${process.env.PATH}`,
        SERVER: `${this.#server?.pid}`,
      },
    });
    if (kind === "server") {
      this.#server = program;
      await program.listening();
    } else {
      assert.equal(await program.exit === 0, kind === "run", `${commands}\n${program.output}`);
    }
    if (output !== undefined) assert.match(program.output, pattern(output), commands);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server?.end();
  }
}

/** A shell at work. */
class Program {
  readonly #child: ChildProcess;
  readonly exit: Promise<number | null>;
  output = "";

  constructor(commands: string, options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv }) {
    this.#child = spawn("bash", ["-e", "-o", "pipefail", "-c", commands], options);
    this.#child.stdin!.end();
    setTimeout(() => this.#child.kill(), PATIENCE).unref();
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
    while (!/^listening on /m.test(this.output) && !ended) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    assert.ok(!ended, this.output);
  }

  async end(): Promise<void> {
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
  certificates: ["openssl"],
  upgrading: [],
  deployment: [],
  debugging: ["openssl", "gnutls-cli"],
};

for (const [name, needs] of Object.entries(GUIDES)) {
  test(`docs/${name}.md: its commands do what it says`, { needs, on: ["node"] }, async () => {
    await inFolder(async (path) => {
      const guide = await readFile(`${root}docs/${name}.md`, "utf8");
      const port = await freePort();
      await installTool(path);
      await using reader = new Reader(path("."));
      for (const block of blocksOf(guide.replaceAll("4433", String(port)))) await reader.follow(block);
    });
  });
}

/** The tool in one file, which starts fast, under its name in a folder of programs. */
async function installTool(path: (name: string) => string): Promise<void> {
  buildSync({
    entryPoints: [`${root}src/cli/main.ts`],
    outfile: path("bin/main.mjs"),
    bundle: true,
    platform: "node",
    format: "esm",
  });
  await writeFile(path("bin/fesa"), `#!/bin/sh\nexec "${process.execPath}" "${path("bin/main.mjs")}" "$@"\n`);
  await chmod(path("bin/fesa"), 0o755);
}
