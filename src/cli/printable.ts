/** Text from elsewhere, for a terminal or a log. */

import { toHex, toUtf8 } from "../bytes.ts";

/** Control characters, line separators, and those that turn the direction of text (Unicode UAX 9, section 2). */
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

/** The text with what is unprintable escaped as in a distinguished name, `\1b`. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (character) => toHex(toUtf8(character)).replace(/../g, "\\$&"));
}

/** Whether all of the text can be printed as it is. */
export function isPrintable(text: string): boolean {
  return text.search(UNPRINTABLE) < 0;
}
