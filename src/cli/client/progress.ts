/** A progress bar on the terminal. */

import type { Output } from "../command.ts";

const WIDTH = 30;

/** Milliseconds between two drawings. */
const INTERVAL = 100;

/** Returns a function that draws the progress; it draws nothing if the output is not a terminal. */
export function progressBar(output: Output, label: string): (done: number, total: number) => void {
  const started = performance.now();
  let next = 0;
  return (done, total) => {
    const now = performance.now();
    if (!output.isTerminal || (now < next && done < total)) return;
    next = now + INTERVAL;
    const share = total === 0 ? 1 : done / total;
    const bar = "#".repeat(Math.round(share * WIDTH)).padEnd(WIDTH, ".");
    const percent = `${Math.floor(share * 100)}`.padStart(3);
    const speed = (done / 1e3 / Math.max(now - started, 1)).toFixed(1);
    const line = `\r${label} [${bar}] ${percent} % ${speed} MB/s `;
    output.write(done < total ? line : `${line}\n`).catch(() => {});
  };
}
