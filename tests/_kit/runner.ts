/** The runner of tests in Node, Deno and Bun; tools/test_runner/bundle_tests.ts replaces it with runner_bundled.ts. */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import process from "node:process";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import type { Listed, Need, Runtime } from "./mod.ts";
import type { PeerPorts } from "./run_bundled.ts";

/** The runtime of this test process. */
export const runtime: Runtime = "Deno" in globalThis ? "deno" : "Bun" in globalThis ? "bun" : "node";

/** Whether FESA_CRYPTO=pure hides the runtime's own cryptography, so that this library's TypeScript is used everywhere. */
const PURE = process.env.FESA_CRYPTO === "pure";
if (PURE) {
  const { getBuiltinModule } = process;
  const others = (name: string) => name === "node:crypto" ? undefined : getBuiltinModule(name);
  Object.defineProperty(process, "getBuiltinModule", { value: others });
  Object.defineProperty(globalThis.crypto, "subtle", { value: undefined });
}

/**
 * All tests registered so far. With FESA_LIST set, tests are only listed: tools/test.ts reads the list before it runs
 * anything, and compares each runner's own report with it.
 */
export const listed: Listed[] = [];

/** Whether tests are only listed. */
export const LISTS_ONLY: boolean = Boolean(process.env.FESA_LIST);

/** Whether a test may be skipped if something that it needs is missing. */
export const MAY_SKIP: boolean = !process.env.FESA_NO_SKIP;

/** The servers that run beside bundled tests, which cannot start any. */
export const peers: PeerPorts | undefined = undefined;

/** Registers a test with the runtime's own runner. */
export const register: (
  name: string,
  options: { readonly timeout: number; readonly skip?: boolean },
  body: () => void | Promise<void>,
) => void = test;

/** Returns whether a requirement of a test is available, is missing, or exists only in other runtimes. */
export function presence(need: Need): "here" | "missing" | "elsewhere" {
  if (need === "vectors") return existsSync(vectorRoot) ? "here" : "missing";
  if (need === "subtle") return PURE ? "elsewhere" : "here";
  if (need === "node:") return "here";
  if (process.env.FESA_LEAVE_PROGRAMS) return "elsewhere";
  if (need === "go 1.24") return isGo(24) ? "here" : "missing";
  return need === "processes" || isOnPath(need) ? "here" : "missing";
}

/** Returns whether Go 1.`minor` or later is installed. */
function isGo(minor: number): boolean {
  const { stdout } = spawnSync("go", ["version"], { encoding: "utf8" });
  return Number(/go1\.(\d+)/.exec(stdout ?? "")?.[1] ?? 0) >= minor;
}

const found = new Map<string, boolean>();

function isOnPath(program: string): boolean {
  let there = found.get(program);
  if (there === undefined) {
    // Debian keeps PostgreSQL's programs in a separate folder.
    const find = `command -v ${program} || ls /usr/lib/postgresql/*/bin/${program}`;
    there = spawnSync("sh", ["-c", find], { stdio: "ignore" }).status === 0;
    found.set(program, there);
  }
  return there;
}

/** The folder of the public test vectors. */
export const vectorRoot: string = process.env.FESA_VECTORS ??
  new URL("../../../shared/vectors/", import.meta.url).pathname;

/** Reads a public test vector file (decompressed if its name ends in .gz). */
export function vector(path: string): Uint8Array {
  const bytes = readFileSync(`${vectorRoot.replace(/\/?$/, "/")}${path}`);
  return path.endsWith(".gz") ? gunzipSync(bytes) : bytes;
}

/** The names of the files in a folder of public test vectors, in order. */
export function vectorNames(folder: string): string[] {
  return readdirSync(`${vectorRoot.replace(/\/?$/, "/")}${folder}`).sort();
}
