/** Returns all ones if `value` is zero, else zero, without a branch on a secret. `value` has up to 31 bits. */
export function maskIfZero(value: number): number {
  return (value - 1 & ~value) >> 31;
}
