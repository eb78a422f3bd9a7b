/** A hex dump: sixteen bytes in a row, and the readable characters beside them. */
import { h } from "./dom.ts";
import { bytesText } from "./format.ts";
import type { RecordPart } from "./wire/records.ts";

const ROW = 16;
const HALF = ROW / 2;
const MOST_ROWS = 12;

/** A class for each byte, or none. */
type Classes = readonly string[];

/** Shows the bytes; `parts` colours them, and `readable` marks the plain text in them. */
export function hexDump(bytes: Uint8Array, parts: readonly RecordPart[] = [], readable?: Span): HTMLElement {
  const classes = classesOf(bytes.length, parts, readable);
  const shown = Math.min(bytes.length, MOST_ROWS * ROW);
  const dump = h("div", { class: "dump" });
  for (let offset = 0; offset < shown; offset += ROW) dump.append(row(bytes, classes, offset));
  if (shown < bytes.length) {
    dump.append(h("p", { class: "more" }, `and ${bytesText(bytes.length - shown)} more`));
  }
  return dump;
}

/** A range of bytes. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Returns the range of `part` in `bytes`. */
export function find(bytes: Uint8Array, part: Uint8Array): Span | undefined {
  for (let start = 0; part.length > 0 && start + part.length <= bytes.length; start++) {
    if (part.every((byte, i) => bytes[start + i] === byte)) return { start, end: start + part.length };
  }
  return undefined;
}

function classesOf(length: number, parts: readonly RecordPart[], readable: Span | undefined): Classes {
  const classes = parts.flatMap((part) => Array<string>(part.length).fill(part.kind));
  if (readable) classes.fill("readable", readable.start, readable.end);
  return classes.slice(0, length);
}

/** Half a row. */
interface Half {
  readonly bytes: Uint8Array;
  readonly classes: Classes;
}

/** One row in two halves; a narrow screen shows the second below the first. */
function row(bytes: Uint8Array, classes: Classes, offset: number): HTMLElement {
  const halves = [offset, offset + HALF].map((start) => ({
    bytes: bytes.subarray(start, start + HALF),
    classes: classes.slice(start, start + HALF),
  }));
  const columns = (name: string, text: (byte: number) => string, gap: string) =>
    halves.map((half) => h("span", { class: name }, ...runs(half, text, gap)));
  return h(
    "div",
    { class: "row" },
    h("span", { class: "offset" }, offset.toString(16).padStart(4, "0")),
    ...columns("hex", (byte) => byte.toString(16).padStart(2, "0"), " "),
    ...columns("text", (byte) => byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "·", ""),
  );
}

/** The bytes as text; neighbours of the same class share an element. */
function runs(
  { bytes, classes }: Half,
  text: (byte: number) => string,
  gap: string,
): (HTMLElement | string)[] {
  const elements: (HTMLElement | string)[] = [];
  for (let start = 0, end; start < bytes.length; start = end) {
    for (end = start + 1; end < bytes.length && classes[end] === classes[start];) end++;
    const tag = classes[start] === "readable" ? "mark" : "span";
    elements.push(h(tag, { class: classes[start] }, Array.from(bytes.subarray(start, end), text).join(gap)));
    if (end < bytes.length) elements.push(gap);
  }
  return elements;
}
