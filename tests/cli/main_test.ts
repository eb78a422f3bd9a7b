import { readFile } from "node:fs/promises";
import { assert, test } from "../_kit/mod.ts";
import { COMMANDS } from "../../src/cli/commands/mod.ts";
import { fesa } from "./_kit.ts";

test("the tool: help lists every command, and each has its own", async () => {
  const { code, stdout, stderr } = await fesa(["help"]);
  assert.equal(code, 0);
  assert.equal(stderr, "");
  assert.deepEqual(await fesa([]), { code, stdout, stderr });
  for (const { name, summary, options } of COMMANDS) {
    assert.match(stdout, new RegExp(`^  ${name} +${summary.slice(0, 10)}`, "m"));
    const own = await fesa([name, "--help"]);
    assert.equal(own.code, 0);
    assert.deepEqual(await fesa(["help", name]), own);
    assert.deepEqual(await fesa([name, "-h"]), own);
    for (const option of Object.keys(options)) {
      assert.ok(own.stdout.includes(`--${option}`), `${name} ${option}`);
    }
    for (const line of own.stdout.split("\n")) assert.ok(line.length <= 160, `${name}: ${line}`);
  }
});

test("the tool: a command line that is wrong gives one line and exit code 2", async () => {
  for (
    const words of [["nothing"], ["help", "nothing"], ["--nothing"], ["help", "serve", "more"], [
      "-v",
      "more",
    ]]
  ) {
    const { code, stdout, stderr } = await fesa(words);
    assert.equal(code, 2);
    assert.equal(stdout, "");
    assert.match(stderr, /^fesa: [^\n]+\n$/);
  }
  for (const { name } of COMMANDS) {
    const { code, stderr } = await fesa([name, "--no-such-option"]);
    assert.equal(code, 2);
    assert.match(stderr, new RegExp(`^fesa ${name}: [^\\n]+\\n$`));
  }
});

test("the tool: its version is the package's", async () => {
  const { code, stdout } = await fesa(["--version"]);
  assert.equal(code, 0);
  assert.deepEqual(await fesa(["-v"]), { code, stdout, stderr: "" });
  for (const name of ["package.json", "deno.json"]) {
    const { version } = JSON.parse(await readFile(new URL(`../../${name}`, import.meta.url), "utf8"));
    assert.equal(stdout, `fesa ${version}\n`);
  }
});

test("the tool: output that nobody reads any more ends it without a word", async () => {
  for (const words of [["help"], ["help", "serve"], ["--version"]]) {
    const onOutput = () => {
      throw Object.assign(new Error("write EPIPE"), { code: "EPIPE" });
    };
    assert.deepEqual((await fesa(words, { onOutput })).stderr, "");
  }
});
