/** Where the passphrase of an encrypted key comes from. */

import type { Arguments, Io, Option } from "./command.ts";
import { readTextFile } from "./files.ts";

/** The option of every command that opens or makes an encrypted key. */
export const PASSPHRASE_OPTION: Option = {
  type: "string",
  value: "FILE",
  help: "the passphrase of the encrypted key: the first line of FILE; without this it is asked for",
};

/** The passphrase from the file that an option names, or else from the person at the terminal. */
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
