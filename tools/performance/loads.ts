/** Tables and plots of `npm run bench -- load` for docs/performance.md. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** One row of a table, by the names of its columns. */
type Row = Readonly<Record<string, string | number>>;

/** The figures of the benchmark. */
interface Figures {
  readonly loads: readonly Row[];
  readonly timer: readonly Row[];
  readonly memory: readonly Row[];
}

const [WIDTH, LEFT, BAR] = [760, 250, 34];
const [HEIGHT, BOTTOM, TOP, LEGEND] = [320, 40, 36, 130];
const COLORS = ["#c0392b", "#2471a3", "#1e8449"];

/** Writes the plots of every runtime's figures into `plots`, and returns the text that shows them. */
export function loadSections(cache: string, plots: string, titleOf: (runtime: string) => string): string {
  const files = existsSync(cache) ? readdirSync(cache).filter((name) => name.startsWith("load-")).sort() : [];
  return files.map((file) => {
    const runtime = file.slice("load-".length, -".json".length);
    const figures = JSON.parse(readFileSync(join(cache, file), "utf8")) as Figures;
    writeFileSync(join(plots, `turns-${runtime}.svg`), turnsPlot(figures.loads));
    writeFileSync(join(plots, `memory-${runtime}.svg`), memoryPlot(figures.memory));
    return [
      `### ${titleOf(runtime)}, under load`,
      table(figures.loads),
      `![${titleOf(runtime)}: the longest turn under each load](performance/turns-${runtime}.svg)`,
      table(figures.timer),
      "Memory of a server's process for each idle channel, in KiB, by the number of channels:",
      table(figures.memory),
      `![${titleOf(runtime)}: memory by number of connections](performance/memory-${runtime}.svg)`,
    ].join("\n\n");
  }).join("\n\n");
}

function table(rows: readonly Row[]): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))]
    .sort((a, b) => Number(isText(b, rows)) - Number(isText(a, rows)));
  return [
    columns,
    columns.map((column) => isText(column, rows) ? "---" : "--:"),
    ...rows.map((row) => columns.map((column) => cell(row[column]))),
  ].map((line) => `| ${line.join(" | ")} |`).join("\n");
}

/** Whether a column has the names of the rows. */
function isText(column: string, [row]: readonly Row[]): boolean {
  return ["load", "beside", "kind"].includes(column) && typeof row[column] === "string";
}

function cell(value: string | number | undefined): string {
  if (typeof value !== "number") return value ?? "";
  return value >= 100 ? Math.round(value).toLocaleString("en-US") : value.toPrecision(2);
}

/** Plots a bar for each load: milliseconds of processor time. */
function turnsPlot(rows: readonly Row[]): string {
  const column = "longest turn, ms of the processor";
  const longest = Math.max(...rows.map((row) => Number(row[column])));
  const parts = [text(16, 20, `Server: ${column}`, 'font-weight="bold"')];
  rows.forEach((row, i) => {
    const y = TOP + i * BAR;
    const width = Number(row[column]) / longest * (WIDTH - LEFT - 60);
    parts.push(text(LEFT - 8, y + 16, String(row.load), 'text-anchor="end"'));
    parts.push(
      `<rect x="${LEFT}" y="${y}" width="${width.toFixed(1)}" height="${BAR - 10}" fill="${COLORS[1]}"/>`,
    );
    parts.push(text(LEFT + width + 6, y + 16, cell(row[column])));
  });
  return svg(TOP + rows.length * BAR + 10, parts);
}

/** Plots a line for each kind of channel: KiB per channel over the number of channels, on a logarithmic axis. */
function memoryPlot(rows: readonly Row[]): string {
  const columns = Object.keys(rows[0]).filter((column) => column.endsWith(" of them"));
  const counts = columns.map((column) => parseInt(column));
  const most = Math.max(...rows.flatMap((row) => columns.map((column) => Number(row[column]))));
  const x = (count: number) =>
    60 + Math.log(count / counts[0]) / Math.log(counts.at(-1)! / counts[0]) * (WIDTH - 60 - LEGEND);
  const y = (size: number) => HEIGHT - BOTTOM - size / most * (HEIGHT - BOTTOM - TOP);
  const parts = [text(60, 20, "KiB resident for each idle channel, over their number", 'font-weight="bold"')];
  for (let size = 0; size <= most; size += 10) {
    parts.push(`<path d="M60 ${y(size).toFixed(1)}H${WIDTH - LEGEND}" stroke="#ddd"/>`);
    parts.push(text(52, y(size) + 4, size, 'text-anchor="end"'));
  }
  for (const count of counts) parts.push(text(x(count), HEIGHT - BOTTOM + 18, count, 'text-anchor="middle"'));
  rows.forEach((row, i) => {
    const points = columns.map((column, at) =>
      `${x(counts[at]).toFixed(1)},${y(Number(row[column])).toFixed(1)}`
    );
    parts.push(
      `<polyline points="${points.join(" ")}" fill="none" stroke="${COLORS[i]}" stroke-width="2"/>`,
    );
    parts.push(text(WIDTH - LEGEND + 12, TOP + 18 * i + 12, String(row.kind), `fill="${COLORS[i]}"`));
  });
  return svg(HEIGHT, parts);
}

function text(x: number, y: number, content: string | number, more = ""): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${more}>${content}</text>`;
}

function svg(height: number, parts: readonly string[]): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" font-family="sans-serif" font-size="12">\n` +
    `<rect width="100%" height="100%" fill="white"/>\n${parts.join("\n")}\n</svg>\n`;
}
