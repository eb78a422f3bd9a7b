/** Verification in steps, so that whoever runs it can let other work go on in between. */

import { nextTurn, turnIsSpent } from "../../timers.ts";

/** Work that pauses after each piece that takes time: a signature, or a name compared with constraints. */
export type Steps<T> = Generator<void, T, void>;

/** Does all the work at once. */
export function finish<T>(steps: Steps<T>): T {
  let step = steps.next();
  while (!step.done) step = steps.next();
  return step.value;
}

/** Does the work over as many turns of the event loop as it needs. */
export async function finishFairly<T>(steps: Steps<T>): Promise<T> {
  let step = steps.next();
  while (!step.done) {
    if (turnIsSpent()) await nextTurn();
    step = steps.next();
  }
  return step.value;
}
