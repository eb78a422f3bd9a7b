// Installs the pinned dependencies where they are missing or older than their lock file: those of the project, and
// those of the folders that are named (tools/binaries: runtimes that only the tests need).
// Plain JavaScript: it runs before anything is installed.
import { spawnSync } from "node:child_process";
import { existsSync, linkSync, readdirSync, renameSync, statSync } from "node:fs";
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

// Bun's package puts its program in place by an install script, which is not run here. Without it `npx bun` and
// node_modules/.bin/bun are a few lines that say so.
const modules = fileURLToPath(new URL("../node_modules", import.meta.url));
const program = platformPrograms(`${modules}/@oven`).find((file) => existsSync(file));
for (const name of ["bun", "bunx"]) {
  const stub = `${modules}/bun/bin/${name}.exe`; // with this suffix on every system
  if (!program || !existsSync(stub) || statSync(stub).size > 4096) continue;
  linkSync(program, `${stub}.${process.pid}`);
  renameSync(`${stub}.${process.pid}`, stub);
}

function platformPrograms(folder) {
  const packages = existsSync(folder) ? readdirSync(folder) : [];
  return packages.map((name) => `${folder}/${name}/bin/bun${process.platform === "win32" ? ".exe" : ""}`);
}
