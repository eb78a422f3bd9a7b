/** Edits of the units of a conversation (records, messages, chunks), which are read from a script of bytes. */
import { concat } from "../../src/bytes.ts";

/** The bytes of one edit in a script: the kind, the unit, and two numbers. */
const EDIT_LENGTH = 4;

/** The most edits of a script. More of them find nothing new and cost time. */
const MAX_EDITS = 12;
const MAX_UNITS = 64;

/** A list of units, changed in place. */
type Edit = (units: Uint8Array[], index: number, a: number, b: number) => void;

const EDITS: readonly Edit[] = [
  // drop, repeat, move, cut the conversation, cut a unit
  (units, index) => void units.splice(index, 1),
  (units, index, a) => void units.splice(a % (units.length + 1), 0, units[index]),
  (units, index, a) => void units.splice(a % units.length, 0, ...units.splice(index, 1)),
  (units, index) => void units.splice(index),
  (units, index, a, b) => void (units[index] = units[index].subarray(0, at(units[index], a, b))),
  // change a bit, a byte; put bytes in, take bytes out; split and join
  (units, index, a, b) => change(units, index, (unit) => unit[at(unit, a, b >> 3)] ^= 1 << (b & 7)),
  (units, index, a, b) => change(units, index, (unit) => unit[a % unit.length] = b),
  (units, index, a, b) => insert(units, index, a % units[index].length, new Uint8Array(b)),
  (units, index, a, b) => {
    const place = a % units[index].length;
    units[index] = concat(units[index].subarray(0, place), units[index].subarray(place + 1 + b % 16));
  },
  (units, index, a, b) => {
    const place = at(units[index], a, b);
    units.splice(index, 1, units[index].subarray(0, place), units[index].subarray(place));
  },
  (units, index) => void units.splice(index, 2, concat(...units.slice(index, index + 2))),
  // a unit of another kind, a record of the attacker's own, a message whose length is made to fit
  (units, index, a) => change(units, index, (unit) => unit[0] = a),
  (units, index, a, b) => void units.splice(index, 0, record(20 + a % 5, new Uint8Array(b).fill(a >> 3))),
  (units, index, a, b) => void units.splice(index, 0, record(22, message(a, b))),
  (units, index, a, b) => resize(units, index, a, b),
];

/** Returns the units after the edits of a script. */
export function edited(units: readonly Uint8Array[], script: Uint8Array): Uint8Array[] {
  const list = [...units];
  for (let i = 0; i + EDIT_LENGTH <= script.length && i < MAX_EDITS * EDIT_LENGTH; i += EDIT_LENGTH) {
    const [edit, index, a, b] = script.subarray(i, i + EDIT_LENGTH);
    if (list.length === 0 || list.length > MAX_UNITS || list[index % list.length].length === 0) continue;
    EDITS[edit % EDITS.length](list, index % list.length, a, b);
  }
  return list;
}

/** Returns scripts with one edit of each kind. */
export const ONE_EDIT_EACH: readonly Uint8Array[] = EDITS.map((_, edit) =>
  Uint8Array.of(edit, 1, 5 + edit, 1)
);

function at(unit: Uint8Array, high: number, low: number): number {
  return (high << 8 | low) % unit.length;
}

function change(units: Uint8Array[], index: number, how: (unit: Uint8Array) => void): void {
  const unit = units[index].slice();
  how(unit);
  units[index] = unit;
}

function insert(units: Uint8Array[], index: number, place: number, bytes: Uint8Array): void {
  units[index] = concat(units[index].subarray(0, place), bytes, units[index].subarray(place));
}

function record(type: number, fragment: Uint8Array): Uint8Array {
  return concat(Uint8Array.of(type, 3, 3, fragment.length >> 8, fragment.length & 0xff), fragment);
}

function message(type: number, length: number): Uint8Array {
  return concat(Uint8Array.of(type, 0, 0, length), new Uint8Array(length));
}

/**
 * Inserts bytes into the handshake message of a record and corrects both lengths, so that the bytes reach the parsers behind
 * the framing.
 */
function resize(units: Uint8Array[], index: number, a: number, b: number): void {
  const unit = units[index];
  if (unit[0] !== 22 || unit.length < 9) return;
  const body = unit.subarray(9);
  const place = a % (body.length + 1);
  const changed = b & 1
    ? concat(body.subarray(0, place), body.subarray(place + 1 + (b >> 4)))
    : concat(body.subarray(0, place), new Uint8Array(1 + (b >> 4)), body.subarray(place));
  const { length } = changed;
  const header = Uint8Array.of(unit[5], length >> 16, length >> 8 & 0xff, length & 0xff);
  units[index] = record(22, concat(header, changed));
}
