/** The sliding windows of an exponent. */

/** The width of a window: 6 needs the fewest multiplications for exponents of 512 to 2048 bits. */
const WIDTH = 6;

/** The number of odd powers of the base that the windows use. */
export const ODD_POWERS: number = 1 << WIDTH - 1;

/**
 * The steps of one window: some squarings, then a multiplication by the base to the power `2 * odd + 1`. The last window has
 * squarings alone.
 */
export interface Window {
  readonly squarings: number;
  readonly odd: number | undefined;
}

/**
 * Returns an exponent as sliding windows, the highest first (Menezes, van Oorschot and Vanstone, Handbook of Applied Cryptography,
 * algorithm 14.85).
 */
export function windowsOf(exponent: bigint): Window[] {
  const bits = exponent.toString(2);
  const windows: Window[] = [];
  let squarings = 0;
  for (let next = 0; next < bits.length;) {
    if (bits[next] === "0") {
      squarings++;
      next++;
      continue;
    }
    let end = Math.min(next + WIDTH, bits.length);
    while (bits[end - 1] === "0") end--;
    windows.push({ squarings: squarings + end - next, odd: parseInt(bits.slice(next, end), 2) >> 1 });
    squarings = 0;
    next = end;
  }
  return [...windows, { squarings, odd: undefined }];
}
