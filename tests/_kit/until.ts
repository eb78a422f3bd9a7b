/** Waits for what must come, however slow the machine is. */

/** Milliseconds that a test waits for something: enough for a busy machine, since only what hangs takes as long. */
export const PATIENCE = 90_000;

/** What {@link until} waits for, and what it says if that does not come. */
export interface Awaited<T> {
  /** Whether what was seen is what was waited for; by default, whether it is truthy. */
  readonly holds?: (seen: T) => boolean;
  /** What else the failure shows, such as a program's output. */
  readonly about?: () => string;
}

/**
 * Looks again and again until what it sees holds, and returns that. A look that throws is repeated, too.
 *
 * @throws {Error} If it does not hold within {@link PATIENCE}: the message says what was seen last.
 */
export async function until<T>(
  look: () => T | Promise<T>,
  { holds = Boolean, about = () => "" }: Awaited<T> = {},
): Promise<T> {
  let last: string;
  const end = performance.now() + PATIENCE;
  do {
    try {
      const seen = await look();
      if (holds(seen)) return seen;
      last = typeof seen === "string" ? seen : `${JSON.stringify(seen)}`;
    } catch (error) {
      last = `${error}`;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  } while (performance.now() < end);
  throw new Error(`not within ${PATIENCE / 1000} s: ${look}. Seen last: ${last}\n${about()}`);
}
