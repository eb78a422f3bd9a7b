#!/usr/bin/env node
/**
 * The `fesa` tool: keys, certificates, and both ends of a channel, on the command line of Node, Deno and Bun.
 *
 * ```sh
 * npx fesa help
 * deno run -A jsr:@fesa/channel/cli help
 * ```
 *
 * @module
 */

import { existsSync, realpathSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { Arguments, errorLine, Interrupted, type Io, UsageError } from "./command.ts";
import { COMMANDS } from "./commands/mod.ts";
import { codeOf } from "./files.ts";
import { commandHelp, generalHelp } from "./help.ts";
import { processIo } from "./io.ts";
import { VERSION } from "./version.ts";

export type { Io, Output } from "./command.ts";

/**
 * Runs one command line and returns the exit code: 0; 1 if the work failed or the answer is no; 2 if the command line
 * is wrong; 130 if Ctrl+C ended it before it was done. A failure is one line on standard error.
 *
 * @example
 * ```ts
 * import { main } from "@fesa/channel/cli";
 *
 * const code = await main(["help"]);
 * if (code !== 0) throw new Error(`exit code ${code}`);
 * ```
 */
export async function main(words: readonly string[], io: Io = processIo()): Promise<number> {
  try {
    return await run(words, io);
  } catch (error) {
    return await complain(words[0], error, io);
  }
}

async function run([name, ...rest]: readonly string[], io: Io): Promise<number> {
  if (name === undefined || name === "help" || isHelp(name)) return await help(rest, io);
  if (name === "--version" || name === "-v") {
    if (rest.length > 0) return await refuse(`unexpected argument: ${rest[0]}`, io);
    await io.stdout.write(`fesa ${VERSION}\n`);
    return 0;
  }
  const command = COMMANDS.find((command) => command.name === name);
  if (command === undefined) return await refuse(noCommand(name), io);
  if (rest.some(isHelp)) return await help([name], io);
  return await command.run(new Arguments(command, rest), io);
}

function isHelp(word: string): boolean {
  return word === "--help" || word === "-h";
}

async function help([name, more]: readonly string[], io: Io): Promise<number> {
  if (more !== undefined) return await refuse(`unexpected argument: ${more}`, io);
  if (name === undefined) {
    await io.stdout.write(generalHelp(COMMANDS));
    return 0;
  }
  const command = COMMANDS.find((command) => command.name === name);
  if (command === undefined) return await refuse(noCommand(name), io);
  await io.stdout.write(commandHelp(command));
  return 0;
}

function noCommand(name: string): string {
  return `there is no command ${name}; fesa help lists them`;
}

/** Reports a command line that names no known command. */
async function refuse(problem: string, io: Io): Promise<number> {
  await io.stderr.write(`fesa: ${problem}\n`);
  return 2;
}

async function complain(name: string, error: unknown, io: Io): Promise<number> {
  const usage = error instanceof UsageError;
  const hint = usage ? `; fesa help ${name} says more` : "";
  // No message if the reader of the output has ended, such as `head`.
  const isGone = codeOf(error) === "EPIPE";
  if (!isGone) await io.stderr.write(`fesa ${name}: ${errorLine(error)}${hint}\n`).catch(() => {});
  return error instanceof Interrupted ? error.exitCode : usage ? 2 : 1;
}

/** Whether this module is the program that was started. Node before 24 has no `import.meta.main`. */
function isMain(): boolean {
  const { main: known } = import.meta as { main?: boolean };
  if (known !== undefined) return known;
  const script = process.argv[1];
  return script !== undefined && existsSync(script) &&
    realpathSync(script) === fileURLToPath(import.meta.url);
}

if (isMain()) process.exit(await main(process.argv.slice(2)));
