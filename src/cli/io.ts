/** The process's own input and output. */

import { closeSync, openSync } from "node:fs";
import process from "node:process";
import { Interrupted, type Io, type Output } from "./command.ts";

/** The process's streams. Its signals are taken over when a command first looks at `signal`. */
export function processIo(): Io {
  let interruption: AbortController | undefined;
  const interrupted = () => interruption ??= interruptionBySignals();
  return {
    stdin: process.stdin,
    stdout: output(process.stdout),
    stderr: output(process.stderr),
    get signal() {
      return interrupted().signal;
    },
    onHangup: (listener) => {
      process.on("SIGHUP", () => terminalHasGone() ? interrupted().abort("SIGHUP") : listener());
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

/** Aborts at the first SIGINT or SIGTERM; the next one ends the process as if nobody had listened. */
function interruptionBySignals(): AbortController {
  const controller = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => controller.abort(name));
  return controller;
}

/** Whether SIGHUP came because a person has closed the terminal that the program was started at. */
function terminalHasGone(): boolean {
  if (!process.stdin.isTTY) return false;
  try {
    closeSync(openSync("/dev/tty", "r"));
    return false;
  } catch {
    return true;
  }
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
        if (character === "\x03") return end(() => reject(new Interrupted("SIGINT")));
        if (character === "\x04") return end(() => reject(new Error("nothing was entered")));
        text = character === "\x7f" || character === "\b" ? text.slice(0, -1) : text + character;
      }
    };
    stdin.on("data", onData);
  });
}
