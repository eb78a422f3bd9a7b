/** The arguments with which Deno runs a file for a test. */
import { existsSync } from "node:fs";

/**
 * The arguments of `deno run`. It uses the packages that npm has installed or, in a fresh clone, those that Deno fetches.
 */
export const DENO_RUN: readonly string[] = [
  ...["run", "-A", "--no-check"],
  ...(existsSync(new URL("../../node_modules", import.meta.url)) ? ["--node-modules-dir=manual"] : []),
];
