/**
 * Puts what `npm run bench -- loopback` measured into docs/performance.md and its plots: `npm run performance`. Each runtime on which
 * the bench ran left its figures in .cache/bench.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "./process.ts";
import { executable, ROOT } from "./runtimes.ts";

/** What was measured, then by whom, then how much. */
type Figures = Readonly<Record<string, Readonly<Record<string, number>>>>;

const DOCUMENT = join(ROOT, "docs/performance.md");
const PLOTS = join(ROOT, "docs/performance");
const BLOCK = /(<!-- figures:begin -->\n)[^]*?(<!-- figures:end -->)/;
const TITLES: Readonly<Record<string, string>> = { node: "Node", deno: "Deno", bun: "Bun" };

const [WIDTH, HEIGHT, LEFT, BOTTOM, TOP, LEGEND] = [760, 400, 60, 40, 36, 200];
const COLORS = [
  "#c0392b",
  "#2471a3",
  "#1e8449",
  "#7d3c98",
  "#b7950b",
  "#117a65",
  "#5d6d7e",
  "#a04000",
  "#212f3c",
];

const folder = join(ROOT, ".cache/bench");
const files = existsSync(folder)
  ? readdirSync(folder).filter((name) => name.startsWith("loopback-")).sort()
  : [];
if (files.length === 0) throw new Error("no figures: run npm run bench -- loopback first");

mkdirSync(PLOTS, { recursive: true });
const sections = files.map((file) => {
  const [, name, version] = /^loopback-(\w+)-(\d+)\.json$/.exec(file)!;
  const title = `${TITLES[name] ?? name} ${version}`;
  const figures = JSON.parse(readFileSync(join(folder, file), "utf8")) as Figures;
  const plot = `${name}-${version}.svg`;
  writeFileSync(join(PLOTS, plot), throughputPlot(`${title}: throughput over message size`, figures));
  return `### ${title}\n\n${table(figures)}\n\n![Throughput over message size](performance/${plot})\n`;
});
const document = readFileSync(DOCUMENT, "utf8");
writeFileSync(
  DOCUMENT,
  document.replace(BLOCK, (_, begin, end) => `${begin}\n${sections.join("\n")}\n${end}`),
);
await run(executable("deno"), ["fmt", "--quiet", "docs/performance.md", "docs/performance"]);

function table(figures: Figures): string {
  const columns = Object.keys(figures);
  const names = [...new Set(columns.flatMap((column) => Object.keys(figures[column])))];
  const cell = (value: number | undefined) =>
    value === undefined
      ? ""
      : value >= 100
      ? Math.round(value).toLocaleString("en-US")
      : value.toPrecision(2);
  return [
    ["who", ...columns],
    ["---", ...columns.map(() => "--:")],
    ...names.map((name) => [name, ...columns.map((column) => cell(figures[column][name]))]),
  ].map((row) => `| ${row.join(" | ")} |`).join("\n");
}

/** Lines of MB/s over the size of a message, both in logarithms. */
function throughputPlot(title: string, figures: Figures): string {
  const columns = Object.keys(figures).filter((column) => column.endsWith("MB/s"));
  const sizes = columns.map((column) => parseInt(column));
  const names = Object.keys(figures[columns[0]]);
  const all = columns.flatMap((column) => Object.values(figures[column]));
  const [low, high] = [
    10 ** Math.floor(Math.log10(Math.min(...all))),
    10 ** Math.ceil(Math.log10(Math.max(...all))),
  ];
  const across = (value: number, from: number, to: number) => Math.log(value / from) / Math.log(to / from);
  const x = (size: number) => LEFT + across(size, sizes[0], sizes.at(-1)!) * (WIDTH - LEFT - LEGEND);
  const y = (speed: number) => HEIGHT - BOTTOM - across(speed, low, high) * (HEIGHT - BOTTOM - TOP);
  const text = (at: [number, number], content: string | number, more = "") =>
    `<text x="${at[0].toFixed(1)}" y="${at[1].toFixed(1)}" ${more}>${content}</text>`;
  const parts = [text([LEFT, 20], title, 'font-weight="bold"')];
  for (let speed = low; speed <= high; speed *= 10) {
    parts.push(`<path d="M${LEFT} ${y(speed).toFixed(1)}H${WIDTH - LEGEND}" stroke="#ddd"/>`);
    parts.push(text([LEFT - 6, y(speed) + 4], speed, 'text-anchor="end"'));
  }
  for (const size of sizes) parts.push(text([x(size), HEIGHT - BOTTOM + 18], size, 'text-anchor="middle"'));
  parts.push(text([LEFT, HEIGHT - 4], "bytes in a message; MB/s upwards"));
  names.forEach((name, i) => {
    const color = COLORS[i % COLORS.length];
    const points = columns.map((column, at) =>
      `${x(sizes[at]).toFixed(1)},${y(figures[column][name]).toFixed(1)}`
    );
    parts.push(`<polyline points="${points.join(" ")}" fill="none" stroke="${color}" stroke-width="2"/>`);
    parts.push(text([WIDTH - LEGEND + 12, TOP + 18 * i + 12], name, `fill="${color}"`));
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" font-family="sans-serif" font-size="12">\n` +
    `<rect width="100%" height="100%" fill="white"/>\n${parts.join("\n")}\n</svg>\n`;
}
