/** Runs the benchmarks: `npm run bench`, or `npm run bench -- rsa des` for some of them. */
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import process from "node:process";

/** The exports of every benchmark: all files in bench/ except this one and those that begin with an underscore. */
interface Benchmark {
  readonly name: string;
  run(): Promise<void>;
}

const wanted = process.argv.slice(2);
const names = readdirSync(fileURLToPath(new URL(".", import.meta.url)))
  .filter((file) => file.endsWith(".ts") && !file.startsWith("_") && file !== "main.ts")
  .map((file) => file.slice(0, -".ts".length))
  .sort();

for (const name of wanted) {
  if (names.includes(name)) continue;
  console.error(`unknown benchmark ${name}; there are: ${names.join(", ")}`);
  process.exit(2);
}

for (const name of wanted.length > 0 ? wanted : names) {
  const benchmark = await import(new URL(`./${name}.ts`, import.meta.url).href) as Benchmark;
  console.log(`\n${benchmark.name}`);
  await benchmark.run();
}
