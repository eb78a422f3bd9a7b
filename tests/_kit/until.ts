/** Waits for a condition, even on a slow machine. */

/** The time in milliseconds for which a test waits. It is long enough for a busy machine; only a hang takes this long. */
export const PATIENCE = 90_000;

/** The condition of {@link until}, and details for its error. */
export interface Awaited<T> {
  /** Returns whether the condition holds for a value; by default, whether the value is truthy. */
  readonly holds?: (seen: T) => boolean;
  /** Returns further details for the error, such as a program's output. */
  readonly about?: () => string;
}

/**
 * Calls `look` repeatedly until the condition holds for its result, and returns the result. It also repeats a call that
 * throws.
 *
 * @throws {Error} If the condition does not hold within {@link PATIENCE}. The message has the last result.
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
