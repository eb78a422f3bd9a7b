/** Finds text that must not be in a public repository: paths of a machine, hosts of a package registry. */
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { ROOT } from "../runtimes.ts";

const NOT_OURS = new Set([".git", "node_modules", "dist", "coverage", "tmp", ".cache"]);
const BINARY = /\.(?:png|jpg|ico|woff2|der|p12|pfx|gz|tgz|zip|pcap|pcapng)$/;

/** An absolute path into a home folder or checkout, or a setting that names a registry. */
const TRACES = [
  /(?<![\w.~/-])\/(?:home|root|Users|work|workspace)\/[\w.-]+/,
  /^\s*(?:[@\w-]+:)?registry\s*=/m,
  /"resolved":\s*"/,
  /https?:\/\/[\w.-]*(?:registry|artifactory|nexus|verdaccio)[\w.-]*\//i,
];

/** Returns one line for each trace in the repository. */
export function findTraces(): string[] {
  return filesIn(ROOT).filter((file) => !BINARY.test(file)).flatMap((file) =>
    tracesIn(readFileSync(file, "utf8")).map((trace) => `${relative(ROOT, file)}: ${trace}`)
  );
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (NOT_OURS.has(entry.name)) return []; // .git is a file in a worktree
    const path = join(folder, entry.name);
    if (entry.isFile()) return [path];
    return entry.isDirectory() ? filesIn(path) : [];
  });
}

/** Returns the traces in a text. */
export function tracesIn(text: string): string[] {
  return TRACES.flatMap((pattern) => pattern.exec(text)?.[0].trim() ?? []);
}
