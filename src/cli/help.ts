/** The help of the tool, made from the commands themselves. */

import type { Command, Option } from "./command.ts";

/** The list of commands. */
export function generalHelp(commands: readonly Command[]): string {
  const lines = commands.map(({ name, summary }): [string, string] => [name, summary]);
  return [
    "fesa: secure channels between a client and an application server",
    "",
    "commands:",
    ...columns([...lines, ["help", "this list, or more about one command"], ["--version", "the version"]]),
    "",
    "fesa help COMMAND says more about one of them.",
    "",
  ].join("\n");
}

/** The usage and options of one command. */
export function commandHelp({ name, summary, usage, options, examples }: Command): string {
  return [
    `fesa ${name}: ${summary}`,
    "",
    "usage:",
    ...usage.map((line) => `  fesa ${name} ${line}`.trimEnd()),
    "",
    "options:",
    ...columns(
      Object.entries({ ...options, help: HELP }).map(([option, { value, help, multiple }]) => [
        `--${option}${value === undefined ? "" : ` ${value}`}${multiple ? " …" : ""}`,
        help,
      ]),
    ),
    "",
    "examples:",
    ...examples.map((line) => `  fesa ${name} ${line}`),
    "",
  ].join("\n");
}

const HELP: Option = { type: "boolean", help: "show this help" };

/** Two columns, the second aligned. */
function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([first]) => first.length));
  return rows.map(([first, second]) => `  ${first.padEnd(width)}  ${second}`);
}
