/** What the runtime offers: its name, `node:crypto` and WebCrypto. */

import type { NodeCrypto } from "./node_crypto.ts";

/** The runtimes that differ in cryptography; `"web"` is a browser or any other runtime without `node:crypto`. */
export type Runtime = "node" | "deno" | "bun" | "web";

/**
 * Returns `node:crypto`, or undefined if the runtime lacks it. It is requested at run time, so that bundlers see no import.
 * Node, Deno, Bun and workerd with Node compatibility have it.
 */
export function nodeCrypto(): NodeCrypto | undefined {
  const { process } = globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } };
  return process?.getBuiltinModule?.("node:crypto") as NodeCrypto | undefined;
}

/** Returns WebCrypto's operations, or undefined if the runtime lacks them, as in a page that was not loaded by HTTPS. */
export function webCrypto(): SubtleCrypto | undefined {
  return (globalThis as { crypto?: { subtle?: SubtleCrypto } }).crypto?.subtle;
}

/** Returns which runtime this is. */
export function currentRuntime(): Runtime {
  if ("Deno" in globalThis) return "deno";
  if ("Bun" in globalThis) return "bun";
  return nodeCrypto() === undefined ? "web" : "node";
}
