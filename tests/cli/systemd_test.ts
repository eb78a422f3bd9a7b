/** Checks the unit of docs/deployment.md with systemd. */

import { spawnSync } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import process from "node:process";
import { assert, test } from "../_kit/mod.ts";
import { PeerProgram } from "../_kit/peer.ts";
import { install } from "./_guide.ts";
import { fesa, inFolder } from "./_kit.ts";
import { prepare } from "./_serving.ts";

test("docs/deployment.md: systemd accepts the unit, which writes only in its own folder", {
  needs: ["systemd-analyze"],
  on: ["node"],
}, async () => {
  const guide = await readFile(new URL("../../docs/deployment.md", import.meta.url), "utf8");
  const [, unit] = /```ini\n(.*?)```/s.exec(guide)!;
  const [, program] = /^ExecStart=(\S+)/m.exec(unit)!;
  await inFolder(async (path) => {
    await writeFile(path("fesa.service"), unit.replace(program, "/bin/true")); // systemd looks whether it is there
    const { status, stdout, stderr } = spawnSync("systemd-analyze", ["verify", path("fesa.service")], {
      encoding: "utf8",
    });
    assert.equal(`${stdout}${stderr}`.replace(/^.*man page.*\n/gm, ""), "");
    assert.equal(status, 0);
  });
  const [, directory] = /^StateDirectory=(\S+)/m.exec(unit)!;
  assert.match(unit, /^ProtectSystem=strict$/m);
  assert.match(unit, new RegExp(`^WorkingDirectory=/var/lib/${directory}$`, "m"));
  assert.match(unit, new RegExp(`--config /var/lib/${directory}/`));
});

test(
  "docs/deployment.md: its configuration starts and receives where nothing but its folder can be written to",
  {
    needs: ["processes"],
    on: ["node"],
  },
  async () => {
    const guide = await readFile(new URL("../../docs/deployment.md", import.meta.url), "utf8");
    const [, config] = /cat > server\.json <<'END'\n(.*?)END/s.exec(guide)!;
    await inFolder(async (path) => {
      await install(path);
      await mkdir(path("state"));
      const state = (name: string) => path(`state/${name}`);
      await prepare(state);
      await writeFile(
        state("server.json"),
        config.replace("127.0.0.1:4433", "127.0.0.1:0").replace("certificate.pem", "chain.pem"),
      );
      await writeFile(path("file"), "what is sent");
      await using server = new PeerProgram([
        ...[
          process.execPath,
          "--experimental-permission",
          "--allow-fs-read=*",
          `--allow-fs-write=${path("state")}`,
        ],
        ...[path("node_modules/@fesa/channel/src/cli/main.js"), "serve", "--config", state("server.json")],
      ]);
      await server.says("\n");
      const output = new TextDecoder().decode(await server.output(1));
      const [, address] = /^listening on (\S+)\n/.exec(output)!;
      const trust = ["--setting", "certificate", "--roots", state("root.pem"), "--name", "localhost"];
      const sent = await fesa(["connect", address, ...trust, "--send", path("file")]);
      assert.equal(sent.code, 0, sent.stderr);
      assert.equal(await readFile(state("inbox/file"), "utf8"), "what is sent");
    });
  },
);
