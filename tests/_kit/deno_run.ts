/** How Deno runs a file beside a test. */
import { existsSync } from "node:fs";

/** The command's arguments: it uses the packages that npm installed, or, in a fresh clone, those that Deno fetches. */
export const DENO_RUN: readonly string[] = [
  ...["run", "-A", "--no-check"],
  ...(existsSync(new URL("../../node_modules", import.meta.url)) ? ["--node-modules-dir=manual"] : []),
];
