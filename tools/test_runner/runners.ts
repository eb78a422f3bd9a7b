/** The runtimes that need no bundles: Node, Deno and Bun, each file alone under the runtime's own test runner. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../process.ts";
import { type ProcessFamily, type Runtime, SCRIPT_PREFIX } from "../runtimes.ts";
import type { FileListing, FileRun } from "./account.ts";
import { parseJunit } from "./junit.ts";

/** Lists the tests that files register in a runtime. */
export async function listFiles(
  runtime: Runtime,
  files: readonly string[],
  scratch: string,
): Promise<readonly FileListing[]> {
  const output = join(scratch, `${runtime.name}-list.json`);
  const prefix = SCRIPT_PREFIX[runtime.family as ProcessFamily];
  const result = await run(
    runtime.program!,
    [...prefix, "tools/test_runner/list_tests.ts", output, ...files],
    {
      env: { ...environment(runtime), FESA_LIST: "1" },
    },
  );
  if (existsSync(output)) return JSON.parse(readFileSync(output, "utf8"));
  const error = `the list was not made:\n${lastLines(result.output)}`;
  return files.map((file) => ({ file, tests: [], error }));
}

/** Runs one file, with a time limit in milliseconds. */
export async function runFile(
  runtime: Runtime,
  file: string,
  timeout: number,
  scratch: string,
): Promise<FileRun> {
  const report = join(scratch, `${runtime.name}-${file.replaceAll("/", "-")}.xml`);
  const { code, output, timedOut, seconds } = await run(
    runtime.program!,
    runnerArguments(runtime, file, report),
    { env: { ...environment(runtime), FESA_LIST: undefined, NODE_TEST_CONTEXT: undefined }, timeout },
  );
  const executed = existsSync(report) ? parseJunit(readFileSync(report, "utf8")) : [];
  const fault = timedOut
    ? `was ended after ${timeout / 1000} s`
    : executed.length === 0
    ? `the runner reported nothing\n${lastLines(output)}`
    : code !== 0 && executed.every(({ outcome }) => outcome !== "failed")
    ? `ended with exit code ${code}\n${lastLines(output)}`
    : undefined;
  return { executed, fault, seconds };
}

function environment({ leavesPrograms }: Runtime): Record<string, string | undefined> {
  return { FESA_LEAVE_PROGRAMS: leavesPrograms && "1" };
}

function runnerArguments({ family }: Runtime, file: string, report: string): string[] {
  switch (family) {
    case "node": {
      const reporter = ["--test-reporter", "junit", "--test-reporter-destination", report];
      return ["--import", "tsx", ...reporter, file]; // with --test it would start a second Node
    }
    case "deno":
      return [
        "test",
        "-A",
        "--no-check",
        "--quiet",
        "--node-modules-dir=manual",
        "--junit-path",
        report,
        file,
      ];
    default:
      return ["test", "--reporter", "junit", "--reporter-outfile", report, `./${file}`];
  }
}

function lastLines(text: string): string {
  return text.trimEnd().split("\n").slice(-40).join("\n");
}
