/** `fesa completion`: prints a shell's completion script. */

import type { Command } from "../command.ts";
import { COMPLETIONS, type Shell } from "../completion.ts";

/** Returns the command; `commands` gives those that it completes, itself among them. */
export function completion(commands: () => readonly Command[]): Command {
  const shells = Object.keys(COMPLETIONS) as Shell[];
  return {
    name: "completion",
    summary: "print the completion script of a shell",
    usage: [shells.join(" | ")],
    examples: [
      "bash > ~/.local/share/bash-completion/completions/fesa",
      "fish > ~/.config/fish/completions/fesa.fish",
    ],
    options: {},
    positionals: [1, 1, shells.join(", ")],
    words: shells,
    async run(args, io) {
      const shell = args.word(0, shells);
      await io.stdout.write(COMPLETIONS[shell](commands()));
      return 0;
    },
  };
}
