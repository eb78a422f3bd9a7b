/** The tables and plots of docs/performance.md. */
import { type Figures, figuresOf, type Loads, quantile, rounded, titleOf } from "./figures.ts";
import { loadSections } from "./loads.ts";
import { markRows } from "./marks.ts";
import { barPlot, linePlot } from "./plots.ts";

/** The document and its plots, by their files' names. */
export interface Document {
  readonly text: string;
  readonly plots: Readonly<Record<string, string>>;
}

type Table = readonly (readonly string[])[];

/**
 * Inserts the figures into the document, between its comments. Figures that were not measured again stay. It also writes the
 * plots of loads.
 */
export function document(text: string, folder: string, plotFolder: string): Document {
  const loopback = figuresOf(folder, "loopback");
  const browsers = figuresOf(folder, "memory");
  const loads = figuresOf<Loads>(folder, "load");
  const plots: Record<string, string> = {};
  const marks = markRows({ loopback, browsers, loads });
  const sections = [
    ...[...loopback].map(([title, figures]) => runtimeSection(title, figures, plots)),
    ...[...browsers].map(([title, figures]) => `### ${title}, in memory\n\n${figureTable(figures)}\n`),
    ...[...figuresOf(folder, "tls")].map(([title, figures]) => detailSection(title, figures)),
  ];
  const blocks: Readonly<Record<string, string>> = {
    marks: marks.length > 0 ? markdown([["comparison", "target", "measured", "reached"], ...marks]) : "",
    figures: sections.join("\n"),
    loads: loadSections(folder, plotFolder, titleOf),
  };
  let filled = text;
  for (const [name, block] of Object.entries(blocks)) {
    const place = new RegExp(`(<!-- ${name}:begin -->\n)[^]*?(<!-- ${name}:end -->)`);
    if (block !== "") filled = filled.replace(place, (_, begin, end) => `${begin}\n${block}\n\n${end}`);
  }
  return { text: filled, plots };
}

function runtimeSection(title: string, figures: Figures, plots: Record<string, string>): string {
  const file = title.toLowerCase().replace(" ", "-");
  const sizes = Object.keys(figures).filter((what) => what.endsWith(" bytes, MB/s"));
  const who = Object.keys(figures[sizes[0]]);
  plots[`${file}.svg`] = linePlot(
    `${title}: throughput over message size`,
    "bytes in a message; MB/s upwards",
    sizes.map((size) => parseInt(size)),
    Object.fromEntries(who.map((name) => [name, sizes.map((size) => medianOf(figures[size][name]))])),
  );
  plots[`${file}-bulk.svg`] = bars(`${title}: MB/s, messages of 64 KiB`, figures["65536 bytes, MB/s"]);
  plots[`${file}-small.svg`] = bars(
    `${title}: MB/s, messages of 64 bytes at once`,
    figures["64 bytes, MB/s"],
  );
  plots[`${file}-handshakes.svg`] = bars(`${title}: handshakes a second`, figures["handshakes, 1/s"]);
  const images = [
    `![${title}: throughput over message size](performance/${file}.svg)`,
    `![${title}: messages of 64 KiB](performance/${file}-bulk.svg)`,
    `![${title}: small messages](performance/${file}-small.svg)`,
    `![${title}: handshakes](performance/${file}-handshakes.svg)`,
  ];
  return `### ${title}\n\n${figureTable(figures)}\n\n${images.join("\n\n")}\n`;
}

function detailSection(title: string, figures: Figures): string {
  const tables = Object.entries(figures).map(([what, rounds]) => {
    const rows = Object.entries(rounds).map(([name, speeds]) => [name, cell(speeds)]);
    return `${markdown([["case", what], ...rows])}\n`;
  });
  return `### ${title}: CBC suites and key exchanges, sessions of TLS in memory\n\n${tables.join("\n")}`;
}

/** A row for each case: its median and its interquartile range. */
function figureTable(figures: Figures): string {
  const columns = Object.keys(figures);
  const names = [...new Set(columns.flatMap((column) => Object.keys(figures[column])))];
  return markdown([
    ["implementation", ...columns],
    ...names.map((name) => [name, ...columns.map((column) => cell(figures[column][name]))]),
  ]);
}

function cell(speeds: readonly number[] | undefined): string {
  if (speeds === undefined) return "";
  const [low, middle, high] = [0.25, 0.5, 0.75].map((part) => rounded(quantile(speeds, part)));
  return `${middle} (${low}–${high})`;
}

function medianOf(speeds: readonly number[] | undefined): number | undefined {
  return speeds && quantile(speeds, 0.5);
}

function bars(title: string, rounds: Figures[string]): string {
  const values = Object.entries(rounds).map(([name, speeds]) => [name, quantile(speeds, 0.5)]);
  return barPlot(title, Object.fromEntries(values));
}

function markdown([head, ...rows]: Table): string {
  const rule = head.map((_, column) => column === 0 ? "---" : "--:");
  return [head, rule, ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
}
