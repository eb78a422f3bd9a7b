/** The figures of a soak, and their bounds. */

/** The figures that a soak measures. */
export interface Figures {
  readonly wrongEchoes: number;
  readonly lostChannels: number;
  readonly notClosed: number;
  readonly refusedNewcomers: number;
  readonly faults: number;
  readonly idleAttacks: number;
  readonly keyChanges: number;
  readonly longestTurn: number;
  readonly newcomersMedian: number;
  readonly newcomersLongest: number;
  readonly messagesMedian: number;
  readonly messagesLongest: number;
  readonly leaving: number;
  readonly heapOfChannel: number;
  readonly mostResident: number;
  readonly grownHeap: number;
  readonly grownDescriptors: number;
  readonly leftHeap: number;
  readonly leftDescriptors: number;
  readonly leftConnections: number;
  readonly leftTimers: number;
}

/** The bound of a figure. */
export interface Bound {
  readonly label: string;
  /** The highest value allowed, or the lowest. */
  readonly most?: number;
  readonly least?: number;
  readonly why: string;
}

const GENEROUS = "held with twenty other programs on two cores";

/**
 * The bounds. Those of memory, descriptors and correctness do not depend on the machine, and are strict. Those of time are
 * generous, for machines that are slow or busy; the loop's turns are in processor time, which other programs do not lengthen.
 */
export const BOUNDS: Readonly<Record<keyof Figures, Bound>> = {
  wrongEchoes: {
    label: "messages that came back altered",
    most: 0,
    why: "delivered once, in order, unchanged",
  },
  lostChannels: { label: "honest channels that failed", most: 0, why: "no attack ends another's channel" },
  notClosed: { label: "honest channels not closed in order", most: 0, why: "all were alive at the end" },
  refusedNewcomers: {
    label: "newcomers refused, %",
    most: 5,
    why: "to make room, attackers' handshakes are ended first",
  },
  faults: { label: "errors without a code", most: 0, why: "each failure is a ChannelError, and handled" },
  idleAttacks: { label: "attacks that reached nothing", most: 0, why: "otherwise nothing was shown" },
  keyChanges: { label: "changes of 3DES keys", least: 1, why: "otherwise nothing was shown" },
  longestTurn: {
    label: "longest turn, ms of the processor",
    most: 500,
    why: "turns end after 4 ms; collecting garbage takes more",
  },
  newcomersMedian: { label: "a newcomer's answer, median ms", most: 2_000, why: GENEROUS },
  newcomersLongest: {
    label: "a newcomer's longest wait, ms",
    most: 20_000,
    why: "twice the handshake timeout",
  },
  messagesMedian: { label: "a message's answer, median ms", most: 500, why: GENEROUS },
  messagesLongest: { label: "a message's longest wait, ms", most: 10_000, why: GENEROUS },
  leaving: { label: "seconds until those who left are gone", most: 50, why: GENEROUS },
  heapOfChannel: {
    label: "heap of a channel, KiB",
    most: 40,
    why: "docs/performance.md has it for each kind",
  },
  mostResident: {
    label: "most memory beside the channels, MB",
    most: 768,
    why: "64 MiB of unfinished messages, bombs of 16 MiB, garbage",
  },
  grownHeap: {
    label: "heap of a channel grown since the first round, KiB",
    most: 10,
    why: "seen: 1 if most are idle, 6 if most are busy, and none is left at the end; a leak would be more",
  },
  grownDescriptors: { label: "descriptors grown since then", most: 2, why: "newcomers at that moment" },
  leftHeap: { label: "heap left at the end, MB", most: 8, why: "what was taken is given back" },
  leftDescriptors: { label: "descriptors left", most: 0, why: "the same" },
  leftConnections: { label: "connections left", most: 0, why: "the same" },
  leftTimers: { label: "timers left", most: 2, why: "the same" },
};

/** Returns whether a figure is within its bound. */
export function isWithin(value: number, { most = Infinity, least = -Infinity }: Bound): boolean {
  return value >= least && value <= most;
}
