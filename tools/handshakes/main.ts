/** Draws the diagrams of docs/handshakes.md: `npm run handshakes`. */
import { writeFileSync } from "node:fs";
import { drawings } from "./files.ts";

for (const [file, svg] of drawings()) writeFileSync(file, svg);
