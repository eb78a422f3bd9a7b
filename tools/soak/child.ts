/** The processes of a soak: each answers one question at a time. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { build } from "esbuild";

/** The programs, files of this folder. */
const PROGRAMS = ["server", "clients", "newcomers", "attackers"] as const;

const FOLDER = ".cache/soak";

/** Milliseconds for an answer: opening ten thousand channels takes a minute, or several on a busy machine. */
const PATIENCE = 30 * 60_000;

/** Bundles the programs: tsx gives each closure a name that takes more memory than the closure. */
export async function bundlePrograms(): Promise<void> {
  await build({
    entryPoints: PROGRAMS.map((name) => `tools/soak/${name}.ts`),
    outdir: FOLDER,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    format: "esm",
    platform: "node",
    target: "es2022",
    packages: "external",
    logLevel: "error",
  });
}

/** A process that runs one of the programs, and answers `Questions`. */
export class Child<Questions extends object> {
  readonly #process: ChildProcess;
  readonly #ended: Promise<never>;

  constructor(program: typeof PROGRAMS[number], ...words: readonly string[]) {
    this.#process = fork(`${FOLDER}/${program}.mjs`, words, { execArgv: ["--expose-gc"] });
    this.#ended = once(this.#process, "exit").then(([code]) => {
      throw new Error(`the process of ${program}.ts ended with code ${code}`);
    });
    this.#ended.catch(() => {}); // it is awaited with each question
  }

  /** Asks, and waits for the answer. */
  async ask<Name extends keyof Questions & string>(name: Name, word = ""): Promise<Questions[Name]> {
    const answer = once(this.#process, "message", { signal: AbortSignal.timeout(PATIENCE) });
    this.#process.send({ name, word });
    return (await Promise.race([answer, this.#ended]))[0];
  }

  /** Ends the process, and waits until it has: what it was doing would otherwise go on while the next thing is measured. */
  async end(): Promise<void> {
    if (this.#process.connected) this.#process.disconnect();
    await this.#ended.catch(() => {});
  }
}

/** What a process does for each question. */
export type Answers<Questions> = {
  readonly [Name in keyof Questions]: (word: string) => Promise<Questions[Name]>;
};

/** Answers the questions to this process, which ends when its parent has ended. */
export function answerAll<Questions extends object>(answers: Answers<Questions>): void {
  process.on("message", async ({ name, word }: { name: keyof Questions; word: string }) => {
    process.send!(await answers[name](word));
  });
  process.once("disconnect", () => process.exit());
}
