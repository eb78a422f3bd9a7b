/** Builds dist/, which the npm package ships: JavaScript, types and maps. `npm run build` */
import { chmodSync, existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { writeSbom } from "./checks/sbom.ts";
import { run } from "./process.ts";
import { packageScript, ROOT } from "./runtimes.ts";

/** Builds dist/, and returns the compiler's errors, or an empty string if there are none. */
export async function build(): Promise<string> {
  rmSync(join(ROOT, "dist"), { recursive: true, force: true });
  const { code, output } = await run(process.execPath, [
    packageScript("typescript", "tsc"),
    "-p",
    "tsconfig.build.json",
  ]);
  const tool = join(ROOT, "dist/src/cli/main.js");
  if (existsSync(tool)) chmodSync(tool, 0o755);
  if (code === 0) writeSbom();
  return code === 0 ? "" : output || "tsc failed";
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const complaints = await build();
  if (complaints) console.error(complaints);
  process.exitCode = complaints ? 1 : 0;
}
