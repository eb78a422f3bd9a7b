/** The key log, with which Wireshark reads a captured session: for debugging, and a secret. */

import { openSync, writeSync } from "node:fs";
import type { Arguments, Io, Option } from "./command.ts";
import { reason } from "./files.ts";

/** The option of the commands that make sessions. */
export const KEY_LOG_OPTION: Option = {
  type: "string",
  value: "FILE",
  help: "for debugging: append the sessions' secrets here, for Wireshark; certificate and key alone",
};

/** Opens the file of `--key-log`, for its owner alone where it is new, and warns of it. */
export async function openKeyLog(args: Arguments, io: Io): Promise<((line: string) => void) | undefined> {
  const path = args.text("key-log");
  if (path === undefined) return undefined;
  const file = openForAppending(path);
  await io.stderr.write(
    `warning: ${path} gets the secrets of every session; whoever has it can read them all\n`,
  );
  return (line) => void writeSync(file, `${line}\n`);
}

function openForAppending(path: string): number {
  try {
    return openSync(path, "a", 0o600);
  } catch (error) {
    throw new Error(`cannot write ${path}: ${reason(error)}`);
  }
}
