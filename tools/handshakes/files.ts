/** Compares the files of docs/handshakes/ with the drawings. */
import { existsSync, readFileSync } from "node:fs";
import { ROOT } from "../runtimes.ts";
import { DIAGRAMS } from "./diagrams.ts";
import { draw } from "./draw.ts";

/** Returns the path of each file with its drawing. */
export function drawings(): [file: string, svg: string][] {
  return Object.entries(DIAGRAMS).map(([name, diagram]) => [
    `${ROOT}docs/handshakes/${name}.svg`,
    draw(diagram),
  ]);
}

/** Returns one line for each file that differs from its drawing. */
export function checkDrawings(): string {
  return drawings()
    .filter(([file, svg]) => !existsSync(file) || readFileSync(file, "utf8") !== svg)
    .map(([file]) => `${file.slice(ROOT.length)} is out of date: npm run handshakes`)
    .join("\n");
}
