/** Where the programs of node_modules are. The runtimes' packages would link theirs in install scripts, which are not run. */
import { existsSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import process from "node:process";

/** The runtimes that the tests run on. */
export const RUNTIMES = ["node", "deno", "bun"] as const;

export type RuntimeName = typeof RUNTIMES[number];

/** The repository. */
export const ROOT: string = fileURLToPath(new URL("..", import.meta.url));

/** Gives the path of a runtime's executable. */
export function executable(runtime: RuntimeName): string {
  switch (runtime) {
    case "node":
      return process.execPath;
    case "deno":
      return platformBinary("@deno", "deno");
    case "bun":
      return platformBinary("@oven", "bin/bun");
  }
}

/** Finds the binary in a scope's platform package: npm installs just the one that fits this machine. */
function platformBinary(scope: string, path: string): string {
  const folder = `${ROOT}node_modules/${scope}`;
  const suffix = process.platform === "win32" ? ".exe" : "";
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    const file = `${folder}/${name}/${path}${suffix}`;
    if (existsSync(file)) return file;
  }
  throw new Error(`there is no ${path} for this platform in node_modules/${scope}`);
}

/** Gives the script behind a package's command, to be run by Node. */
export function packageScript(name: string, command: string = name): string {
  const file = createRequire(import.meta.url).resolve(`${ROOT}node_modules/${name}/package.json`);
  const { bin } = createRequire(import.meta.url)(file) as { bin: string | Record<string, string> };
  return fileURLToPath(new URL(typeof bin === "string" ? bin : bin[command], `file://${file}`));
}
