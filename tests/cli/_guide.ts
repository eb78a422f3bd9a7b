/** Runs the blocks of a guide in a folder that has the package and the programs that the guide calls. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { chmod, mkdir, symlink, writeFile } from "node:fs/promises";
import process from "node:process";
import { assert } from "../_kit/mod.ts";
import { PATIENCE, until } from "../_kit/until.ts";
import { entries, readPackageJson } from "../../tools/manifest.ts";
import { executable, ROOT } from "../../tools/runtimes.ts";

const ESBUILD = `${ROOT}node_modules/.bin/esbuild`;

/** A fenced block of a guide. */
export interface Block {
  readonly kind: "run" | "fails" | "server" | "file";
  /** The commands, or the contents of the file. */
  readonly text: string;
  /** The file's name. */
  readonly name?: string | undefined;
  /** The expected output, if the guide shows it. */
  readonly output?: string | undefined;
}

/** Returns the blocks of a guide that are commands or files, in order. */
export function blocksOf(guide: string): Block[] {
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
export class Reader implements AsyncDisposable {
  readonly #folder: string;
  #server: Program | undefined;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async follow({ kind, text, name, output }: Block): Promise<void> {
    if (kind === "file") return await writeFile(`${this.#folder}/${name}`, text);
    if (kind === "server") return await this.#serve(text, output);
    const program = this.start(text);
    assert.equal(await program.exit === 0, kind === "run", `${text}\n${program.output}`);
    if (output !== undefined) assert.match(program.output, pattern(output), text);
  }

  /** The last command replaces the shell, so that signals reach the server and not the shell. */
  async #serve(text: string, output: string | undefined): Promise<void> {
    await this[Symbol.asyncDispose]();
    this.#server = this.start(text.trimEnd().replace(/.*$/, "exec $&"));
    await this.#server.says(/^listening on /im);
    if (output !== undefined) assert.match(this.#server.output, pattern(output), text);
  }

  /** Starts commands in the folder. */
  start(commands: string): Program {
    const { PATH } = process.env;
    return new Program(commands, {
      cwd: this.#folder,
      env: { ...process.env, PATH: `${this.#folder}/bin:${PATH}`, SERVER: `${this.#server?.pid}` },
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server?.[Symbol.asyncDispose]();
  }
}

/** A running shell. */
export class Program implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly exit: Promise<number | null>;
  output = "";

  constructor(
    commands: string,
    options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
  ) {
    this.#child = spawn("bash", ["-e", "-o", "pipefail", "-c", commands], options);
    this.#child.stdin!.end();
    setTimeout(() => this.#child.kill(), 2 * PATIENCE).unref();
    for (const stream of [this.#child.stdout!, this.#child.stderr!]) {
      stream.on("data", (chunk) => this.output += chunk);
    }
    this.exit = new Promise((resolve) => this.#child.on("close", resolve));
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** Waits until the shell has printed this text. */
  async says(words: RegExp): Promise<void> {
    let ended = false;
    this.exit.then(() => ended = true);
    await until(() => this.output, {
      holds: (output) => words.test(output) || ended,
      about: () => `${words} is not in it`,
    });
    assert.ok(!ended, this.output);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill();
    await this.exit;
  }
}

/** Matches output with a pattern, in which a line … stands for any lines, and … within a line for any text. */
function pattern(output: string): RegExp {
  const lines = output.trimEnd().split("\n").map((line) =>
    line === "…" ? "(?:.*\\n)*?" : `${line.split("…").map(escape).join(".*")}\\n`
  );
  return new RegExp(`^${lines.join("")}$`);
}

function escape(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}

/**
 * Makes a folder with the package as if installed (in few files, so that it starts fast), and the programs that the guides
 * call.
 */
export async function install(path: (name: string) => string): Promise<void> {
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
