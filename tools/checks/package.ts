/** Packs the npm package and installs it as a user would: by npm, in another folder, from the tarball. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { readPackageJson } from "../manifest.ts";
import { run } from "../process.ts";
import { ROOT } from "../runtimes.ts";

/** Packs dist/ into a folder and returns the tarball's path; throws with npm's message. */
export async function pack(folder: string): Promise<string> {
  const { code, output } = await run("npm", ["pack", "--silent", "--pack-destination", folder]);
  const tarball = readdirSync(folder).find((name) => name.endsWith(".tgz"));
  if (code !== 0 || !tarball) throw new Error(output);
  return join(folder, tarball);
}

/**
 * The files that the package may contain: documents, code, the sources of its maps, and its bill of materials. It does not
 * contain the screenshot, since npm shows the README's pictures from the repository.
 */
const CONTENTS =
  /^(?:package\.json|README\.md|CHANGELOG\.md|SECURITY\.md|LICENSE|mod\.ts|docs\/[\w./-]+\.(?:md|json|svg)|src\/[\w/]+\.ts|dist\/sbom\.cdx\.json|dist\/(?:mod|src\/[\w/]+)\.(?:js|d\.ts)(?:\.map)?)$/;

/** Returns one line for each unexpected file in the package, each missing one, and each install script. */
export async function checkContents(): Promise<string> {
  const { output } = await run("npm", ["pack", "--dry-run", "--json"]);
  const [{ files }] = JSON.parse(output.slice(output.indexOf("["))) as [{ files: { path: string }[] }];
  const paths = new Set(files.map(({ path }) => path));
  const sources = [...paths].filter((path) => /^(?:mod|src\/.*)\.ts$/.test(path));
  const built = sources.map((path) => `dist/${path.replace(/\.ts$/, ".js")}`);
  const scripts = Object.keys(readPackageJson().scripts).filter((name) =>
    /^(?:pre|post)?(?:install|prepare)$/.test(name)
  );
  return [
    ...[...paths].filter((path) => !CONTENTS.test(path)).map((path) => `${path} has no place in the package`),
    ...[...built, "dist/sbom.cdx.json", "LICENSE", "SECURITY.md", "CHANGELOG.md"].filter((path) =>
      !paths.has(path)
    )
      .map((path) => `${path} is not in the package`),
    ...scripts.map((name) => `the script ${name} would run at every installation`),
  ].join("\n");
}

/** Makes a project that depends on the tarball. Its other dependencies come from our node_modules, without the network. */
export async function installFrom(tarball: string, folder: string): Promise<void> {
  mkdirSync(folder);
  const ours = Object.keys(readPackageJson().dependencies)
    .map((name) => [name, `file:${join(ROOT, "node_modules", name)}`]);
  const dependencies = { "@fesa/channel": `file:${tarball}`, ...Object.fromEntries(ours) };
  writeFileSync(
    join(folder, "package.json"),
    JSON.stringify({ private: true, type: "module", dependencies }),
  );
  const options = ["--offline", "--install-links", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"];
  const { code, output } = await run("npm", ["install", ...options], { cwd: folder });
  if (code !== 0) throw new Error(output);
}

/** Returns one line for each module without a source map, or whose map has sources outside of the package. */
export function checkMaps(folder: string): string {
  const built = join(folder, "node_modules/@fesa/channel/dist");
  const modules = readdirSync(built, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.(?:js|d\.ts)$/.test(name));
  return modules.flatMap((name) => faultsOfMap(join(built, name))).join("\n");
}

function faultsOfMap(module: string): string[] {
  const [, name] = /\/\/# sourceMappingURL=(\S+)\s*$/.exec(readFileSync(module, "utf8")) ?? [];
  if (name === undefined) return [`${module} names no map`];
  const map = join(dirname(module), name);
  if (!existsSync(map)) return [`there is no ${map}`];
  const { sources } = JSON.parse(readFileSync(map, "utf8")) as { sources: string[] };
  const missing = sources.filter((source) => !existsSync(resolve(dirname(map), source)));
  return missing.map((source) => `${map}: there is no ${source}`);
}
