/** PEM (RFC 7468, with the headers of RFC 1421), read leniently, in the forms that occur in files and environment variables. */

import { fromBase64, toBase64 } from "../bytes.ts";
import { ChannelError } from "../errors.ts";

/** One PEM block. */
export interface PemBlock {
  /** The label: `CERTIFICATE`, `PRIVATE KEY`, … */
  readonly label: string;
  /** The headers of RFC 1421, which only old encrypted keys have. */
  readonly headers: ReadonlyMap<string, string>;
  /** The decoded contents. */
  readonly bytes: Uint8Array;
}

/** RFC 7468 section 3: `-----BEGIN label-----` and `-----END label-----`. A label has no two hyphens in a row. */
const BOUNDARY = /-----(BEGIN|END) ([!-,.-~](?:[ -]?[!-,.-~]){0,100})-----/g;

/** The characters that may precede BEGIN on its line. `\s` includes the byte order mark. */
const LEAD_IN = /^(?:\s|\\[nrt]|["'`])*$/;

/** A line end, which may be written as the two characters `\n`, as is common in environment variables and YAML. */
const LINE_END = /\r\n|\n|\r|(?:\\r)?\\n/;

/**
 * Reads all blocks of a text, in order, and ignores the text between them. White space is ignored as in the lax form of RFC
 * 7468 section 3: lines may be indented, a block may be one line, and the next one may follow without a line end. Line ends
 * may be written as `\n`, as in environment variables, and quotation marks may surround a block. If any other character
 * precedes BEGIN on its line, the block is part of a comment and is ignored.
 *
 * @param text The text, or a file's bytes: UTF-8, UTF-16 with a byte order mark, or any encoding that includes ASCII.
 * @throws {ChannelError} `"malformed"` if a block does not end, ends with another label, or is not base64.
 */
export function decodePem(text: string | Uint8Array): PemBlock[] {
  if (typeof text !== "string") text = fileText(text);
  const blocks: PemBlock[] = [];
  let open: string | undefined; // the label of the block that has begun
  let afterBlock = true;
  let last = 0;
  for (const { 0: boundary, 1: kind, 2: label, index } of text.matchAll(BOUNDARY)) {
    const between = text.slice(last, index);
    last = index + boundary.length;
    if (open === undefined && !beginsLine(between, afterBlock)) {
      afterBlock = false; // a boundary in a comment
    } else if (kind === "BEGIN") {
      if (open !== undefined) throw malformed("a PEM block begins inside another");
      open = label;
    } else {
      if (open === undefined) throw malformed(`the PEM block ${label} has an END without a BEGIN`);
      if (open !== label) throw malformed(`the PEM block ${open} ends as ${label}`);
      blocks.push(decodeBlock(label, between));
      open = undefined;
      afterBlock = true;
    }
  }
  if (open !== undefined) throw malformed(`the PEM block ${open} does not end`);
  return blocks;
}

/** Returns a PEM block in lines of 64 characters, each ended by a line feed. */
export function encodePem(label: string, bytes: Uint8Array): string {
  const lines = toBase64(bytes).match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ""].join("\n");
}

/**
 * Returns a file's text. It is decoded as UTF-16 if it begins with a UTF-16 byte order mark, which Windows PowerShell
 * writes, and otherwise as UTF-8. Bytes that are neither, such as a comment in Latin-1, become replacement characters. A
 * byte order mark is dropped.
 */
export function fileText(bytes: Uint8Array): string {
  const mark = (bytes[0] << 8) | bytes[1];
  if (mark === 0xfffe) return new TextDecoder("utf-16le").decode(bytes);
  if (mark === 0xfeff) return new TextDecoder("utf-16be").decode(bytes);
  return new TextDecoder().decode(bytes);
}

/** Returns whether the next boundary begins its line, apart from white space and quotation marks, or follows a block. */
function beginsLine(before: string, afterBlock: boolean): boolean {
  const line = Math.max(before.lastIndexOf("\n"), before.lastIndexOf("\r")) + 1;
  return (line > 0 || afterBlock) && LEAD_IN.test(before.slice(line));
}

function decodeBlock(label: string, body: string): PemBlock {
  const lines = body.trim().replace(/^(?:(?:\\r)?\\n)+/, "").split(LINE_END).map((line) => line.trim());
  const headers = new Map<string, string>();
  let start = 0;
  let last = "";
  // Base64 has no colon, so a first line with one is a header. An empty line ends the headers.
  if (lines[0].includes(":")) {
    for (; start < lines.length && lines[start] !== ""; start++) {
      const colon = lines[start].indexOf(":");
      if (colon > 0) {
        last = lines[start].slice(0, colon);
        headers.set(last, lines[start].slice(colon + 1).trim());
      } else {
        headers.set(last, headers.get(last) + lines[start]);
      }
    }
  }
  try {
    return { label, headers, bytes: fromBase64(lines.slice(start).join("").replace(/\s+/g, "")) };
  } catch (cause) {
    throw new ChannelError("malformed", `the PEM block ${label} is not base64`, { cause });
  }
}

function malformed(message: string): ChannelError {
  return new ChannelError("malformed", message);
}
