/** Compares package.json with deno.json: JSR and npm must offer the same package. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./runtimes.ts";

export interface PackageJson {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly sideEffects: boolean;
  readonly exports: Readonly<Record<string, string | { readonly types: string; readonly default: string }>>;
  readonly bin: Readonly<Record<string, string>>;
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

export interface DenoJson {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly exports: Readonly<Record<string, string>>;
  readonly imports: Readonly<Record<string, string>>;
}

/** The only dependencies of the published package. */
const DEPENDENCIES = ["@noble/ciphers", "@noble/hashes", "fflate"];

export function readPackageJson(): PackageJson {
  return JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
}

export function readDenoJson(): DenoJson {
  return JSON.parse(readFileSync(join(ROOT, "deno.json"), "utf8"));
}

/** The entry points: subpath (`./tls`) to source file (`./src/tls/mod.ts`). */
export function entries(): Readonly<Record<string, string>> {
  return readDenoJson().exports;
}

/** Returns one line for each difference. */
export function compareManifests(npm: PackageJson, deno: DenoJson): string[] {
  const faults: string[] = [];
  const expect = (what: string, inNpm: unknown, inDeno: unknown): void => {
    const [left, right] = [JSON.stringify(inNpm), JSON.stringify(inDeno)];
    if (left !== right) faults.push(`${what}: package.json has ${left}, should be ${right}`);
  };
  expect("name", npm.name, deno.name);
  expect("version", npm.version, deno.version);
  expect("license", npm.license, deno.license);

  const { "./package.json": own, ...exported } = npm.exports;
  expect("exports of ./package.json", own, "./package.json");
  expect("subpaths", Object.keys(exported), Object.keys(deno.exports));
  for (const [subpath, source] of Object.entries(deno.exports)) {
    const built = source.replace(/^\.\//, "./dist/").replace(/\.ts$/, "");
    expect(`export ${subpath}`, exported[subpath], { types: `${built}.d.ts`, default: `${built}.js` });
  }
  expect("sideEffects", npm.sideEffects, false); // so that bundlers leave out unused modules
  expect("bin", npm.bin, {
    fesa: deno.exports["./cli"]?.replace(/^\.\//, "./dist/").replace(/\.ts$/, ".js"),
  });

  expect("runtime dependencies", Object.keys(npm.dependencies).sort(), DEPENDENCIES);
  for (const [name, version] of Object.entries(npm.dependencies)) {
    expect(`dependency ${name}`, `npm:${name}@${version}`, deno.imports[name]);
  }
  for (const [name, version] of Object.entries({ ...npm.dependencies, ...npm.devDependencies })) {
    if (!/^\d+\.\d+\.\d+$/.test(version)) faults.push(`dependency ${name}: ${version} is not one version`);
  }
  return faults;
}

/** Returns one line for each entry whose source file is missing. */
export function missingEntries(): string[] {
  return Object.entries(entries())
    .filter(([, source]) => !existsSync(join(ROOT, source)))
    .map(([subpath, source]) => `export ${subpath}: there is no ${source}`);
}
