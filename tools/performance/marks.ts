/** The project's performance goals, compared with the figures. */
import { type Figures, type Loads, quantile, rounded } from "./figures.ts";

/** The figures by runtime. */
export interface Measured {
  readonly loopback: ReadonlyMap<string, Figures>;
  readonly browsers: ReadonlyMap<string, Figures>;
  readonly loads: ReadonlyMap<string, Loads>;
}

/** A goal, the figure, and whether it is reached. */
export type MarkRow = readonly [what: string, mark: string, measured: string, reached: string];

const [BULK, SMALL] = ["65536 bytes, MB/s", "64 bytes, MB/s"];
const [THERE_AND_BACK, HANDSHAKES] = ["64 bytes there and back, 1/s", "handshakes, 1/s"];

/**
 * The goals for ratios: runtime, measurement, implementation, its minimum speed relative to the fastest of the others, and
 * these others.
 */
const RATIOS: readonly (readonly [string, string, string, number, readonly string[]])[] = [
  ["Node 20", BULK, "certificate", 1, ["lemon-tls 1.3", "lemon-tls 1.2"]],
  ["Node 20", BULK, "certificate", 0.35, ["node:tls 1.3"]],
  ["Node 20", BULK, "certificate", 0.75, ["a bare loop"]],
  ["Node 20", BULK, "native, ChaChaPoly", 0.9, ["certificate"]],
  ["Node 20", HANDSHAKES, "certificate, x25519", 2, ["lemon-tls 1.3"]],
  ["Node 20", HANDSHAKES, "certificate, x25519", 0.6, ["node:tls 1.3"]],
  ["Node 20", HANDSHAKES, "certificate", 2, ["lemon-tls 1.3"]],
  ["Node 20", HANDSHAKES, "certificate", 0.6, ["node:tls 1.3"]],
  ["Node 20", HANDSHAKES, "certificate, RSA exchange", 0.6, ["node:tls 1.2, RSA exchange"]],
  ["Node 20", THERE_AND_BACK, "native, ChaChaPoly, in memory", 2.5, ["libp2p-noise, in memory"]],
  ["Node 20", SMALL, "certificate", 0.3, ["node:tls 1.3"]],
  ["Bun 1", BULK, "certificate", 0.5, ["node:tls 1.3"]],
  ["Bun 1", BULK, "certificate", 2, ["lemon-tls 1.3", "lemon-tls 1.2"]],
  ["Deno 2", BULK, "certificate", 0.2, ["node:tls 1.3"]],
  ["Deno 2", BULK, "certificate", 2, ["lemon-tls 1.3", "lemon-tls 1.2"]],
  ["Chromium", BULK, "certificate", 5, ["certificate, pure"]],
  ["Firefox", BULK, "certificate", 5, ["certificate, pure"]],
  ["Node 20", BULK, "certificate, pure", 0.9, ["noble's AES-GCM alone"]],
  ["Node 20", BULK, "certificate, pure", 1, ["node-forge TLS 1.1, in memory"]],
];

/** Table of loads, row, column, and the largest allowed value. */
const LIMITS: readonly (readonly [keyof Loads, string, string, number])[] = [
  ["loads", "8 uploads", "longest turn, ms of the processor", 50],
  ["loads", "one sender of 16 MiB deflate bombs", "longest turn, ms of the processor", 100],
  ["loads", "one sender of empty messages", "longest turn, ms of the processor", 50],
  ["loads", "8 uploads", "a newcomer's handshake, ms", 200],
  ["timer", "certificate", "fires after, ms", 150],
  ["memory", "native", "10000 of them", 32],
  ["memory", "certificate", "10000 of them", 32],
];

/** The text before the label of a row, for each table. */
const LEADS: Readonly<Record<keyof Loads, string>> = {
  loads: "",
  timer: "a timer of 100 ms beside an endless loop, ",
  memory: "KiB for each idle channel, ",
};

/** Compares the figures with the goals. Leaves out goals whose figures were not measured. */
export function markRows(measured: Measured): readonly MarkRow[] {
  const rows: MarkRow[] = [];
  for (const [runtime, what, who, mark, others] of RATIOS) {
    const rounds = (measured.loopback.get(runtime) ?? measured.browsers.get(runtime))?.[what];
    if (rounds?.[who] === undefined) continue;
    const present = others.filter((other) => rounds[other] !== undefined);
    if (present.length === 0) continue;
    const ratios = rounds[who].map((speed, i) =>
      speed / Math.max(...present.map((other) => rounds[other][i]))
    );
    const ratio = quantile(ratios, 0.5);
    const spread = [0.25, 0.75].map((part) => rounded(quantile(ratios, part))).join("–");
    const title = `${runtime}: ${what.replace(/, (MB\/s|1\/s)$/, "")}, \`${who}\` to ${present.join(", ")}`;
    rows.push([title, `at least ${mark}`, `${rounded(ratio)} (${spread})`, ratio >= mark ? "yes" : "no"]);
  }
  for (const [runtime, loads] of measured.loads) {
    for (const [table, name, what, mark] of LIMITS) {
      const value = loads[table].find((row) => Object.values(row)[0] === name)?.[what];
      if (typeof value !== "number") continue;
      const reached = value <= mark ? "yes" : "no";
      rows.push([`${runtime}: ${LEADS[table]}${name}: ${what}`, `at most ${mark}`, rounded(value), reached]);
    }
  }
  return rows;
}
