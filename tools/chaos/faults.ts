/** What happens between the two ends, decided by a seed. */
import type { Random } from "../../tests/_kit/mutate.ts";

/** What a fault does to one direction when so many bytes have passed. */
export interface Fault {
  readonly kind: FaultKind;
  readonly direction: "there" | "back";
  readonly offset: number;
  /** A number for the kind to use. */
  readonly amount: number;
}

/** The faults after which everything must arrive all the same. */
export const HARMLESS = ["none", "delay", "split"] as const;

/** Those that change what is on the wire: every setting but `off` must notice. */
export const CHANGING = ["flip", "drop", "duplicate", "reorder"] as const;

/** Those that end something, or let it hang. */
export const ENDING = [
  "cut",
  "reset",
  "half-close",
  "stall",
  "trickle",
  "kill-client",
  "kill-server",
] as const;

/** What may happen. */
export type FaultKind = typeof HARMLESS[number] | typeof CHANGING[number] | typeof ENDING[number];

/** Those that take seconds, by their nature, or start processes. */
const SLOW: readonly FaultKind[] = ["stall", "trickle", "kill-client", "kill-server"];

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
