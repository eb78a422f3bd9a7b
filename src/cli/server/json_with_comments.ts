/** JSON with comments: `// …` to the end of the line, or between slash and asterisk. */

const STRING_OR_COMMENT = /"(?:[^"\\\n]|\\.)*"|\/\/[^\n\r]*|\/\*[^]*?\*\//g;

/**
 * Reads JSON in which comments may stand wherever white space may.
 *
 * @throws {SyntaxError} If the text is not JSON. Positions in the message are right, since each comment is
 * replaced with blanks of the same length.
 */
export function parseJsonWithComments(text: string): unknown {
  return JSON.parse(
    text.replace(STRING_OR_COMMENT, (found) => found[0] === '"' ? found : found.replace(/[^\n\r]/g, " ")),
  );
}
