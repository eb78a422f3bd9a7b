/**
 * Modular exponentiation over `bigint`. Its arithmetic takes a time that depends on the length of the operands and, a
 * little, on their values: what that means for secrets is in docs/security.md.
 *
 * Plain products and remainders are the fastest way there is on most engines, and nearly so on the others: for RSA-2048,
 * Montgomery's method over `bigint` takes 1.4 times as long on Node 20, 2 on Deno 2.9 and 1.7 on Bun 1.4; over limbs of 24
 * bits in a `Float64Array`, in blocks of four by four and with no carry waiting for another, 0.85 to 0.95, 1.8 and 2.
 */

/** `base` to a public `exponent`: a bit at a time, since such exponents are short and have few ones. */
export function publicPower(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = base;
  for (const bit of exponent.toString(2).slice(1)) {
    result = result * result % modulus;
    if (bit === "1") result = result * base % modulus;
  }
  return result;
}

/** The width of the window: 6 needs the fewest multiplications for exponents of 512 to 2048 bits. */
const WINDOW = 6;

/**
 * `base` to a long `exponent`, by sliding windows over a table of odd powers (Menezes, van Oorschot and Vanstone, Handbook of
 * Applied Cryptography, algorithm 14.85). The sequence of steps depends on the exponent alone, never on the base.
 */
export function windowPower(base: bigint, exponent: bigint, modulus: bigint): bigint {
  const oddPowers = [base];
  const square = base * base % modulus;
  for (let i = 1; i < 1 << WINDOW - 1; i++) oddPowers.push(oddPowers[i - 1] * square % modulus);
  const bits = exponent.toString(2);
  let result = 1n;
  let next = 0;
  while (next < bits.length) {
    if (bits[next] === "0") {
      result = result * result % modulus;
      next++;
      continue;
    }
    let end = Math.min(next + WINDOW, bits.length);
    while (bits[end - 1] === "0") end--;
    const digit = parseInt(bits.slice(next, end), 2);
    for (; next < end; next++) result = result * result % modulus;
    result = result * oddPowers[digit >> 1] % modulus;
  }
  return result;
}
