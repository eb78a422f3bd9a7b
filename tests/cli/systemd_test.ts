/** The unit of docs/deployment.md, as systemd reads it. */

import { spawnSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { assert, test } from "../_kit/mod.ts";
import { inFolder } from "./_kit.ts";

test("docs/deployment.md: systemd takes the unit, which writes in its own folder alone", {
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
