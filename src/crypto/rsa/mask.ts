/** Returns all ones if `value`, a number of up to 31 bits, is zero, else zero; without a branch on a secret. */
export function maskIfZero(value: number): number {
  return (value - 1 & ~value) >> 31;
}
