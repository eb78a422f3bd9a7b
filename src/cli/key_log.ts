/** The key log, which lets Wireshark decrypt captured sessions: for debugging, and secret. */

import { fchmodSync, fstatSync, openSync, writeSync } from "node:fs";
import type { Arguments, Io, Option } from "./command.ts";
import { reason } from "./files.ts";

/** The option of the commands that open sessions. */
export const KEY_LOG_OPTION: Option = {
  type: "string",
  value: "FILE",
  help: "for debugging: append the sessions' secrets here, for Wireshark; only for certificate and key",
};

/** Opens the file of `--key-log`, makes it readable by its owner alone, and warns of it. */
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
    const file = openSync(path, "a", 0o600);
    if (fstatSync(file).isFile()) fchmodSync(file, 0o600); // an existing file may be readable by everyone
    return file;
  } catch (error) {
    throw new Error(`cannot write ${path}: ${reason(error)}`);
  }
}
