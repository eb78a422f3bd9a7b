/** Formats the given paths, or everything: `npm run fmt -- src/tls`. */
import process from "node:process";
import { run } from "./process.ts";
import { executable } from "./runtimes.ts";

const { code, output } = await run(executable("deno"), ["fmt", ...process.argv.slice(2)]);
console.log(output.trim());
process.exitCode = code ?? 1;
