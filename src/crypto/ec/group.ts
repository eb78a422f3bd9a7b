/**
 * A group of points with a generator of prime order, and scalar multiplication for signature verification: sums of two
 * multiples by interleaved width-w non-adjacent forms (Shamir's trick). Scalars and points must be public, because the time
 * depends on them. secret_multiple.ts is for secret scalars.
 */

/** A commutative group, written additively. Its points have projective coordinates. */
export interface Group<Point> {
  /** The order of the generator, a prime. */
  readonly n: bigint;
  readonly generator: Point;
  readonly zero: Point;
  /** The length of a coordinate, and of a scalar, in bytes. */
  readonly size: number;
  /** Adds any two points. The sequence of operations is always the same. */
  add(a: Point, b: Point): Point;
  double(a: Point): Point;
  negate(a: Point): Point;
  /** Returns the same point with all its coordinates multiplied by `factor`. */
  scale(a: Point, factor: bigint): Point;
}

/** A point's odd multiples 1, 3, 5 … 2^(window-1) - 1: the table of {@link sumOfMultiples}. */
export interface Multiples<Point> {
  readonly window: number;
  readonly odd: readonly Point[];
}

/** Computes the table for a point; a wider window costs more here and less in each sum. */
export function multiplesOf<Point>(group: Group<Point>, point: Point, window: number): Multiples<Point> {
  const twice = group.double(point);
  const odd = [point];
  for (let i = 1; i < 1 << (window - 2); i++) odd.push(group.add(odd[i - 1], twice));
  return { window, odd };
}

/** Returns `a * A + b * B` for non-negative scalars and the tables of A and B. */
export function sumOfMultiples<Point>(
  group: Group<Point>,
  a: bigint,
  tableA: Multiples<Point>,
  b: bigint,
  tableB: Multiples<Point>,
): Point {
  const digitsA = nonAdjacentForm(a, tableA.window);
  const digitsB = nonAdjacentForm(b, tableB.window);
  let sum = group.zero;
  for (let i = Math.max(digitsA.length, digitsB.length) - 1; i >= 0; i--) {
    sum = addDigit(group, group.double(sum), digitsA[i], tableA);
    sum = addDigit(group, sum, digitsB[i], tableB);
  }
  return sum;
}

function addDigit<Point>(
  group: Group<Point>,
  sum: Point,
  digit: number | undefined,
  table: Multiples<Point>,
): Point {
  if (!digit) return sum;
  const multiple = table.odd[Math.abs(digit) >> 1];
  return group.add(sum, digit > 0 ? multiple : group.negate(multiple));
}

/** Returns the digits of a scalar, least significant first: each zero or odd, below 2^(width-1) in absolute value. */
function nonAdjacentForm(scalar: bigint, width: number): number[] {
  const bits = scalar.toString(2);
  const digits: number[] = [];
  let carry = 0;
  for (let end = bits.length; end > 0 || carry > 0;) {
    const bit = (end > 0 ? Number(bits[end - 1]) : 0) + carry;
    if (bit !== 1) {
      digits.push(0);
      carry = bit >> 1;
      end--;
      continue;
    }
    const window = (parseInt(bits.slice(Math.max(0, end - width), Math.max(0, end)), 2) || 0) + carry;
    const negative = window >= 1 << (width - 1);
    digits.push(negative ? window - (1 << width) : window);
    for (let i = 1; i < width; i++) digits.push(0);
    carry = negative ? 1 : 0;
    end -= width;
  }
  return digits;
}
