// Installs the pinned dependencies where they are missing or older than their lock file: those of the project, and
// those of the folders that are named (tools/binaries: runtimes that only the tests need).
// Plain JavaScript: it runs before anything is installed.
import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";

for (const folder of ["", ...process.argv.slice(2).map((name) => `${name}/`)]) {
  const root = fileURLToPath(new URL(`../${folder}`, import.meta.url));
  const lock = `${root}package-lock.json`;
  const installed = `${root}node_modules/.package-lock.json`;

  // `npm ci` would take away what other processes may be using; it is for the first time only.
  const command = !existsSync(installed)
    ? "ci"
    : statSync(installed).mtimeMs < statSync(lock).mtimeMs
    ? "install"
    : undefined;
  if (!command) continue;
  const { status } = spawnSync("npm", [command, "--no-audit", "--no-fund"], {
    cwd: root,
    stdio: "inherit",
    shell: process.platform === "win32",
  });
  if (status !== 0) process.exit(status ?? 1);
}
