/** PEM (RFC 7468, with the headers of RFC 1421), read in one pass over the lines. */

import { fromBase64, toBase64 } from "../bytes.ts";
import { ChannelError } from "../errors.ts";

/** One PEM block. */
export interface PemBlock {
  /** What the block says it is: `CERTIFICATE`, `PRIVATE KEY`, … */
  readonly label: string;
  /** RFC 1421 headers, as old encrypted keys have; empty in everything else. */
  readonly headers: ReadonlyMap<string, string>;
  /** The decoded contents. */
  readonly bytes: Uint8Array;
}

/**
 * All blocks of a text, in order; text between blocks is ignored. Line ends may be LF, CRLF or CR, and there may be a byte
 * order mark in front.
 *
 * @throws {ChannelError} `"malformed"` where a block does not end, ends under another label, or is not base64.
 */
export function decodePem(text: string): PemBlock[] {
  const blocks: PemBlock[] = [];
  let label: string | undefined;
  let body: string[] = [];
  for (const line of text.replace(/^\ufeff/, "").split(/\r\n|\n|\r/)) {
    const boundary = /^-----(BEGIN|END) ([\x21-\x7e](?:[\x20-\x7e]{0,100}[\x21-\x7e])?)-----[ \t]*$/.exec(
      line,
    );
    if (boundary === null) {
      if (label !== undefined) body.push(line.trim());
    } else if (boundary[1] === "BEGIN") {
      if (label !== undefined) throw new ChannelError("malformed", "a PEM block begins inside another");
      label = boundary[2];
      body = [];
    } else {
      if (label !== boundary[2]) throw new ChannelError("malformed", "a PEM block ends that did not begin");
      blocks.push(decodeBlock(label, body));
      label = undefined;
    }
  }
  if (label !== undefined) throw new ChannelError("malformed", "a PEM block does not end");
  return blocks;
}

/** One PEM block, in lines of 64 characters, with a line end at its end. */
export function encodePem(label: string, bytes: Uint8Array): string {
  const lines = toBase64(bytes).match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ""].join("\n");
}

function decodeBlock(label: string, lines: readonly string[]): PemBlock {
  const headers = new Map<string, string>();
  let start = 0;
  let last = "";
  // Base64 has no colon, so that a first line with one begins headers, which an empty line ends.
  if (lines.length > 0 && lines[0].includes(":")) {
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
    return { label, headers, bytes: fromBase64(lines.slice(start).join("").replace(/[ \t]+/g, "")) };
  } catch (cause) {
    throw new ChannelError("malformed", `the PEM block ${label} is not base64`, { cause });
  }
}
