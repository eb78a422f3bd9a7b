/** Packs the npm package and uses it as a stranger would: unpacked in another folder, beside its dependencies. */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { entries, readPackageJson } from "./manifest.ts";
import { run, type RunResult } from "./process.ts";
import { executable, packageScript, ROOT } from "./runtimes.ts";

/** Packs dist/ into a folder and gives the tarball's path, or throws with what npm says. */
export async function pack(folder: string): Promise<string> {
  const { code, output } = await run("npm", ["pack", "--silent", "--pack-destination", folder]);
  const tarball = readdirSync(folder).find((name) => name.endsWith(".tgz"));
  if (code !== 0 || !tarball) throw new Error(output);
  return join(folder, tarball);
}

/** Unpacks the tarball as a dependency of an empty project, which is handed to `work` and taken away afterwards. */
export async function asConsumer(
  tarball: string,
  work: (folder: string) => Promise<string>,
): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "fesa-consumer-"));
  try {
    const modules = join(folder, "node_modules");
    mkdirSync(join(modules, "@fesa"), { recursive: true });
    const { code, output } = await run("tar", ["-xzf", tarball, "-C", folder]);
    if (code !== 0) return output;
    renameSync(join(folder, "package"), join(modules, "@fesa/channel"));
    for (const name of Object.keys(readPackageJson().dependencies)) {
      cpSync(join(ROOT, "node_modules", name), join(modules, name), { recursive: true });
    }
    writeFileSync(join(folder, "package.json"), '{ "type": "module", "private": true }\n');
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Imports every subpath on every runtime, and asks the tool for its help. */
export async function importEverywhere(folder: string): Promise<string> {
  const subpaths = Object.keys(entries()).filter((subpath) => subpath !== "./cli"); // that one is run, below
  const lines = subpaths.map((subpath) => {
    const name = subpath.replace(/^\./, "@fesa/channel");
    return `if (Object.keys(await import("${name}")).length === 0) throw new Error("${name} exports nothing");`;
  });
  writeFileSync(join(folder, "consumer.mjs"), `${lines.join("\n")}\n`);
  const complaints: string[] = [];
  for (const runtime of ["node", "deno", "bun"] as const) {
    const prefix = { node: [], deno: ["run", "-A", "--node-modules-dir=manual"], bun: ["run"] }[runtime];
    for (const args of [["consumer.mjs"], ["node_modules/@fesa/channel/dist/src/cli/main.js", "--help"]]) {
      const result = await run(executable(runtime), [...prefix, ...args], { cwd: folder, timeout: 60_000 });
      if (result.code !== 0) complaints.push(`${runtime} ${args.join(" ")}: ${describe(result)}`);
    }
  }
  return complaints.join("\n");
}

/** Compiles a program against the package's types, as strictly as a consumer can, on a platform without Node's types. */
export async function compileAgainst(folder: string): Promise<string> {
  const web = Object.keys(entries()).filter((subpath) => subpath !== "./cli" && subpath !== "./node");
  const source = web.map((subpath, index) =>
    `import * as m${index} from "${subpath.replace(/^\./, "@fesa/channel")}";\nvoid m${index};\n`
  );
  writeFileSync(join(folder, "consumer.ts"), source.join(""));
  const complaints: string[] = [];
  for (const [module, moduleResolution] of [["NodeNext", "NodeNext"], ["ESNext", "Bundler"]]) {
    const options = {
      compilerOptions: {
        module,
        moduleResolution,
        target: "ES2022",
        lib: ["ES2022", "DOM", "DOM.Iterable", "DOM.AsyncIterable", "ESNext.Disposable"],
        types: [],
        strict: true,
        noEmit: true,
        skipLibCheck: false,
      },
      files: ["consumer.ts"],
    };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(options));
    const tsc = packageScript("typescript", "tsc");
    const result = await run(process.execPath, [tsc, "-p", folder], { cwd: folder });
    if (result.code !== 0) complaints.push(`${moduleResolution}: ${describe(result)}`);
  }
  return complaints.join("\n");
}

function describe(result: RunResult): string {
  return result.timedOut ? "did not end" : `exit code ${result.code}\n${result.output}`;
}
