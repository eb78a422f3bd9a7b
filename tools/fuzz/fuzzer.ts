/** Coverage-guided fuzzing of one target: inputs that reach something new are kept, and later ones are derived from them. */
import { concat } from "../../src/bytes.ts";
import type { FuzzTarget, Verdict } from "../../tests/fuzz/_target.ts";
import { mutate, type Random, seededRandom } from "../../tests/_kit/mutate.ts";
import { mutateDer } from "../../tests/_kit/mutate_der.ts";

/** The longest input in bytes; longer ones are cut. */
export const MAX_INPUT = 65_536;

/** Runs a target on an input. */
export type Execute = (target: FuzzTarget, input: Uint8Array) => Promise<Verdict>;

/** An input that reached something new, with its counters. */
export interface Kept {
  readonly input: Uint8Array;
  readonly reached: readonly number[];
}

/** The fuzzing state of one target. */
export class Fuzzer {
  readonly target: FuzzTarget;
  readonly kept: Kept[] = [];
  executions = 0;
  readonly #execute: Execute;
  readonly #counters: Uint8Array;
  /** For each counter, how often it was hit so far: one bit for each power of two. */
  readonly #seen: Uint8Array;
  readonly #tokens: readonly Uint8Array[];
  readonly #random: Random;

  constructor(
    target: FuzzTarget,
    execute: Execute,
    { counters, tokens, seed }: { counters: Uint8Array; tokens: readonly Uint8Array[]; seed: number },
  ) {
    this.target = target;
    this.#execute = execute;
    this.#counters = counters;
    this.#seen = new Uint8Array(counters.length);
    this.#tokens = tokens;
    this.#random = seededRandom(seed);
  }

  /** Returns whether a counter has been hit. */
  reaches(counter: number): boolean {
    return this.#seen[counter] !== 0;
  }

  /** Runs an input, and keeps it if it reached something new. */
  async run(input: Uint8Array): Promise<void> {
    this.#counters.fill(0);
    await this.#execute(this.target, input);
    this.executions++;
    const reached = this.#newlyReached();
    if (reached.length > 0) this.kept.push({ input, reached });
  }

  /** Makes a new input from a kept input. Later inputs are chosen more often. */
  next(): Uint8Array {
    const random = this.#random;
    const recent = random(2) === 0 ? Math.min(16, this.kept.length) : this.kept.length;
    const { input } = this.kept[this.kept.length - 1 - random(recent)];
    return this.#mutate(input).subarray(0, MAX_INPUT);
  }

  #mutate(input: Uint8Array): Uint8Array {
    const random = this.#random;
    switch (random(8)) {
      case 0:
        return this.#withToken(input);
      case 1:
        return this.#spliced(input);
      case 2:
      case 3:
      case 4:
        return this.target.structure === "der" ? mutateDer(input, random) : mutate(input, random);
      default:
        return mutate(input, random);
    }
  }

  #withToken(input: Uint8Array): Uint8Array {
    const token = this.#tokens[this.#random(this.#tokens.length)];
    const at = this.#random(input.length + 1);
    const over = this.#random(2) === 0 ? 0 : token.length;
    return concat(input.subarray(0, at), token, input.subarray(at + over));
  }

  #spliced(input: Uint8Array): Uint8Array {
    const { input: other } = this.kept[this.#random(this.kept.length)];
    return concat(
      input.subarray(0, this.#random(input.length + 1)),
      other.subarray(this.#random(other.length + 1)),
    );
  }

  #newlyReached(): number[] {
    const reached: number[] = [];
    for (let i = 0; i < this.#counters.length; i++) {
      const hits = this.#counters[i];
      if (hits === 0) continue;
      const bit = 1 << Math.min(7, 31 - Math.clz32(hits));
      if (this.#seen[i] & bit) continue;
      this.#seen[i] |= bit;
      reached.push(i);
    }
    return reached;
  }
}
