/** The shape of a command of the tool, and how it reads its arguments. */

import { parseArgs } from "node:util";
import { printable } from "../printable.ts";

/** A command's input and output: those of the process, or of a test. */
export interface Io {
  /** Standard input. */
  readonly stdin: AsyncIterable<Uint8Array>;
  /** Standard output: results, and nothing else. */
  readonly stdout: Output;
  /** Standard error: progress, questions and complaints. */
  readonly stderr: Output;
  /** Fires when the user wants the program to end (Ctrl+C, SIGTERM); its reason is the signal's name. */
  readonly signal: AbortSignal;
  /** Calls back whenever the user wants a server to read its files again (SIGHUP). */
  onHangup(listener: () => void): void;
  /** Asks on the terminal without showing the answer; null without a terminal. */
  askSecret(question: string): Promise<string | null>;
}

/** A stream to write to. */
export interface Output {
  /** Whether it is a terminal. */
  readonly isTerminal: boolean;
  /** Resolves when the data is written. */
  write(data: string | Uint8Array): Promise<void>;
}

/** One option: `--name VALUE`, or `--name` alone for a flag. */
export interface Option {
  /** A boolean is a flag without a value; a string requires a value. */
  readonly type: "string" | "boolean";
  /** Whether it may be given several times. */
  readonly multiple?: boolean;
  /** The name of its value in the help: `FILE`. */
  readonly value?: string;
  /** The values that it may have, for the shell to complete. */
  readonly choices?: readonly string[];
  /** What it does, in a few words. */
  readonly help: string;
}

/** One command. */
export interface Command {
  /** The command's name. */
  readonly name: string;
  /** What it does, in one line. */
  readonly summary: string;
  /** The lines after `usage:`, each without the leading `fesa NAME`. */
  readonly usage: readonly string[];
  /** Whole command lines that can be copied, each without the leading `fesa NAME`. */
  readonly examples: readonly string[];
  /** Its options by name; every command has `--help`. */
  readonly options: Readonly<Record<string, Option>>;
  /** The least and the greatest number of positional arguments, and their name in the usage. */
  readonly positionals?: readonly [number, number, string];
  /** The words that its first argument may be, for the shell to complete; files by default. */
  readonly words?: readonly string[];
  /** Runs the command and returns the exit code: 0, or 1 if the answer is no. An error becomes one line and code 1. */
  run(args: Arguments, io: Io): Promise<number>;
}

/** The command line is wrong: exit code 2. */
export class UsageError extends Error {}

/** The user interrupted the work. Exit code 128 plus the signal's number, as in shells: 130 for Ctrl+C. */
export class Interrupted extends Error {
  /** The exit code of the process. */
  readonly exitCode: number;

  /** `signalName` is the reason of `Io.signal`: `"SIGINT"`, `"SIGTERM"` or `"SIGHUP"`. */
  constructor(signalName: unknown, cause?: unknown) {
    super("interrupted", { cause });
    this.exitCode = signalName === "SIGTERM" ? 143 : signalName === "SIGHUP" ? 129 : 130;
  }
}

/** Runs a check of an option's value; turns its errors into a {@link UsageError} that names the option. */
export function usage<T>(option: string, check: () => T): T {
  try {
    return check();
  } catch (error) {
    throw new UsageError(`--${option}: ${messageOf(error)}`);
  }
}

/** The arguments of one call, checked against the command's options. */
export class Arguments {
  /** The positional arguments. */
  readonly positionals: readonly string[];
  readonly #values: Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;

  /** Parses `words`. Throws {@link UsageError} for an unknown or repeated option, and for too few or too many arguments. */
  constructor(command: Pick<Command, "options" | "positionals">, words: readonly string[]) {
    const options = Object.fromEntries(
      Object.entries(command.options).map(([name, { type, multiple = false }]) => [name, { type, multiple }]),
    );
    let given: readonly string[];
    try {
      const parsed = parseArgs({
        args: [...words],
        options,
        allowPositionals: true,
        strict: true,
        tokens: true,
      });
      this.#values = parsed.values;
      this.positionals = parsed.positionals;
      given = parsed.tokens.flatMap((token) => token.kind === "option" ? [token.name] : []);
    } catch (error) {
      throw new UsageError(error instanceof Error ? error.message.split(/[.\n]/)[0] : String(error));
    }
    const again = given.find((name, index) => !options[name].multiple && given.indexOf(name) < index);
    if (again !== undefined) throw new UsageError(`--${again} is given twice`);
    const [least, most, what] = command.positionals ?? [0, 0, ""];
    if (this.positionals.length < least) throw new UsageError(`an argument is missing: ${what}`);
    if (this.positionals.length > most) {
      throw new UsageError(`unexpected argument: ${this.positionals[most]}`);
    }
  }

  /** Whether the option was given. */
  has(name: string): boolean {
    return this.#values[name] !== undefined;
  }

  /** Whether the flag was given. */
  flag(name: string): boolean {
    return this.#values[name] === true;
  }

  /** The value of an option, or undefined. */
  text(name: string): string | undefined {
    const value = this.#values[name];
    return typeof value === "string" ? value : undefined;
  }

  /** The value of a required option. */
  required(name: string): string {
    const value = this.text(name);
    if (value === undefined) throw new UsageError(`--${name} is missing`);
    return value;
  }

  /** All values of an option that may be given several times. */
  list(name: string): readonly string[] {
    const value = this.#values[name];
    return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
  }

  /** The parts of an option that may be given several times, each with several parts between commas. */
  items(name: string): readonly string[] {
    return this.list(name).flatMap((list) => list.split(",")).map((item) => item.trim());
  }

  /** A whole number between `least` and `most`. */
  integer(name: string, least: number, most: number): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
    if (!(value >= least && value <= most)) {
      throw new UsageError(`--${name} must be a whole number from ${least} to ${most}`);
    }
    return value;
  }

  /** The value of an option that is one of `choices`. */
  choice<T extends string>(name: string, choices: readonly T[]): T | undefined {
    const text = this.text(name);
    return text === undefined ? undefined : oneOf(`--${name}`, text, choices);
  }

  /** A positional argument that is one of `choices`. */
  word<T extends string>(index: number, choices: readonly T[]): T {
    return oneOf("the argument", this.positionals[index], choices);
  }
}

function oneOf<T extends string>(what: string, text: string, choices: readonly T[]): T {
  const found = choices.find((choice) => choice === text);
  if (found === undefined) throw new UsageError(`${what} must be one of ${choices.join(", ")}`);
  return found;
}

/** Writes a command's result: a value as JSON with `--json`, else one or more lines. */
export function printResult(args: Arguments, io: Io, value: unknown, text: string): Promise<void> {
  return args.flag("json") ? printJson(io, value) : io.stdout.write(`${text}\n`);
}

/** Writes a value as JSON, for programs to read. */
export function printJson(io: Io, value: unknown): Promise<void> {
  return io.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

/** An error as one line, with control characters escaped: a peer may have written part of it. */
export function errorLine(error: unknown): string {
  return printable(messageOf(error).replace(/\s*\n\s*/g, " "));
}

/** The message of an error, or the text of another value that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
