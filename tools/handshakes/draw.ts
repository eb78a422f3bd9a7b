/** Draws a handshake as a sequence diagram in SVG. */
import type { Arrow, Diagram, Note, Side, Step } from "./diagrams.ts";

const WIDTH = 460; // so that the text can be read on a phone, too
const LINE = 18; // the height of a line of text
const LIFELINE: Readonly<Record<Side, number>> = { client: 24, server: WIDTH - 24 };
const NOTE = 240; // the width of a note
const [CLEAR, ENCRYPTED, GREY] = ["#b03a2e", "#1e8449", "#5d6d7e"];

/** Returns the diagram as the text of an SVG file. */
export function draw({ title, steps }: Diagram): string {
  const heading = LINE * title.length;
  const parts = [
    ...title.map((line, i) => text(WIDTH / 2, LINE * (i + 1) + 4, line, i === 0 ? 'font-weight="bold"' : "")),
    text(LIFELINE.client, heading + 26, "client"),
    text(LIFELINE.server, heading + 26, "server"),
  ];
  const top = heading + 34;
  let y = top;
  for (const step of steps) {
    parts.push(...("from" in step ? arrow(step, y) : note(step, y)));
    y += heightOf(step);
  }
  const lifelines = Object.values(LIFELINE).map((x) => `<path d="M${x} ${top}V${y}" stroke="${GREY}"/>`);
  parts.push(
    text(WIDTH * 0.3, y + 24, "red: readable by anyone", `fill="${CLEAR}"`),
    text(WIDTH * 0.75, y + 24, "green: encrypted", `fill="${ENCRYPTED}"`),
  );
  const size = `width="${WIDTH}" height="${y + 40}" viewBox="0 0 ${WIDTH} ${y + 40}" role="img"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} font-family="sans-serif" font-size="14" text-anchor="middle">\n` +
    `<title>${escaped(title.join(": "))}</title>\n` +
    `<rect width="100%" height="100%" fill="white"/>\n${[...lifelines, ...parts].join("\n")}\n</svg>\n`;
}

function heightOf(step: Step): number {
  return "from" in step ? LINE * step.sends.length + 18 : LINE * step.does.length + 16;
}

function arrow({ from, sends, encrypted }: Arrow, y: number): string[] {
  const color = encrypted ? ENCRYPTED : CLEAR;
  const [start, end] = from === "client"
    ? [LIFELINE.client, LIFELINE.server]
    : [LIFELINE.server, LIFELINE.client];
  const at = y + LINE * sends.length + 8;
  const back = start < end ? -8 : 8; // from the arrow's point to its barbs
  return [
    ...sends.map((line, i) => text(WIDTH / 2, y + LINE * (i + 1), line, `fill="${color}"`)),
    `<path d="M${start} ${at}H${end}m${back} -4L${end} ${at}l${back} 4" fill="none" stroke="${color}" stroke-width="1.5"/>`,
  ];
}

function note({ at, does }: Note, y: number): string[] {
  const left = at === "client" ? LIFELINE.client - 14 : LIFELINE.server + 14 - NOTE;
  const height = LINE * does.length + 6;
  return [
    `<rect x="${left}" y="${
      y + 6
    }" width="${NOTE}" height="${height}" rx="4" fill="#f4f6f7" stroke="${GREY}"/>`,
    ...does.map((line, i) => text(left + NOTE / 2, y + 4 + LINE * (i + 1), line)),
  ];
}

function text(x: number, y: number, content: string, more = ""): string {
  return `<text x="${x}" y="${y}" ${more}>${escaped(content)}</text>`;
}

function escaped(content: string): string {
  return content.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
