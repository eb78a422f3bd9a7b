/** The pauses of a client between attempts to connect. */

/**
 * Returns a function for the option `delay`. The maximum pause doubles with each failure, from `least` to `most`
 * milliseconds. The pause is chosen at random between 0 and that maximum ("full jitter"), so that the clients of a restarted
 * server do not all reconnect at once.
 *
 * @example
 * ```ts
 * import { backoff } from "@fesa/channel";
 *
 * const delay = backoff({ least: 500, most: 10_000, random: () => 1 });
 * console.log([1, 2, 3, 9].map(delay)); // [500, 1000, 2000, 10000]
 * ```
 */
export function backoff(
  { least = 1_000, most = 30_000, random = Math.random }: {
    readonly least?: number;
    readonly most?: number;
    readonly random?: () => number;
  } = {},
): (failures: number) => number {
  return (failures) => Math.round(random() * Math.min(most, least * 2 ** (failures - 1)));
}
