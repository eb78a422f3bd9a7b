import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import process from "node:process";
import { assert, test, type TestOptions } from "../_kit/mod.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

const OPTIONS: TestOptions = { on: ["node"], needs: ["processes"] };
const THREE = ["node", "deno", "bun"].flatMap((name) => ["--runtime", name]);

function runTests(args: string[], noSkip = ""): { code: number | null; lines: string[] } {
  const { status, stdout } = spawnSync(
    process.execPath,
    ["--import", "tsx", "tools/test.ts", ...args.map((name) => name.replace("@", "tests/tools/fixtures"))],
    {
      cwd: root,
      encoding: "utf8",
      env: { ...process.env, FESA_NO_SKIP: noSkip, NODE_TEST_CONTEXT: undefined },
    },
  );
  return { code: status, lines: stdout.trimEnd().split("\n") };
}

test("tools/test: counts what passes, fails, hangs, is skipped, throws and leaves", OPTIONS, () => {
  const { code, lines } = runTests(["@/mixed.ts", "@/throwing.ts", "@/leaves.ts", ...THREE]);
  assert.equal(code, 1);
  for (const runtime of ["node", "deno", "bun"]) {
    const mixed = `${runtime.padEnd(6)} tests/tools/fixtures/mixed.ts`;
    assert.ok(lines.includes(`FAILED ${mixed}: fails`));
    assert.ok(lines.includes(`FAILED ${mixed}: hangs`));
    assert.ok(lines.some((line) => line.startsWith(`FAILED ${mixed}: 1 passed, 2 failed`)));
    assert.ok(lines.includes(`skipped ${mixed}: skips (skipped: no no-such-program)`));
    assert.ok(
      lines.includes(`FAILED ${runtime.padEnd(6)} tests/tools/fixtures/throwing.ts: the file does not load`),
    );
    assert.ok(lines.includes(`FAILED ${runtime.padEnd(6)} tests/tools/fixtures/leaves.ts: second`));
    assert.ok(lines.includes(`FAILED ${runtime.padEnd(6)} tests/tools/fixtures/leaves.ts: third`));
  }
  assert.match(lines.at(-1)!, /^\d+ passed, \d+ failed, 3 skipped$/);
});

test("tools/test: a test must run somewhere", OPTIONS, () => {
  const { code, lines } = runTests(["@/nowhere.ts"]);
  assert.equal(code, 1);
  assert.ok(lines.includes("FAILED tests/tools/fixtures/nowhere.ts: nowhere"), lines.join("\n"));
});

test("tools/test: FESA_NO_SKIP makes failures of skips", OPTIONS, () => {
  const { code, lines } = runTests(["@/mixed.ts", "--runtime", "node"], "1");
  assert.equal(code, 1);
  assert.ok(lines.includes("FAILED node   tests/tools/fixtures/mixed.ts: skips"));
  assert.equal(lines.at(-1), "1 passed, 3 failed");
});

test("tools/test: all well is exit code 0 and one line of figures", OPTIONS, () => {
  const { code, lines } = runTests(["tests/bytes_test.ts", ...THREE]);
  assert.equal(code, 0, lines.join("\n"));
  assert.match(lines.at(-1)!, /^\d+ passed, 0 failed$/);
});
