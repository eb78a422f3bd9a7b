/** The process's own input and output. */

import process from "node:process";
import type { Io, Output } from "./command.ts";

/** The process's streams. Its signals are taken over when a command first looks at `signal`. */
export function processIo(): Io {
  let signal: AbortSignal | undefined;
  return {
    stdin: process.stdin,
    stdout: output(process.stdout),
    stderr: output(process.stderr),
    get signal() {
      return signal ??= interruption();
    },
    onHangup: (listener) => {
      // Where a person sits at a terminal, the end of that is the end of the program, as ever.
      if (!process.stdin.isTTY) process.on("SIGHUP", listener);
    },
    askSecret,
  };
}

function output(stream: NodeJS.WriteStream): Output {
  stream.on("error", () => {}); // the failure shows at the write
  return {
    isTerminal: stream.isTTY === true,
    write: (data) =>
      new Promise((resolve, reject) => {
        stream.write(data, (error) => error ? reject(error) : resolve());
      }),
  };
}

/** Fires at the first SIGINT or SIGTERM; the next one ends the process as if nobody had listened. */
function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.once(name, () => controller.abort(new Error(`ended by ${name}`)));
  }
  return controller.signal;
}

async function askSecret(question: string): Promise<string | null> {
  const { stdin, stderr } = process;
  if (!stdin.isTTY) return null;
  stderr.write(question);
  stdin.setRawMode(true);
  stdin.setEncoding("utf8");
  try {
    return await line(stdin);
  } finally {
    stdin.setRawMode(false);
    stdin.pause();
    stderr.write("\n");
  }
}

/** One line from a terminal in raw mode, where Backspace and Ctrl+C are ours to do. */
function line(stdin: NodeJS.ReadStream): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    const end = (settle: () => void) => {
      stdin.off("data", onData);
      settle();
    };
    const onData = (typed: string | Uint8Array) => {
      for (const character of String(typed)) {
        if (character === "\r" || character === "\n") return end(() => resolve(text));
        if (character === "\x03" || character === "\x04") {
          return end(() => reject(new Error("nothing was entered")));
        }
        text = character === "\x7f" || character === "\b" ? text.slice(0, -1) : text + character;
      }
    };
    stdin.on("data", onData);
  });
}
