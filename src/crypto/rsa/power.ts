/** Modular exponentiation. */

/** `base` to a public `exponent`: left to right, a bit at a time, for exponents are short and have few ones. */
export function publicPower(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = base;
  for (const bit of exponent.toString(2).slice(1)) {
    result = result * result % modulus;
    if (bit === "1") result = result * base % modulus;
  }
  return result;
}

const WINDOW = 5n;
const MASK = (1n << WINDOW) - 1n;

/** `base` to a secret `exponent` of at most `bits` bits: fixed windows, so that every exponent takes the same steps. */
export function secretPower(base: bigint, exponent: bigint, modulus: bigint, bits: number): bigint {
  const powers = [1n, base];
  for (let i = 2n; i <= MASK; i++) powers.push(powers[Number(i) - 1] * base % modulus);
  let result = 1n;
  for (let i = (BigInt(bits) + WINDOW - 1n) / WINDOW - 1n; i >= 0n; i--) {
    for (let j = 0; j < WINDOW; j++) result = result * result % modulus;
    result = result * powers[Number(exponent >> i * WINDOW & MASK)] % modulus;
  }
  return result;
}
