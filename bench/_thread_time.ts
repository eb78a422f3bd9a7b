/** Measures the processor time of a thread, because wall-clock time says little if the machine has other work. */
import { Buffer } from "node:buffer";
import { openSync, readSync } from "node:fs";
import process from "node:process";

/** Returns this thread's processor time in milliseconds on Linux, and that of the process elsewhere. */
export const threadTime: () => number = schedulerStatistics() ?? (() => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
});

/** Returns a function that reads the kernel's count of nanoseconds for the thread that opened the file. */
function schedulerStatistics(): (() => number) | undefined {
  let file: number;
  try {
    file = openSync("/proc/thread-self/schedstat", "r");
  } catch {
    return undefined;
  }
  const text = Buffer.alloc(64);
  return () => {
    const length = readSync(file, text, 0, text.length, 0);
    return parseInt(text.toString("latin1", 0, length)) / 1e6;
  };
}

/** The work of an event loop since the last call, in milliseconds of processor time. */
export interface LoopFigures {
  readonly busy: number;
  /** The longest time between two timers of a millisecond. */
  readonly longestTurn: number;
}

/** Watches the turns of this thread's event loop. */
export class LoopWatch {
  #longestTurn = 0;
  #turnBegan: number = threadTime();
  #askedAt: number = threadTime();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    this.#tick();
  }

  figures(): LoopFigures {
    const now = threadTime();
    const figures = { busy: now - this.#askedAt, longestTurn: this.#longestTurn };
    this.#askedAt = now;
    this.#longestTurn = 0;
    return figures;
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #tick(): void {
    const now = threadTime();
    this.#longestTurn = Math.max(this.#longestTurn, now - this.#turnBegan);
    this.#turnBegan = now;
    this.#timer = setTimeout(() => this.#tick(), 1);
  }
}
