/**
 * Scalar multiplication with secret scalars. Every scalar takes the same sequence of additions and doublings, starting from
 * a random representation of zero (Coron 1999), so that no intermediate number can be predicted. No digit of a scalar is
 * zero: BigInt multiplication is faster with the coordinates of the zero point, so the time would reveal a nonce's leading
 * zeros, from which a lattice attack finds the key (Minerva 2020). docs/security.md describes what JavaScript cannot prevent.
 */

import { bigIntToBytes, bytesToBigInt } from "../../bigint.ts";
import { randomBytes } from "../random.ts";
import type { Group } from "./group.ts";

/** The bits in a digit of a scalar: a byte has two digits. Digits are from 1 to 16. */
const WIDTH = 4;

/** Returns `scalar * point`, for a scalar below the group's order and a point of that order. */
export function secretMultiple<Point>(group: Group<Point>, scalar: bigint, point: Point): Point {
  const multiples = multiplesTo16(group, randomized(group, point));
  let sum = randomized(group, group.zero);
  for (const digit of digitsOf(group, scalar)) {
    for (let i = 0; i < WIDTH; i++) sum = group.double(sum);
    sum = group.add(sum, multiples[digit - 1]);
  }
  return sum;
}

/** Returns `scalar * generator`. It uses a table for every position of a digit, so no doublings are needed. */
export function secretMultipleOfGenerator<Point>(group: Group<Point>, scalar: bigint): Point {
  const table = generatorTable(group);
  let sum = randomized(group, group.zero);
  digitsOf(group, scalar).forEach((digit, place) => sum = group.add(sum, table[place][digit - 1]));
  return sum;
}

/** Returns how many digits a scalar has: two for each byte of the group's size, and one more. */
function lengthOf<Point>({ size }: Group<Point>): number {
  return 2 * size + 1;
}

/** Returns the digits, most significant first, of a scalar or of a number congruent to it modulo the group's order. */
function digitsOf<Point>(group: Group<Point>, scalar: bigint): number[] {
  const length = lengthOf(group);
  const ones = (16n ** BigInt(length) - 1n) / 15n; // 0x111…1
  const reduced = scalar + group.n - ones % group.n; // below twice the order, so it has at most `length` digits from 0 to 15
  const digits = [...bigIntToBytes(reduced, group.size + 1)].flatMap((byte) => [byte >> 4, byte & 15]);
  return digits.slice(-length).map((digit) => digit + 1);
}

/** Returns 1, 2, 3 … 16 times the point. */
function multiplesTo16<Point>(group: Group<Point>, point: Point): Point[] {
  const multiples = [point];
  for (let i = 1; i < 1 << WIDTH; i++) multiples.push(group.add(multiples[i - 1], point));
  return multiples;
}

/** Returns the same point with its coordinates multiplied by a random nonzero factor below the field's prime. */
function randomized<Point>(group: Group<Point>, point: Point): Point {
  return group.scale(point, bytesToBigInt(randomBytes(group.size - 1)) + 1n);
}

const generatorTables = new WeakMap<object, unknown>();

/** Returns the multiples of 16^i times the generator for each digit i, the most significant digit first. */
function generatorTable<Point>(group: Group<Point>): Point[][] {
  const known = generatorTables.get(group) as Point[][] | undefined;
  if (known !== undefined) return known;
  const rows: Point[][] = [];
  let point = randomized(group, group.generator);
  for (let place = 0; place < lengthOf(group); place++) {
    const row = multiplesTo16(group, point);
    rows.unshift(row);
    point = row[15];
  }
  generatorTables.set(group, rows);
  return rows;
}
