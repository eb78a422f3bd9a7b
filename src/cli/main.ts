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
import { Arguments, type Command, errorLine, type Io, UsageError } from "./command.ts";
import { COMMANDS } from "./commands/mod.ts";
import { commandHelp, generalHelp } from "./help.ts";
import { processIo } from "./io.ts";

export type { Io, Output } from "./command.ts";

/**
 * Runs one command line and gives the exit code: 0, 1 where the work failed or the answer is no, 2 where the
 * command line is wrong. A failure is one line on standard error.
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
  const [name, ...rest] = words;
  if (name === undefined || name === "help" || name === "--help") return await help(rest[0], io);
  const command = COMMANDS.find((command) => command.name === name);
  if (command === undefined) return await unknown(name, io);
  if (rest.includes("--help")) return await help(name, io);
  try {
    return await command.run(new Arguments(command, rest), io);
  } catch (error) {
    return await complain(command, error, io);
  }
}

async function help(name: string | undefined, io: Io): Promise<number> {
  if (name === undefined) {
    await io.stdout.write(generalHelp(COMMANDS));
    return 0;
  }
  const command = COMMANDS.find((command) => command.name === name);
  if (command === undefined) return await unknown(name, io);
  await io.stdout.write(commandHelp(command));
  return 0;
}

async function unknown(name: string, io: Io): Promise<number> {
  await io.stderr.write(`fesa: there is no command ${name}; fesa help lists them\n`);
  return 2;
}

async function complain(command: Command, error: unknown, io: Io): Promise<number> {
  const usage = error instanceof UsageError;
  const hint = usage ? `; fesa help ${command.name} says more` : "";
  await io.stderr.write(`fesa ${command.name}: ${errorLine(error)}${hint}\n`);
  return usage ? 2 : 1;
}

/** Whether this module is what the runtime was told to run. Node before 24 has no `import.meta.main`. */
function isMain(): boolean {
  const { main: known } = import.meta as { main?: boolean };
  if (known !== undefined) return known;
  const script = process.argv[1];
  return script !== undefined && existsSync(script) &&
    realpathSync(script) === fileURLToPath(import.meta.url);
}

if (isMain()) process.exit(await main(process.argv.slice(2)));
