/** Shell completions, generated from the commands. */

import type { Command, Option } from "./command.ts";

/** A shell that has a completion script. */
export type Shell = keyof typeof COMPLETIONS;

/** Makes each shell's script, which completes command names, options and files. */
export const COMPLETIONS = {
  bash: (commands: readonly Command[]): string =>
    `# bash completion for fesa
_fesa() {
  local word=\${COMP_WORDS[COMP_CWORD]} options choices=
  if ((COMP_CWORD == 1)); then
    COMPREPLY=($(compgen -W "${names(commands).join(" ")}" -- "$word"))
    return
  fi
  case "\${COMP_WORDS[1]} \${COMP_WORDS[COMP_CWORD - 1]}" in
${
      commands.flatMap((command) =>
        choicesAfter(command).map(([before, choices]) =>
          `    "${command.name} ${before}") choices="${choices.join(" ")}" ;;`
        )
      ).join("\n")
    }
  esac
  if [[ $choices ]]; then
    COMPREPLY=($(compgen -W "$choices" -- "$word"))
    return
  fi
  case \${COMP_WORDS[1]} in
${commands.map(({ name, options }) => `    ${name}) options="${flags(options).join(" ")}" ;;`).join("\n")}
    help) COMPREPLY=($(compgen -W "${names(commands).join(" ")}" -- "$word")); return ;;
  esac
  if [[ $word == -* ]]; then COMPREPLY=($(compgen -W "$options" -- "$word")); else COMPREPLY=($(compgen -f -- "$word")); fi
}
complete -o filenames -F _fesa fesa
`,

  zsh: (commands: readonly Command[]): string =>
    `#compdef fesa
_fesa() {
  local -a commands=(
${commands.map(({ name, summary }) => `    ${quoted(`${name}:${summary}`)}`).join("\n")}
    'help:more about one command'
  )
  if ((CURRENT == 2)); then
    _describe command commands
    return
  fi
  case $words[2] in
${
      commands.map((command) =>
        `    ${command.name}) _arguments ${zshOptions(command)} '*:argument:${zshChoices(command.words)}' ;;`
      ).join("\n")
    }
    help) _describe command commands ;;
  esac
}
if [[ $funcstack[1] == _fesa ]]; then _fesa "$@"; else compdef _fesa fesa; fi
`,

  fish: (commands: readonly Command[]): string =>
    [
      "# fish completion for fesa",
      ...commands.map(({ name, summary }) =>
        `complete -c fesa -n __fish_use_subcommand -f -a ${name} -d ${quoted(summary)}`
      ),
      "complete -c fesa -n __fish_use_subcommand -f -a help -d 'more about one command'",
      `complete -c fesa -n '__fish_seen_subcommand_from help' -f -a '${names(commands).join(" ")}'`,
      ...commands.flatMap(({ name, words }) =>
        words ? [`complete -c fesa -n '__fish_seen_subcommand_from ${name}' -f -a '${words.join(" ")}'`] : []
      ),
      ...commands.flatMap(({ name, options }) =>
        Object.entries(options).map(([option, { type, help, choices }]) =>
          `complete -c fesa -n '__fish_seen_subcommand_from ${name}' -l ${option}${
            choices ? ` -x -a '${choices.join(" ")}'` : type === "string" ? " -r" : ""
          } -d ${quoted(help)}`
        )
      ),
      "",
    ].join("\n"),
};

/** Each word of the command line after which only certain words may come, with those words. */
function choicesAfter({ name, words, options }: Command): [before: string, choices: readonly string[]][] {
  const named = Object.entries(options).map(([option, { choices }]) => [`--${option}`, choices] as const);
  return [[name, words] as const, ...named].flatMap(([before, choices]) =>
    choices ? [[before, choices]] : []
  );
}

function names(commands: readonly Command[]): string[] {
  return [...commands.map(({ name }) => name), "help"];
}

function flags(options: Command["options"]): string[] {
  return [...Object.keys(options), "help"].map((name) => `--${name}`);
}

/** The options in the form of zsh's `_arguments`; colons and brackets in a description are escaped. */
function zshOptions({ options }: Command): string {
  return Object.entries(options).map(([name, option]) => quoted(zshOption(name, option))).join(" ");
}

function zshOption(name: string, { type, multiple, value, choices, help }: Option): string {
  const description = help.replace(/[:[\]\\]/g, "\\$&");
  return `${multiple ? "*" : ""}--${name}[${description}]${
    type === "string" ? `:${value?.replace(/:/g, "\\:") ?? name}:${zshChoices(choices)}` : ""
  }`;
}

/** These words, or else files. */
function zshChoices(words: readonly string[] | undefined): string {
  return words ? `(${words.join(" ")})` : "_files";
}

/** Quotes a word for all three shells. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
