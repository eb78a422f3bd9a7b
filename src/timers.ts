/** Time limits. */

/** The type that `setTimeout` returns. */
export type Timer = ReturnType<typeof setTimeout>;

/**
 * The longest time that a timer accepts, in milliseconds: some 25 days. Longer times, such as `Infinity`, are treated as 1.
 */
const LONGEST = 2 ** 31 - 1;

/** Calls `action` after this many milliseconds, at most {@link LONGEST}. */
export function after(milliseconds: number, action: () => void): Timer {
  return setTimeout(action, Math.min(milliseconds, LONGEST));
}

/** As {@link after}, but the timer does not keep the program running. */
export function inBackground(milliseconds: number, action: () => void): Timer {
  const timer = after(milliseconds, action);
  (timer as { unref?(): void }).unref?.(); // in browsers a timer is a number
  return timer;
}

/**
 * Returns whether `work` resolves or rejects within this many milliseconds. The time passes in two halves: if the program
 * stands still during the first, its timers fire before it handles what arrived meanwhile, which the second half allows.
 */
export async function settlesWithin(milliseconds: number, work: Promise<unknown>): Promise<boolean> {
  let timer: Timer | undefined;
  const half = (action: () => void) => void (timer = after(milliseconds / 2, action));
  const late = new Promise<boolean>((resolve) => half(() => half(() => resolve(false))));
  const settled = work.then(() => true, () => true);
  const result = await Promise.race([settled, late]);
  clearTimeout(timer);
  return result;
}
