/** Gets the passphrase of an encrypted key. */

import type { Arguments, Io, Option } from "../command.ts";
import { readTextFile } from "../files.ts";

/** The option of every command that reads or writes an encrypted key. */
export const PASSPHRASE_OPTION: Option = {
  type: "string",
  value: "FILE",
  help: "a file whose first line is the passphrase of the encrypted key; otherwise you are asked for it",
};

/** Reads the passphrase from the file that an option names, or else asks at the terminal. */
export async function passphrase(
  args: Arguments,
  io: Io,
  question: string,
  option = "passphrase-file",
): Promise<string> {
  const path = args.text(option);
  const answer = path === undefined
    ? await io.askSecret(`${question}: `)
    : (await readTextFile(path)).split(/\r?\n/, 1)[0];
  if (answer === null) throw new Error(`a passphrase is needed: --${option}, or a terminal to ask at`);
  if (answer === "") throw new Error("the passphrase is empty");
  return answer;
}
