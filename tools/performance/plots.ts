/** Plots in SVG. */

const [WIDTH, HEIGHT, LEFT, BOTTOM, TOP, LEGEND] = [820, 420, 60, 40, 36, 260];

/** The plots of bars: their width, the height of a bar, and the space for names and for numbers. */
const [BARS, BAR, NAMES, NUMBERS] = [560, 20, 220, 50];
const COLORS = ["#c0392b", "#2471a3", "#1e8449", "#7d3c98", "#b7950b", "#117a65", "#5d6d7e", "#a04000"];
/** The names of this library's measurements. */
const OWN = /^(?:certificate|native)\b/;

/** Plots a line for each name: its values over `xs`, with logarithmic axes. */
export function linePlot(
  title: string,
  axes: string,
  xs: readonly number[],
  lines: Readonly<Record<string, readonly (number | undefined)[]>>,
): string {
  const all = Object.values(lines).flat().filter((value) => value !== undefined);
  const [low, high] = [
    10 ** Math.floor(Math.log10(Math.min(...all))),
    10 ** Math.ceil(Math.log10(Math.max(...all))),
  ];
  const across = (value: number, from: number, to: number) => Math.log(value / from) / Math.log(to / from);
  const x = (value: number) => LEFT + across(value, xs[0], xs.at(-1)!) * (WIDTH - LEFT - LEGEND);
  const y = (value: number) => HEIGHT - BOTTOM - across(value, low, high) * (HEIGHT - BOTTOM - TOP);
  const parts = [text(LEFT, 20, title, 'font-weight="bold"'), text(LEFT, HEIGHT - 4, axes)];
  for (let value = low; value <= high; value *= 10) {
    parts.push(`<path d="M${LEFT} ${y(value).toFixed(1)}H${WIDTH - LEGEND}" stroke="#ddd"/>`);
    parts.push(text(LEFT - 6, y(value) + 4, value, 'text-anchor="end"'));
  }
  for (const value of xs) parts.push(text(x(value), HEIGHT - BOTTOM + 18, value, 'text-anchor="middle"'));
  Object.entries(lines).forEach(([name, values], i) => {
    const color = COLORS[i % COLORS.length];
    const dash = i < COLORS.length ? "" : ' stroke-dasharray="6 3"';
    const points = values.flatMap((value, at) =>
      value === undefined ? [] : [`${x(xs[at]).toFixed(1)},${y(value).toFixed(1)}`]
    );
    parts.push(
      `<polyline points="${points.join(" ")}" fill="none" stroke="${color}" stroke-width="2"${dash}/>`,
    );
    const at = TOP + 18 * i + 12;
    parts.push(`<path d="M${WIDTH - LEGEND + 10} ${at - 4}h20" stroke="${color}" stroke-width="2"${dash}/>`);
    parts.push(text(WIDTH - LEGEND + 36, at, name));
  });
  return svg(WIDTH, HEIGHT, parts);
}

/** Plots a bar for each name, this library's in another colour. */
export function barPlot(title: string, bars: Readonly<Record<string, number>>): string {
  const longest = Math.max(...Object.values(bars));
  const parts = [text(10, 20, title, 'font-weight="bold"')];
  Object.entries(bars).forEach(([name, value], i) => {
    const [at, length] = [TOP + BAR * i, Math.max(1, value / longest * (BARS - NAMES - NUMBERS))];
    const color = OWN.test(name) ? COLORS[1] : "#99a3a4";
    parts.push(
      text(NAMES - 8, at + 14, name, 'text-anchor="end"'),
      `<rect x="${NAMES}" y="${at + 2}" width="${length.toFixed(1)}" height="${BAR - 4}" fill="${color}"/>`,
      text(NAMES + length + 6, at + 14, value >= 10 ? Math.round(value) : Number(value.toPrecision(2))),
    );
  });
  return svg(BARS, TOP + BAR * Object.keys(bars).length + 10, parts);
}

function text(x: number, y: number, content: string | number, more = ""): string {
  const safe = String(content).replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${more}>${safe}</text>`;
}

function svg(width: number, height: number, parts: readonly string[]): string {
  const size = `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} font-family="sans-serif" font-size="12">\n` +
    `<rect width="100%" height="100%" fill="white"/>\n${parts.join("\n")}\n</svg>\n`;
}
