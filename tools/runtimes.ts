/**
 * The runtimes on which the tests run, and the paths of programs. The runtimes' packages link their programs in install
 * scripts, which are not run here.
 */
import { existsSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

/** The repository. */
export const ROOT: string = fileURLToPath(new URL("..", import.meta.url));

/** The folder of runtimes that only the tests need. */
const BINARIES = `${ROOT}tools/binaries/node_modules`;

/** A runtime that the tests run on. */
export interface Runtime {
  /** The name that `--runtime` takes and that reports show. */
  readonly name: string;
  /** Its name in the tests, without a version. */
  readonly family: ProcessFamily | "workerd" | "chromium" | "firefox" | "webkit";
  /** The runtime's program, or undefined if this machine does not have it. */
  readonly program: string | undefined;
  /** Whether it skips the tests that run other programs, which other versions of its family run. */
  readonly leavesPrograms?: true;
  /** The test files that only the oldest and the newest version of its family run, unless this runtime is requested. */
  readonly leaves?: RegExp;
}

/** The runtimes that run test files with their own runner. The others run bundles. */
export type ProcessFamily = "node" | "deno" | "bun";

/** The runtimes that the tests run on. */
export const RUNTIMES: readonly Runtime[] = [
  { name: "node", family: "node", program: process.execPath },
  {
    name: "node22",
    family: "node",
    program: nodeBinary(22),
    leavesPrograms: true,
    leaves: /^tests\/(asn1|crypto|fuzz|platform|states|x509)\/|\/tampering_test/,
  },
  { name: "node26", family: "node", program: nodeBinary(26), leavesPrograms: true },
  { name: "deno", family: "deno", program: platformBinary("@deno", "deno") },
  { name: "bun", family: "bun", program: platformBinary("@oven", "bin/bun") },
  { name: "workerd", family: "workerd", program: platformBinary("@cloudflare", "bin/workerd", BINARIES) },
  { name: "chromium", family: "chromium", program: findProgram("chromium", "google-chrome") },
  { name: "firefox", family: "firefox", program: findProgram("firefox-esr", "firefox") },
  { name: "webkit", family: "webkit", program: findMiniBrowser() },
];

/** Returns the path of the executable of one of the runtimes from npm, or of the Node that runs this. */
export function executable(family: ProcessFamily | "workerd"): string {
  const program = RUNTIMES.find((runtime) => runtime.name === family)?.program;
  if (program === undefined) throw new Error(`node_modules has no ${family} for this platform`);
  return program;
}

/** What precedes a script of the repository on the command line of a runtime; Deno uses the installed node_modules. */
export const SCRIPT_PREFIX: Readonly<Record<ProcessFamily, readonly string[]>> = {
  node: ["--import", "tsx"],
  deno: ["run", "-A", "--no-check", "--quiet", "--node-modules-dir=manual"],
  bun: ["run"],
};

/** Finds the binary in a scope's platform package; npm installs only the one for this machine. */
function platformBinary(scope: string, path: string, modules = `${ROOT}node_modules`): string | undefined {
  const folder = `${modules}/${scope}`;
  const suffix = process.platform === "win32" ? ".exe" : "";
  const packages = existsSync(folder) ? readdirSync(folder) : [];
  return packages.map((name) => `${folder}/${name}/${path}${suffix}`).find((file) => existsSync(file));
}

/** Finds the binary of another version of Node than the one that runs this. */
function nodeBinary(major: number): string | undefined {
  const file = `${BINARIES}/node${major}-${process.platform}-${process.arch}/bin/node`;
  return existsSync(file) ? file : undefined;
}

/** Finds the first of some programs on the PATH. */
export function findProgram(...names: readonly string[]): string | undefined {
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  const files = names.flatMap((name) => folders.map((folder) => join(folder, name)));
  return files.find((file) => existsSync(file));
}

/**
 * Finds WebKitGTK's MiniBrowser, which is not on the PATH but in a folder of the libraries or, on some systems, of libexec.
 */
function findMiniBrowser(): string | undefined {
  for (
    const folder of [`/usr/lib/${process.arch === "arm64" ? "aarch64" : "x86_64"}-linux-gnu`, "/usr/libexec"]
  ) {
    for (const version of ["4.1", "6.0", "4.0"]) {
      const file = `${folder}/webkit${version === "6.0" ? "gtk" : "2gtk"}-${version}/MiniBrowser`;
      if (existsSync(file)) return file;
    }
  }
  return undefined;
}

/** Returns the script of a package's command, to be run by Node. */
export function packageScript(name: string, command: string = name): string {
  const file = createRequire(import.meta.url).resolve(`${ROOT}node_modules/${name}/package.json`);
  const { bin } = createRequire(import.meta.url)(file) as { bin: string | Record<string, string> };
  return fileURLToPath(new URL(typeof bin === "string" ? bin : bin[command], `file://${file}`));
}
