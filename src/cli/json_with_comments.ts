/** JSON with comments, as editors know it: `// …` to the end of the line, and between slash and asterisk. */

const STRING_OR_COMMENT = /"(?:[^"\\\n]|\\.)*"|\/\/[^\n\r]*|\/\*[^]*?\*\//g;

/**
 * Reads JSON in which comments may stand wherever white space may.
 *
 * @throws {SyntaxError} As `JSON.parse` does; places in its message are right, since a comment counts as blanks.
 */
export function parseJsonWithComments(text: string): unknown {
  return JSON.parse(
    text.replace(STRING_OR_COMMENT, (found) => found[0] === '"' ? found : found.replace(/[^\n\r]/g, " ")),
  );
}
