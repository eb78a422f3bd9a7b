/** Makes the keys of the examples if they are missing: `import "../keys_if_missing.ts"` before they are read. */
import { existsSync } from "node:fs";

if (!existsSync("keys")) {
  console.error("there is no folder keys/ yet, so examples/keys.ts makes one");
  await import("./keys.ts");
}
