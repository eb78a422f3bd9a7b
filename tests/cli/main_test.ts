import { readFile } from "node:fs/promises";
import { assert, test } from "../_kit/mod.ts";
import { spawnSync } from "node:child_process";
import { Arguments } from "../../src/cli/command.ts";
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

test("the tool: each help ends with two examples, which the command takes", async () => {
  for (const command of COMMANDS) {
    const { stdout } = await fesa(["help", command.name]);
    const examples = stdout.slice(stdout.indexOf("\nexamples:\n")).match(/^ {2}fesa .*$/gm)!;
    assert.equal(examples.length, 2, command.name);
    for (const example of examples) {
      const words = example.trim().match(/"[^"]*"|'[^']*'|[^ ]+/g)!.map((word) =>
        word.replace(/^["']|["']$/g, "")
      );
      const end = words.indexOf(">");
      new Arguments(command, words.slice(2, end < 0 ? undefined : end));
    }
  }
});

test("the tool: shells complete its commands and options", { needs: ["processes"] }, async () => {
  const { stdout: script } = await fesa(["completion", "bash"]);
  const complete = (...words: string[]) => {
    const ask = `COMP_WORDS=(fesa ${
      words.join(" ")
    }); COMP_CWORD=${words.length}; _fesa; echo "\${COMPREPLY[@]}"`;
    return spawnSync("bash", ["-c", `${script}\n${ask}`], { encoding: "utf8" }).stdout.trim();
  };
  assert.equal(complete("se"), "serve");
  assert.equal(complete("keygen", "--pass"), "--passphrase-file");
  assert.equal(complete("help", "key"), "keygen");
  assert.equal(complete("serve", "--setting", "''"), "certificate key native off");
  assert.equal(complete("completion", "z"), "zsh");
  for (const shell of ["zsh", "fish"]) {
    const { code, stdout } = await fesa(["completion", shell]);
    assert.equal(code, 0);
    for (const { name, options } of COMMANDS) {
      for (const word of [name, ...Object.keys(options)]) {
        assert.ok(stdout.includes(word), `${shell} ${word}`);
      }
    }
  }
  assert.equal((await fesa(["completion", "csh"])).code, 2);
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

test("the tool: ends silently when its output is not read any more", async () => {
  for (const words of [["help"], ["help", "serve"], ["--version"]]) {
    const onOutput = () => {
      throw Object.assign(new Error("write EPIPE"), { code: "EPIPE" });
    };
    assert.deepEqual((await fesa(words, { onOutput })).stderr, "");
  }
});
