/** Reads the JUnit reports of node --test, deno test and bun test. */

/** The result of one test, as its runner reports it. */
export interface Executed {
  readonly name: string;
  readonly outcome: "passed" | "failed" | "skipped";
  /** The runner's message about a failure. */
  readonly detail: string;
}

const ATTRIBUTES = `(?:\\s+[\\w:]+="[^"]*")*`;
const TEST_CASE = new RegExp(`<testcase(${ATTRIBUTES})\\s*(?:/>|>([\\s\\S]*?)</testcase>)`, "g");
const FAULT = new RegExp(`<(?:failure|error)(${ATTRIBUTES})\\s*(?:/>|>([\\s\\S]*?)</(?:failure|error)>)`);

/** Returns the tests of a report in its order. */
export function parseJunit(xml: string): Executed[] {
  return [...xml.matchAll(TEST_CASE)].map(([, attributes, content = ""]) => {
    const name = plain(attribute(attributes, "name"));
    const fault = FAULT.exec(content);
    if (fault) {
      const detail = fault[2]?.trim() || attribute(fault[1], "message");
      return { name, outcome: "failed", detail: plain(detail) };
    }
    return { name, outcome: content.includes("<skipped") ? "skipped" : "passed", detail: "" };
  });
}

function attribute(attributes: string, name: string): string {
  return new RegExp(`\\s${name}="([^"]*)"`).exec(attributes)?.[1] ?? "";
}

/**
 * Decodes the entities of XML twice, because Node escapes attributes twice. Names are compared in this form on both sides,
 * since a name may itself contain entities.
 */
export function plain(text: string): string {
  return unescape(unescape(text));
}

const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function unescape(text: string): string {
  return text.replace(
    /&(?:#x([0-9a-f]+)|#(\d+)|(amp|lt|gt|quot|apos));/gi,
    (_, hex: string | undefined, decimal: string | undefined, name: string) =>
      hex ?? decimal ? String.fromCodePoint(hex ? parseInt(hex, 16) : Number(decimal)) : ENTITIES[name],
  );
}
