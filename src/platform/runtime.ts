/** What the runtime brings: its name, `node:crypto` and WebCrypto. */

import type { NodeCrypto } from "./node_crypto.ts";

/** A runtime as far as cryptography differs: `"web"` is a browser, or whatever else has no `node:crypto`. */
export type Runtime = "node" | "deno" | "bun" | "web";

/**
 * Returns `node:crypto`, or undefined if there is none. It is asked for at run time, so that bundlers see no import; Node,
 * Deno, Bun and workerd with Node compatibility have it.
 */
export function nodeCrypto(): NodeCrypto | undefined {
  const { process } = globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } };
  return process?.getBuiltinModule?.("node:crypto") as NodeCrypto | undefined;
}

/** Returns WebCrypto's operations, or undefined if there are none, as in a page that did not come by HTTPS. */
export function webCrypto(): SubtleCrypto | undefined {
  return (globalThis as { crypto?: { subtle?: SubtleCrypto } }).crypto?.subtle;
}

/** Returns which runtime this is. */
export function currentRuntime(): Runtime {
  if ("Deno" in globalThis) return "deno";
  if ("Bun" in globalThis) return "bun";
  return nodeCrypto() === undefined ? "web" : "node";
}
