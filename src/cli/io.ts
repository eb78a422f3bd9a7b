/** The process's own input and output. */

import { closeSync, openSync } from "node:fs";
import process from "node:process";
import { Interrupted, type Io, type Output } from "./command.ts";

/** Returns the process's streams and signals. Signal handlers are installed when a command first reads `signal`. */
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
  stream.on("error", () => {}); // the write itself reports the failure
  return {
    isTerminal: stream.isTTY === true,
    write: (data) =>
      new Promise((resolve, reject) => {
        stream.write(data, (error) => error ? reject(error) : resolve());
      }),
  };
}

/** Aborts at the first SIGINT or SIGTERM; a second one ends the process by default. */
function interruptionBySignals(): AbortController {
  const controller = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => controller.abort(name));
  return controller;
}

/** Whether SIGHUP means that the program's terminal was closed. */
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

/** Reads a line from a terminal in raw mode, which leaves Backspace and Ctrl+C to this function. */
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
