/**
 * All checks of the project other than its tests: `npm run check`, or
 * `npm run check -- lint layers` for the steps of those names. All steps run; the exit code tells whether all passed.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { build } from "./build.ts";
import { checkBudgets } from "./checks/budgets.ts";
import { bundleConsumers, compileConsumers, openConsumerPage, runConsumers } from "./checks/consumers.ts";
import { runDocExamples } from "./checks/doc_examples.ts";
import { checkLayers, readSources } from "./checks/layers.ts";
import { findBrokenLinks } from "./checks/links.ts";
import { checkContents, checkMaps, installFrom, pack } from "./checks/package.ts";
import { readLock, unlocked } from "./checks/sbom.ts";
import { findTraces } from "./checks/traces.ts";
import { makeDocs, withoutNodeTypes } from "./docs.ts";
import { checkDrawings } from "./handshakes/files.ts";
import { compareManifests, entries, missingEntries, readDenoJson, readPackageJson } from "./manifest.ts";
import { run } from "./process.ts";
import { executable, packageScript } from "./runtimes.ts";
import { checkMatrix } from "./test_runner/matrix.ts";

/** A step, which returns the faults that it finds as text, or an empty string. */
type Step = () => string | Promise<string>;

const STEP_TIMEOUT = 10 * 60_000;

const scratch = mkdtempSync(join(tmpdir(), "fesa-check-"));
const consumer = join(scratch, "consumer");
let tarball = "";

const steps: Readonly<Record<string, Step>> = {
  types: () => node("typescript", "tsc", "-p", "."),
  "deno-types": () => deno("check", "--quiet", "--node-modules-dir=manual", "."),
  format: () => deno("fmt", "--check"),
  lint: () => deno("lint", "--compact"),
  layers: () => checkLayers(readSources()).join("\n"),
  manifest: () => [...compareManifests(readPackageJson(), readDenoJson()), ...missingEntries()].join("\n"),
  "lock-file": () => ["", "tools/binaries/"].flatMap((folder) => unlocked(readLock(folder))).join("\n"),
  matrix: checkMatrix,
  handshakes: checkDrawings,
  links: findBrokenLinks,
  traces: () => findTraces().join("\n"),
  "doc-lint": async () => withoutNodeTypes(await deno("doc", "--lint", ...Object.values(entries()))),
  "doc-examples": () =>
    deno("test", "-A", "--doc", "--quiet", "--node-modules-dir=manual", "mod.ts", "src", "README.md", "docs"),
  jsr: () => deno("publish", "--dry-run", "--allow-dirty"),
  build,
  "node-examples": runDocExamples,
  docs: makeDocs, // after the build, which empties dist/
  pack: async () => {
    tarball = await pack(scratch);
    return "";
  },
  contents: checkContents,
  reproducible: async () => {
    const again = join(scratch, "again");
    mkdirSync(again);
    const complaints = await build();
    if (complaints) return complaints;
    const [first, second] = [tarball, await pack(again)].map((file) => readFileSync(file));
    return first.equals(second) ? "" : "two builds of the same sources give two packages";
  },
  publint: () => node("publint", "publint", "run", tarball, "--strict"),
  attw: () => node("@arethetypeswrong/cli", "attw", tarball, "--profile", "esm-only", "--no-emoji"),
  consumer: async () => {
    await installFrom(tarball, consumer);
    return checkMaps(consumer);
  },
  "consumer-types": () => compileConsumers(consumer),
  "consumer-runs": () => runConsumers(consumer),
  "consumer-bundles": () => bundleConsumers(consumer),
  "consumer-page": () => openConsumerPage(consumer),
  budgets: checkBudgets,
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in steps));
if (unknown.length > 0) {
  console.error(`no step is called ${unknown.join(", ")}; there are: ${Object.keys(steps).join(", ")}`);
  process.exit(2);
}
if (wanted.some((name) => ["publint", "attw", "contents", "reproducible"].includes(name))) {
  wanted.push("build", "pack");
}
if (wanted.includes("node-examples")) wanted.push("build");
if (wanted.some((name) => name.startsWith("consumer"))) {
  wanted.push("build", "pack", "consumer", "consumer-types");
}

let failures = 0;
try {
  for (const [name, step] of Object.entries(steps)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    const started = performance.now();
    const complaints = await Promise.resolve().then(step).catch((error: Error) =>
      error.stack ?? String(error)
    );
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    console.log(`${complaints ? "FAILED" : "ok    "} ${name} (${seconds} s)`);
    if (!complaints) continue;
    failures++;
    const lines = complaints.trimEnd().split("\n");
    console.log(lines.slice(0, 100).map((line) => `       ${line}`).join("\n"));
    if (lines.length > 100) console.log(`       … and ${lines.length - 100} lines more`);
  }
} finally {
  rmSync(scratch, { recursive: true });
}
console.log(failures === 0 ? "all checks passed" : `${failures} checks failed`);
process.exitCode = failures === 0 ? 0 : 1;

function deno(...args: string[]): Promise<string> {
  return complaintsOf(executable("deno"), args);
}

/** Runs the command of an npm package. */
function node(name: string, command: string, ...args: string[]): Promise<string> {
  return complaintsOf(process.execPath, [packageScript(name, command), ...args]);
}

async function complaintsOf(program: string, args: readonly string[]): Promise<string> {
  const { code, output, timedOut } = await run(program, args, { timeout: STEP_TIMEOUT });
  if (timedOut) return `${output.trim()}\ndid not end in ${STEP_TIMEOUT / 60_000} minutes`;
  return code === 0 ? "" : output.trim() || `ended with exit code ${code}`;
}
