/**
 * Multiples of points by secret scalars: as many additions and doublings, in the same order, for every scalar, starting from
 * a random representation of zero (Coron 1999), so that no intermediate number can be predicted. What JavaScript leaves open
 * (BigInt's own time, the address of a looked-up multiple) is in docs/security.md.
 */

import { bigIntToBytes, bytesToBigInt } from "../../bigint.ts";
import { randomBytes } from "../random.ts";
import type { Group } from "./group.ts";

/** The bits of a digit of the scalar: two digits to a byte. */
const WIDTH = 4;

/** Returns `scalar * point`, for a scalar that fits in the group's size. */
export function secretMultiple<Point>(group: Group<Point>, scalar: bigint, point: Point): Point {
  const multiples = multiplesTo15(group, point);
  let sum = randomZero(group);
  for (const digit of digitsOf(group, scalar)) {
    for (let i = 0; i < WIDTH; i++) sum = group.double(sum);
    sum = group.add(sum, multiples[digit]);
  }
  return sum;
}

/** Returns `scalar * generator`: with a table for every place of a digit, no doublings are left. */
export function secretMultipleOfGenerator<Point>(group: Group<Point>, scalar: bigint): Point {
  const table = generatorTable(group);
  let sum = randomZero(group);
  digitsOf(group, scalar).forEach((digit, place) => sum = group.add(sum, table[place][digit]));
  return sum;
}

/** The digits of a scalar, the most significant first. */
function digitsOf<Point>(group: Group<Point>, scalar: bigint): number[] {
  return [...bigIntToBytes(scalar, group.size)].flatMap((byte) => [byte >> 4, byte & 15]);
}

/** 0, 1, 2 … 15 times the point. */
function multiplesTo15<Point>(group: Group<Point>, point: Point): Point[] {
  const multiples = [group.zero];
  for (let i = 1; i < 1 << WIDTH; i++) multiples.push(group.add(multiples[i - 1], point));
  return multiples;
}

/** All points are multiplied by this number's powers, whatever it is, as long as it is not zero modulo the field's prime. */
function randomZero<Point>(group: Group<Point>): Point {
  return group.scale(group.zero, bytesToBigInt(randomBytes(group.size - 1)) + 1n);
}

const generatorTables = new WeakMap<object, unknown>();

/** The multiples of the generator by 16^i, for the most significant digit first. */
function generatorTable<Point>(group: Group<Point>): Point[][] {
  const known = generatorTables.get(group) as Point[][] | undefined;
  if (known !== undefined) return known;
  const rows: Point[][] = [];
  let point = group.generator;
  for (let place = 0; place < group.size * 2; place++) {
    const row = multiplesTo15(group, point);
    rows.unshift(row);
    point = group.add(row[15], point);
  }
  generatorTables.set(group, rows);
  return rows;
}
