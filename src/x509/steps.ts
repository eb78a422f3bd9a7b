/** Work in steps, so that the caller can let the event loop run between two steps. */

import { nextTurn, turnIsSpent } from "../turns.ts";

/** Work that yields after each costly step: a signature, the comparison of a name with constraints, or the entries of a list. */
export type Steps<T> = Generator<void, T, void>;

/** Runs all steps at once, and returns the result. */
export function finish<T>(steps: Steps<T>): T {
  let step = steps.next();
  while (!step.done) step = steps.next();
  return step.value;
}

/** Runs the steps in short slices of time, and lets the event loop run between them. */
export async function finishFairly<T>(steps: Steps<T>): Promise<T> {
  let step = steps.next();
  while (!step.done) {
    if (turnIsSpent()) await nextTurn();
    step = steps.next();
  }
  return step.value;
}
