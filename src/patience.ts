/** Waiting, but no longer than so many milliseconds. */

/** What `setTimeout` gives. */
type Timer = ReturnType<typeof setTimeout>;

/** The most milliseconds that a timer takes, some 25 days; of more, such as `Infinity`, it makes 1. */
const LONGEST = 2 ** 31 - 1;

/** Calls `action` after so many milliseconds, or after the most that a timer takes. */
export function after(milliseconds: number, action: () => void): Timer {
  return setTimeout(action, Math.min(milliseconds, LONGEST));
}

/** Whether `work` settles, either way, within so many milliseconds. */
export async function settlesWithin(milliseconds: number, work: Promise<unknown>): Promise<boolean> {
  let timer: Timer | undefined;
  const late = new Promise<boolean>((resolve) => timer = after(milliseconds, () => resolve(false)));
  const settled = work.then(() => true, () => true);
  const result = await Promise.race([settled, late]);
  clearTimeout(timer);
  return result;
}
