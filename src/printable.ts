/** Makes untrusted text safe for a terminal or a log. */

import { toHex, toUtf8 } from "./bytes.ts";

/**
 * The unprintable characters: control characters, line separators, and characters that change the direction of text (Unicode
 * UAX 9, section 2).
 */
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

/** Escapes unprintable characters, as RFC 4514 section 2.4 escapes bytes: `\1b`. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (character) => toHex(toUtf8(character)).replace(/../g, "\\$&"));
}

/** Returns whether the text has no unprintable characters. */
export function isPrintable(text: string): boolean {
  return text.search(UNPRINTABLE) < 0;
}
