/** Measures how each side reacts to every message in every state, and writes docs/state-machines.md: `npm run states`. */
import { writeFileSync } from "node:fs";
import { documentOf, machines } from "../tests/states/_document.ts";
import { measure } from "../tests/states/_machine.ts";
import { run } from "./process.ts";
import { executable, ROOT } from "./runtimes.ts";

const FILE = `${ROOT}docs/state-machines.md`;

const tables = [];
for (const machine of await machines()) tables.push({ machine, answers: await measure(machine) });
writeFileSync(FILE, documentOf(tables));
await run(executable("deno"), ["fmt", "--quiet", FILE], {});
