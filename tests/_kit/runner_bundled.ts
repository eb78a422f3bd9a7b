/** The runner of tests in browsers and workerd; tools/test_runner/bundle_tests.ts replaces runner.ts with it. */
import type { Listed, Need, Runtime } from "./mod.ts";
import type { BundledFile, PeerPorts } from "./run_bundled.ts";

/** The parameter of the function that the bundler makes of a whole test file. */
declare const fesaFile: BundledFile;

/** The runtime of this test file. */
export const runtime: Runtime = fesaFile.runtime;

/** All tests registered so far. The list is reported before any of them runs. */
export const listed: Listed[] = fesaFile.listed;

/** Whether tests are only listed. Bundled tests are always listed and run together. */
export const LISTS_ONLY: boolean = false;

/** The servers for the tests. */
export const peers: PeerPorts | undefined = fesaFile.peers;

/** Whether a test may be skipped if something that it needs is missing. */
export const MAY_SKIP: boolean = fesaFile.maySkip;

/** Registers a test, which runs after the file has been loaded. */
export function register(
  name: string,
  { timeout, skip }: { readonly timeout: number; readonly skip?: boolean },
  body: () => void | Promise<void>,
): void {
  fesaFile.tests.push({ name, body, timeout, skip });
}

/** Returns whether a requirement of a test is available, is missing, or exists only in other runtimes. */
export function presence(need: Need): "here" | "missing" | "elsewhere" {
  if (need === "vectors") {
    fesaFile.wantsVectors = true;
    return fesaFile.hasVectors ? "here" : "missing";
  }
  return need === "subtle" && globalThis.crypto.subtle !== undefined ? "here" : "elsewhere";
}

/** Reads a public test vector file (already decompressed if its name ends in .gz). */
export function vector(path: string): Uint8Array {
  const { index, bytes } = fesaFile.vectors!;
  if (!Object.hasOwn(index, path)) throw new Error(`there is no vector file ${path}`);
  const [start, end] = index[path];
  return bytes.slice(start, end);
}

/** The names of the files in a folder of public test vectors, in order. */
export function vectorNames(folder: string): string[] {
  const prefix = folder.replace(/\/?$/, "/");
  const paths = Object.keys(fesaFile.vectors!.index).filter((path) => path.startsWith(prefix));
  return [...new Set(paths.map((path) => path.slice(prefix.length).split("/")[0]))].sort();
}
