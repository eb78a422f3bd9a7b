/** Time limits. */

/** The type that `setTimeout` returns. */
export type Timer = ReturnType<typeof setTimeout>;

/** The most milliseconds that a timer accepts, some 25 days; it treats more, such as `Infinity`, as 1. */
const LONGEST = 2 ** 31 - 1;

/** Calls `action` after this many milliseconds, or after the most that a timer accepts. */
export function after(milliseconds: number, action: () => void): Timer {
  return setTimeout(action, Math.min(milliseconds, LONGEST));
}

/** Does the same, but does not keep the program alive for it. */
export function inBackground(milliseconds: number, action: () => void): Timer {
  const timer = after(milliseconds, action);
  (timer as { unref?(): void }).unref?.(); // in browsers a timer is a number
  return timer;
}

/** Returns whether `work` settles, either way, within this many milliseconds. */
export async function settlesWithin(milliseconds: number, work: Promise<unknown>): Promise<boolean> {
  let timer: Timer | undefined;
  const late = new Promise<boolean>((resolve) => timer = after(milliseconds, () => resolve(false)));
  const settled = work.then(() => true, () => true);
  const result = await Promise.race([settled, late]);
  clearTimeout(timer);
  return result;
}
