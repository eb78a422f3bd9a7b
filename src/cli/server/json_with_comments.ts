/** JSON with comments, `// …` to the end of the line or between slash and asterisk, and with a comma after the last entry. */

const STRING_OR_COMMENT = /"(?:[^"\\\n]|\\.)*"|\/\/[^\n\r]*|\/\*[^]*?\*\//g;

/** A comma after an entry and before a bracket, or a string, in which commas are left alone. */
const STRING_OR_LAST_COMMA = /"(?:[^"\\\n]|\\.)*"|(?<=["\]}\w]\s*),(?=\s*[\]}])/g;

/**
 * Reads JSON in which comments may stand wherever white space may, and a comma may follow the last entry of a list or object.
 *
 * @throws {SyntaxError} If the text is not JSON. Positions in the message are right, since each comment and comma is
 * replaced with blanks of the same length.
 */
export function parseJsonWithComments(text: string): unknown {
  return JSON.parse(text.replace(STRING_OR_COMMENT, blank).replace(STRING_OR_LAST_COMMA, blank));
}

/** Replaces anything but a string with blanks. */
function blank(found: string): string {
  return found[0] === '"' ? found : found.replace(/[^\n\r]/g, " ");
}
