/** Object identifiers: the dotted form, and their encoding (X.690 section 8.19). */

import { ChannelError } from "../errors.ts";

/** The longest encoding that is accepted, in bytes. It bounds the work for one identifier. */
const MAX_OID_LENGTH = 1024;

/** Returns the dotted form of an encoded identifier; arcs may be of any size. */
export function decodeOid(contents: Uint8Array): string {
  if (contents.length === 0) throw new ChannelError("malformed", "an object identifier is empty");
  if (contents.length > MAX_OID_LENGTH) throw new ChannelError("limit", "an object identifier is too long");
  if (contents[contents.length - 1] >= 0x80) {
    throw new ChannelError("malformed", "an object identifier ends inside an arc");
  }
  let text = "";
  let offset = 0;
  while (offset < contents.length) {
    if (contents[offset] === 0x80) throw new ChannelError("malformed", "an arc has leading zeros");
    const end = arcEnd(contents, offset);
    const arc = end - offset <= 4 ? smallArc(contents, offset, end) : largeArc(contents, offset, end);
    text = offset === 0 ? firstArcs(arc) : `${text}.${arc}`;
    offset = end;
  }
  return text;
}

/** Encodes the dotted form. Throws `RangeError` if the text is not an object identifier. */
export function encodeOid(oid: string): Uint8Array {
  if (!/^[0-2](\.(0|[1-9][0-9]*))+$/.test(oid)) throw new RangeError(`not an object identifier: ${oid}`);
  const [first, second, ...rest] = oid.split(".").map(BigInt);
  if (first < 2n && second >= 40n) throw new RangeError(`not an object identifier: ${oid}`);
  return Uint8Array.from([first * 40n + second, ...rest].flatMap(encodeArc));
}

function arcEnd(contents: Uint8Array, offset: number): number {
  while (contents[offset] >= 0x80) offset++;
  return offset + 1;
}

function smallArc(contents: Uint8Array, start: number, end: number): number {
  let arc = 0;
  for (let i = start; i < end; i++) arc = arc << 7 | contents[i] & 0x7f;
  return arc;
}

function largeArc(contents: Uint8Array, start: number, end: number): bigint {
  let arc = 0n;
  for (let i = start; i < end; i++) arc = arc << 7n | BigInt(contents[i] & 0x7f);
  return arc;
}

/** Splits the number that the first two arcs share: 40 * first + second, where first is at most 2. */
function firstArcs(arc: number | bigint): string {
  if (arc < 80) return `${Math.floor(Number(arc) / 40)}.${Number(arc) % 40}`;
  return `2.${BigInt(arc) - 80n}`;
}

function encodeArc(arc: bigint): number[] {
  const bytes = [Number(arc & 0x7fn)];
  for (let rest = arc >> 7n; rest > 0n; rest >>= 7n) bytes.unshift(Number(rest & 0x7fn) | 0x80);
  return bytes;
}
