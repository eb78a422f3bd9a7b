/** Verification in steps, so that its caller can let other work run in between. */

import { nextTurn, turnIsSpent } from "../../turns.ts";

/** Work that yields after each costly step: a signature, or the comparison of a name with constraints. */
export type Steps<T> = Generator<void, T, void>;

/** Does all the work at once, and returns its result. */
export function finish<T>(steps: Steps<T>): T {
  let step = steps.next();
  while (!step.done) step = steps.next();
  return step.value;
}

/** Does the work in slices, and lets the event loop run in between. */
export async function finishFairly<T>(steps: Steps<T>): Promise<T> {
  let step = steps.next();
  while (!step.done) {
    if (turnIsSpent()) await nextTurn();
    step = steps.next();
  }
  return step.value;
}
