/** The faults between the two ends, chosen by a seed. */
import type { Random } from "../../tests/_kit/mutate.ts";

/** A fault in one direction after a number of bytes. */
export interface Fault {
  readonly kind: FaultKind;
  readonly direction: "there" | "back";
  readonly offset: number;
  /** A number for the kind to use. */
  readonly amount: number;
}

/** Harmless faults. */
const HARMLESS = ["none", "delay", "split"] as const;

/** Faults that change data on the wire, which every setting but `off` must detect. */
const CHANGING = ["flip", "drop", "duplicate", "reorder"] as const;

/** Faults that end a connection or process, or stall it. */
const ENDING = [
  "cut",
  "reset",
  "half-close",
  "stall",
  "trickle",
  "kill-client",
  "kill-server",
] as const;

/** All kinds of faults. */
export type FaultKind = typeof HARMLESS[number] | typeof CHANGING[number] | typeof ENDING[number];

/** Slow faults: they take seconds or start processes. */
const SLOW: readonly FaultKind[] = ["stall", "trickle", "kill-client", "kill-server"];

/** Returns whether everything must still arrive after a fault of this kind. */
export function isHarmless(kind: FaultKind): boolean {
  return HARMLESS.some((harmless) => harmless === kind);
}

/** Chooses a fault. */
export function chooseFault(random: Random, setting: string): Fault {
  const kinds: readonly FaultKind[] = [...HARMLESS, ...(setting === "off" ? [] : CHANGING), ...ENDING];
  let kind = kinds[random(kinds.length)];
  if (SLOW.includes(kind) && random(3) > 0) kind = kinds[random(kinds.length)];
  return {
    kind,
    direction: random(2) === 0 ? "there" : "back",
    offset: random(1 << 5 + random(14)), // the handshake as often as the data
    amount: 1 + random(100),
  };
}
