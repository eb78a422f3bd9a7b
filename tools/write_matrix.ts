/** Writes the result of the last complete `npm test` into README.md: `npm run matrix`. */
import { run } from "./process.ts";
import { executable } from "./runtimes.ts";
import { updateReadme } from "./test_runner/matrix.ts";

updateReadme();
await run(executable("deno"), ["fmt", "--quiet", "README.md"]);
