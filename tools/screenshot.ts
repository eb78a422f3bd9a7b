/** Takes the README's picture of the page in Chromium, after a connection: `npm run screenshot`. */
import { writeFileSync } from "node:fs";
import { decode, encode } from "fast-png";
import { PuppeteerPage } from "../tests/web/_browser_page.ts";
import { Demo } from "../tests/web/_demo.ts";
import { Person } from "../tests/web/_person.ts";
import { ROOT } from "./runtimes.ts";

type Color = [red: number, green: number, blue: number];

await using demo = await Demo.start();
await using browser = await PuppeteerPage.launch("chromium");
const { page } = browser;
await page.setViewport({ width: 1000, height: 890 });
await page.emulateMediaFeatures([
  { name: "prefers-color-scheme", value: "light" },
  { name: "prefers-reduced-motion", value: "reduce" },
]);
const person = new Person(browser);
await person.open(demo.url);
await person.connect("certificate"); // compiles the page's code, so that the next one shows usual times
await person.connect("certificate");
await page.mouse.move(1, 1);
writeFileSync(`${ROOT}docs/page.png`, withPalette(await page.screenshot()));

/** Returns the picture in its 256 most frequent colours, which makes the file a third as large. */
function withPalette(png: Uint8Array): Uint8Array {
  const { width, height, channels, data } = decode(png);
  const colors = Array.from(
    { length: width * height },
    (_, i): Color => [data[i * channels], data[i * channels + 1], data[i * channels + 2]],
  );
  const counts = new Map<string, number>();
  for (const color of colors) counts.set(String(color), (counts.get(String(color)) ?? 0) + 1);
  const palette = [...counts].sort(([, a], [, b]) => b - a).slice(0, 256)
    .map(([color]) => color.split(",").map(Number) as Color);
  const indices = new Map([...counts.keys()].map((color) => [color, nearest(palette, color)]));
  const indexed = Uint8Array.from(colors, (color) => indices.get(String(color))!);
  return encode({ width, height, channels: 1, data: indexed, palette }, { zlib: { level: 9 } });
}

/** The index of the palette's nearest colour. */
function nearest(palette: readonly Color[], color: string): number {
  const wanted = color.split(",").map(Number);
  const distances = palette.map((known) =>
    known.reduce((sum, value, i) => sum + (value - wanted[i]) ** 2, 0)
  );
  return distances.indexOf(Math.min(...distances));
}
