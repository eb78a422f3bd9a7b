/** The results of a soak, as a table of the attacks and as figures. */
import type { Row } from "../../bench/_kit.ts";
import { ATTACKS } from "./attacks.ts";
import type { Figures } from "./bounds.ts";
import type { ClientFigures } from "./clients.ts";
import type { NewcomerFigures } from "./newcomers.ts";
import type { Holdings, Load } from "./server.ts";

/** The results of one attack in all rounds. */
export interface Phase {
  /** The number of connections of attackers. */
  attackers: number;
  readonly loads: Load[];
  readonly newcomers: NewcomerFigures[];
}

/** All that was measured. */
export interface Outcome {
  /** Honest channels that stayed. */
  readonly channels: number;
  /** By the attack's name; the first phase and the last have no attack. */
  readonly phases: ReadonlyMap<string, Phase>;
  /** The server's resources before any channel, with all channels, after each round, and at the end. */
  readonly before: Holdings;
  readonly open: Holdings;
  readonly rounds: readonly Holdings[];
  readonly after: Holdings;
  readonly clients: ClientFigures;
  /** The longest time until the server had released the connections of clients that left, in milliseconds. */
  readonly leaving: number;
}

/** Returns a row for each attack. */
export function rowsOf({ phases }: Outcome): Row[] {
  return [...phases].map(([attack, { attackers, loads, newcomers }]) => {
    const waits = newcomers.flatMap((figures) => figures.newcomers);
    const messages = newcomers.flatMap((figures) => figures.messages);
    return {
      attack,
      attackers,
      "longest turn, ms": Math.max(...loads.map(({ longestTurn }) => longestTurn)),
      "most resident, MB": mostResident(loads) / 1e6,
      "newcomers": waits.length,
      "refused": newcomers.reduce((sum, { refused }) => sum + refused.length, 0),
      "median, ms": percentile(waits, 0.5),
      "longest": percentile(waits, 1),
      "a message, median": percentile(messages, 0.5),
      "a message, longest": percentile(messages, 1),
    };
  });
}

/** Returns the figures that have bounds. */
export function figuresOf(outcome: Outcome): Figures {
  const { channels, phases, before, open, rounds, after, clients, leaving } = outcome;
  const attacks = Object.keys(ATTACKS).map((name) => phases.get(name)!);
  const loads = [...phases.values()].flatMap((phase) => phase.loads);
  const { served, messages, refused } = newcomersOf(phases);
  const [first, last] = [rounds[0], rounds.at(-1)!];
  return {
    wrongEchoes: clients.wrong,
    lostChannels: clients.lost,
    notClosed: channels - clients.closed,
    refusedNewcomers: 100 * refused.length / (refused.length + served.length),
    faults: after.faults.length,
    idleAttacks: attacks.filter(({ attackers }) => attackers === 0).length,
    keyChanges: clients.keyChanges,
    longestTurn: Math.max(...loads.map(({ longestTurn }) => longestTurn)),
    newcomersMedian: percentile(served, 0.5),
    newcomersLongest: percentile(served, 1),
    messagesMedian: percentile(messages, 0.5),
    messagesLongest: percentile(messages, 1),
    leaving: leaving / 1000,
    heapOfChannel: (open.heap - before.heap) / channels / 1024,
    mostResident: (mostResident(loads) - open.resident) / 1e6,
    grownHeap: (last.heap - first.heap) / channels / 1024,
    grownDescriptors: last.descriptors - first.descriptors,
    leftHeap: (after.heap - before.heap) / 1e6,
    leftDescriptors: after.descriptors - before.descriptors,
    leftConnections: after.connections,
    leftTimers: after.timers - before.timers,
  };
}

/** Returns the texts of the errors that occurred: none if all is well. */
export function errorsOf({ phases, after, clients }: Outcome): string[] {
  const { refused } = newcomersOf(phases);
  return [...new Set([...clients.firstError ? [clients.firstError] : [], ...refused, ...after.faults])];
}

function newcomersOf(phases: Outcome["phases"]): {
  readonly served: readonly number[];
  readonly messages: readonly number[];
  readonly refused: readonly string[];
} {
  const all = [...phases.values()].flatMap(({ newcomers }) => newcomers);
  return {
    served: all.flatMap(({ newcomers }) => newcomers),
    messages: all.flatMap(({ messages }) => messages),
    refused: all.flatMap(({ refused }) => refused),
  };
}

function mostResident(loads: readonly Load[]): number {
  return Math.max(...loads.map(({ resident }) => resident));
}

function percentile(values: readonly number[], part: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(part * (values.length - 1))] ?? Infinity;
}
