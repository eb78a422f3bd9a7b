/**
 * Multiples of points by secret scalars: as many additions and doublings, in the same order, for every scalar, starting from
 * a random representation of zero (Coron 1999), so that no intermediate number can be predicted. No digit of a scalar is zero:
 * BigInt multiplies by the coordinates of zero in less time, so leading zeros of a nonce would show, from which a lattice finds
 * the key (Minerva 2020). What JavaScript leaves open is in docs/security.md.
 */

import { bigIntToBytes, bytesToBigInt } from "../../bigint.ts";
import { randomBytes } from "../random.ts";
import type { Group } from "./group.ts";

/** The bits of a digit of the scalar: two digits to a byte. Digits are from 1 to 16. */
const WIDTH = 4;

/** Returns `scalar * point`, for a scalar below the order of the group, and a point of that order. */
export function secretMultiple<Point>(group: Group<Point>, scalar: bigint, point: Point): Point {
  const multiples = multiplesTo16(group, randomized(group, point));
  let sum = randomized(group, group.zero);
  for (const digit of digitsOf(group, scalar)) {
    for (let i = 0; i < WIDTH; i++) sum = group.double(sum);
    sum = group.add(sum, multiples[digit - 1]);
  }
  return sum;
}

/** Returns `scalar * generator`: with a table for every place of a digit, no doublings are left. */
export function secretMultipleOfGenerator<Point>(group: Group<Point>, scalar: bigint): Point {
  const table = generatorTable(group);
  let sum = randomized(group, group.zero);
  digitsOf(group, scalar).forEach((digit, place) => sum = group.add(sum, table[place][digit - 1]));
  return sum;
}

/** How many digits there are: one more than fill the group's size. */
function lengthOf<Point>({ size }: Group<Point>): number {
  return 2 * size + 1;
}

/** The digits of a scalar, or of a number that is the same modulo the group's order, the most significant first. */
function digitsOf<Point>(group: Group<Point>, scalar: bigint): number[] {
  const length = lengthOf(group);
  const ones = (16n ** BigInt(length) - 1n) / 15n; // its digits are ones
  const reduced = scalar + group.n - ones % group.n; // below twice the order, so that its digits, from 0 to 15, suffice
  const digits = [...bigIntToBytes(reduced, group.size + 1)].flatMap((byte) => [byte >> 4, byte & 15]);
  return digits.slice(-length).map((digit) => digit + 1);
}

/** 1, 2, 3 … 16 times the point. */
function multiplesTo16<Point>(group: Group<Point>, point: Point): Point[] {
  const multiples = [point];
  for (let i = 1; i < 1 << WIDTH; i++) multiples.push(group.add(multiples[i - 1], point));
  return multiples;
}

/** The same point in other coordinates. The factor is below the field's prime, and not zero. */
function randomized<Point>(group: Group<Point>, point: Point): Point {
  return group.scale(point, bytesToBigInt(randomBytes(group.size - 1)) + 1n);
}

const generatorTables = new WeakMap<object, unknown>();

/** The multiples of the generator by 16^i, for the most significant digit first. */
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
