/** Runs a soak: channels open, attacks take turns in rounds, and channels close. Measures meanwhile. */
import { setTimeout as sleep } from "node:timers/promises";
import type { AttackerQuestions } from "./attackers.ts";
import { ATTACKS } from "./attacks.ts";
import { bundlePrograms, Child } from "./child.ts";
import type { ClientQuestions } from "./clients.ts";
import type { NewcomerQuestions } from "./newcomers.ts";
import type { Outcome, Phase } from "./outcome.ts";
import type { Holdings, ServerQuestions } from "./server.ts";
import type { Sizes } from "./sizes.ts";

const NO_ATTACK = "none";
const PHASES: readonly string[] = [NO_ATTACK, ...Object.keys(ATTACKS)];

/**
 * The name of the phase after each round. Garbage is then collected on request, four times in a row, and all clients wait
 * for that.
 */
const MEASUREMENT = "none, while this measures";

/**
 * The minimum number of rounds, so that the last can be compared with the first, and the duration of an attack in a long
 * run, in milliseconds.
 */
const LEAST_ROUNDS = 2;
const PHASE = 30_000;
const LEAST_PHASE = 2_000;

/** The duration of each attack before the first measurement, in milliseconds, in which code is loaded and compiled. */
const WARM_UP = 500;

/** The time reserved for the end, in milliseconds. */
const ENDING = 10_000;

/** The longest wait, in milliseconds, for the server to release the connections of clients that left. */
const PATIENCE = 60_000;

/** The time in milliseconds in which a connection that has ended releases its descriptor and timers. */
const LAST_WORDS = 1_500;

/** A soak, and its four kinds of processes. */
export class Soak {
  readonly #sizes: Sizes;
  readonly #until: number;
  readonly #server = new Child<ServerQuestions>("server");
  readonly #children: Child<object>[] = [this.#server];
  #attackers!: Child<AttackerQuestions>;
  #newcomers!: Child<NewcomerQuestions>;
  #clients!: Child<ClientQuestions>;
  readonly #phases: ReadonlyMap<string, Phase> = new Map(
    [...PHASES, MEASUREMENT].map((name) => [name, { attackers: 0, loads: [], newcomers: [] }]),
  );

  /** The longest time until the server had released the connections of clients that left, in milliseconds. */
  #slowestLeaving = 0;

  private constructor(sizes: Sizes, until: number) {
    this.#sizes = sizes;
    this.#until = until;
  }

  /** Starts the processes of a soak that ends at about this time. */
  static async start(sizes: Sizes, until: number): Promise<Soak> {
    await bundlePrograms();
    const soak = new Soak(sizes, until);
    const port = String(await soak.#server.ask("port"));
    soak.#attackers = soak.#add(new Child<AttackerQuestions>("attackers", port));
    soak.#newcomers = soak.#add(new Child<NewcomerQuestions>("newcomers", port));
    soak.#clients = soak.#add(
      new Child<ClientQuestions>("clients", port, String(sizes.idle), String(sizes.busy)),
    );
    return soak;
  }

  #add<Questions extends object>(child: Child<Questions>): Child<Questions> {
    this.#children.push(child as Child<object>);
    return child;
  }

  /** Ends the processes. */
  async end(): Promise<void> {
    await Promise.all(this.#children.map((child) => child.end()));
  }

  /** Runs the soak. */
  async run(): Promise<Outcome> {
    for (const name of PHASES) await this.#attack(name, WARM_UP);
    const before = await this.#holdings(0);
    const { seconds } = await this.#clients.ask("open");
    console.log(`opened in ${seconds.toFixed(0)} s`);
    const open = await this.#holdings(this.#channels);
    await this.#newcomers.ask("begin");
    await this.#server.ask("load");
    const rounds = await this.#rounds();
    await this.#newcomers.end();
    const clients = await this.#clients.ask("close");
    await this.#clients.end();
    const after = await this.#holdings(0);
    const [channels, phases, leaving] = [this.#channels, this.#phases, this.#slowestLeaving];
    return { channels, phases, before, open, rounds, after, clients, leaving };
  }

  get #channels(): number {
    return this.#sizes.idle + this.#sizes.busy;
  }

  /** Runs the attacks round after round. Returns the server's resources after each round. */
  async #rounds(): Promise<readonly Holdings[]> {
    const left = (): number => Math.max(0, this.#until - ENDING - performance.now());
    const rounds = Math.max(LEAST_ROUNDS, Math.round(left() / (PHASES.length * PHASE)));
    const milliseconds = Math.max(LEAST_PHASE, left() / rounds / PHASES.length);
    const held: Holdings[] = [];
    for (let round = 0; round < rounds; round++) {
      for (const name of PHASES) {
        this.#phases.get(name)!.attackers += await this.#attack(name, milliseconds);
        await this.#note(name);
      }
      held.push(await this.#holdings(this.#channels + 2));
      await this.#note(MEASUREMENT);
      const [heap, resident] = [held.at(-1)!.heap, held.at(-1)!.resident].map((bytes) =>
        (bytes / 1e6).toFixed(0)
      );
      console.log(`round ${round + 1} of ${rounds}: heap ${heap} MB, resident ${resident} MB`);
    }
    return held;
  }

  /** Adds the figures since the last call to those of a phase. */
  async #note(name: string): Promise<void> {
    const phase = this.#phases.get(name)!;
    phase.loads.push(await this.#server.ask("load"));
    phase.newcomers.push(await this.#newcomers.ask("figures"));
  }

  /** Runs attackers for a time. Returns how often an attacker connected. */
  async #attack(name: string, milliseconds: number): Promise<number> {
    if (name !== NO_ATTACK) await this.#attackers.ask("begin", name);
    await sleep(milliseconds);
    return name === NO_ATTACK ? 0 : await this.#attackers.ask("stop");
  }

  /** Returns the server's resources when it has at most this many connections, or after the longest wait. */
  async #holdings(connections: number): Promise<Holdings> {
    const begun = performance.now();
    let holdings = await this.#server.ask("holdings");
    while (holdings.connections > connections && performance.now() - begun < PATIENCE) {
      await sleep(200);
      holdings = await this.#server.ask("holdings");
    }
    this.#slowestLeaving = Math.max(this.#slowestLeaving, performance.now() - begun);
    await sleep(LAST_WORDS);
    return await this.#server.ask("holdings");
  }
}
