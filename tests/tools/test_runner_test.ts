import { spawnSync } from "node:child_process";
import { chmodSync } from "node:fs";
import { fileURLToPath } from "node:url";
import process from "node:process";
import { assert, test, type TestOptions } from "../_kit/mod.ts";
import { Files } from "../_kit/files.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

const OPTIONS: TestOptions = { on: ["node"], needs: ["processes"] };
const THREE = ["node", "deno", "bun"].flatMap((name) => ["--runtime", name]);

function runTests(
  args: string[],
  env: Record<string, string> = {},
): { code: number | null; lines: string[] } {
  const { status, stdout } = spawnSync(
    process.execPath,
    ["--import", "tsx", "tools/test.ts", ...args.map((name) => name.replace("@", "tests/tools/fixtures"))],
    {
      cwd: root,
      encoding: "utf8",
      env: { ...process.env, FESA_NO_SKIP: "", NODE_TEST_CONTEXT: undefined, ...env },
    },
  );
  return { code: status, lines: stdout.trimEnd().split("\n") };
}

test("tools/test: counts tests that pass, fail, hang, are skipped, throw or end the process", OPTIONS, () => {
  const { code, lines } = runTests(["@/mixed.ts", "@/throwing.ts", "@/leaves.ts", ...THREE]);
  assert.equal(code, 1);
  for (const runtime of ["node", "deno", "bun"]) {
    const mixed = `${runtime.padEnd(8)} tests/tools/fixtures/mixed.ts`;
    assert.ok(lines.includes(`FAILED ${mixed}: fails`));
    assert.ok(lines.includes(`FAILED ${mixed}: hangs`));
    assert.ok(lines.some((line) => line.startsWith(`FAILED ${mixed}: 1 passed, 2 failed`)));
    assert.ok(lines.includes(`skipped ${mixed}: skips (skipped: no no-such-program)`));
    assert.ok(
      lines.includes(`FAILED ${runtime.padEnd(8)} tests/tools/fixtures/throwing.ts: the file does not load`),
    );
    assert.ok(lines.includes(`FAILED ${runtime.padEnd(8)} tests/tools/fixtures/leaves.ts: second`));
    assert.ok(lines.includes(`FAILED ${runtime.padEnd(8)} tests/tools/fixtures/leaves.ts: third`));
  }
  assert.match(lines.at(-1)!, /^\d+ passed, \d+ failed, 3 skipped$/);
});

test("tools/test: in bundles too, and after a file that never ends the next one runs", OPTIONS, () => {
  const files = ["@/mixed.ts", "@/throwing.ts", "@/endless.ts"];
  const { code, lines } = runTests([...files, "--runtime", "workerd", "--file-timeout", "5"]);
  assert.equal(code, 1);
  const fixtures = "workerd  tests/tools/fixtures";
  assert.ok(lines.includes(`FAILED ${fixtures}/endless.ts: endless`), lines.join("\n"));
  assert.ok(lines.includes(`FAILED ${fixtures}/endless.ts: last`));
  assert.ok(lines.includes("       was ended after 5 s"));
  assert.ok(lines.some((line) => line.startsWith(`FAILED ${fixtures}/endless.ts: 1 passed, 3 failed`)));
  assert.ok(lines.includes(`FAILED ${fixtures}/mixed.ts: fails`));
  assert.ok(lines.includes(`FAILED ${fixtures}/mixed.ts: hangs`));
  assert.ok(lines.some((line) => line.startsWith(`FAILED ${fixtures}/mixed.ts: 1 passed, 2 failed`)));
  assert.ok(lines.includes(`FAILED ${fixtures}/throwing.ts: the file does not load`));
  assert.equal(lines.at(-1), "2 passed, 6 failed");
});

test("tools/test: a browser that ends is a failure, one that is missing a named skip", OPTIONS, () => {
  using folder = new Files();
  chmodSync(folder.write("chromium", "#!/bin/sh\nexit 7\n"), 0o755);
  const files = ["tests/bytes_test.ts", "--runtime", "chromium"];
  const ended = runTests(files, { PATH: `${folder.path}:${process.env.PATH}` });
  assert.equal(ended.code, 1);
  assert.ok(ended.lines.includes("FAILED chromium tests/bytes_test.ts: the file does not load"));
  assert.ok(ended.lines.some((line) => line.includes("chromium ended")), ended.lines.join("\n"));
  using nothing = new Files();
  const missing = runTests([...files, "--runtime", "node"], { PATH: nothing.path });
  assert.ok(missing.lines.includes("skipped chromium: not on this machine"), missing.lines.join("\n"));
  assert.match(missing.lines.at(-1)!, /^\d+ passed, 0 failed, 1 skipped$/);
});

test("tools/test: a test must run somewhere", OPTIONS, () => {
  const { code, lines } = runTests(["@/nowhere.ts"]);
  assert.equal(code, 1);
  assert.ok(lines.includes("FAILED tests/tools/fixtures/nowhere.ts: nowhere"), lines.join("\n"));
});

test("tools/test: FESA_NO_SKIP turns skips into failures", OPTIONS, () => {
  const { code, lines } = runTests(["@/mixed.ts", "--runtime", "node"], { FESA_NO_SKIP: "1" });
  assert.equal(code, 1);
  assert.ok(lines.includes("FAILED node     tests/tools/fixtures/mixed.ts: skips"));
  assert.equal(lines.at(-1), "1 passed, 3 failed");
});

test("tools/test: all well is exit code 0 and one line of figures", OPTIONS, () => {
  const { code, lines } = runTests(["tests/bytes_test.ts", ...THREE]);
  assert.equal(code, 0, lines.join("\n"));
  assert.match(lines.at(-1)!, /^\d+ passed, 0 failed$/);
});
