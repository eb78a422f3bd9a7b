/** Uses the installed package as its users do: compiled, imported, and bundled. */
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { gzipSync } from "node:zlib";
import puppeteer from "puppeteer-core";
import { preview } from "vite";
import { CHROMIUM_ARGUMENTS } from "../browsers.ts";
import { entries } from "../manifest.ts";
import { run } from "../process.ts";
import { packageScript, type ProcessFamily, ROOT, type Runtime, RUNTIMES } from "../runtimes.ts";
import { bundleForWorkerd, BUNDLERS } from "./bundlers.ts";

/** The last line of the programs of tools/checks/consumer. */
const DONE = "round trips done";

/** Milliseconds for each program, and for the page: only what hangs takes as long. */
const PATIENCE = 200_000;

/** The entry points that need a server runtime. */
const NOT_WEB = ["@fesa/channel/node", "@fesa/channel/bun"];

/**
 * Compiles the programs of tools/checks/consumer against the package's types, as strictly as a consumer can, with and without
 * Node's types; the other checks run the resulting JavaScript.
 */
export async function compileConsumers(folder: string): Promise<string> {
  cpSync(join(ROOT, "tools/checks/consumer"), folder, { recursive: true });
  const names = Object.keys(entries()).filter((subpath) => subpath !== "./cli") // which would run
    .map((subpath) => subpath.replace(/^\./, "@fesa/channel"));
  writeFileSync(join(folder, "every_entry.ts"), importing(names));
  writeFileSync(
    join(folder, "every_web_entry.ts"),
    importing(names.filter((name) => !NOT_WEB.includes(name))),
  );
  const web = ["main.ts", "worker.ts", "error_only.ts", "every_web_entry.ts"];
  const faults = [
    await compile(folder, web, { module: "ESNext", moduleResolution: "Bundler", noEmit: true }),
    await compile(folder, web, { module: "NodeNext" }),
    await compile(folder, ["every_web_entry.ts"], {
      module: "NodeNext",
      lib: ["ES2022", "DOM"],
      noEmit: true,
    }),
    await compile(folder, ["every_entry.ts"], {
      module: "NodeNext",
      types: ["node"],
      typeRoots: [join(ROOT, "node_modules/@types")],
    }),
  ];
  return faults.join("");
}

function importing(names: readonly string[]): string {
  const imports = names.map((name, index) => `import * as m${index} from "${name}";\n`);
  const modules = names.map((_, index) => `m${index}`).join(", ");
  const check = `if ([${modules}].some((module) => Object.keys(module).length === 0)) throw new Error();\n`;
  return `${imports.join("")}${check}`;
}

async function compile(folder: string, files: string[], options: Record<string, unknown>): Promise<string> {
  const compilerOptions = {
    target: "ES2022",
    lib: ["ES2022", "DOM", "DOM.Iterable", "DOM.AsyncIterable", "ESNext.Disposable"],
    types: [],
    strict: true,
    skipLibCheck: false,
    allowImportingTsExtensions: true,
    rewriteRelativeImportExtensions: true,
    ...options,
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files }));
  const tsc = packageScript("typescript", "tsc");
  return await complaintsOf(folder, `tsc ${files[0]}`, process.execPath, [tsc, "-p", folder]);
}

/** Runs the compiled programs on every runtime of servers. */
export async function runConsumers(folder: string): Promise<string> {
  const faults = [await complaintsOf(folder, "npx", "npx", ["-p", "@fesa/channel", "fesa", "help"])];
  for (const runtime of RUNTIMES) {
    if (["chromium", "firefox", "webkit"].includes(runtime.family)) continue;
    const { program } = runtime;
    if (program === undefined) faults.push(absence(runtime));
    else if (runtime.family === "workerd") faults.push(await runInWorkerd(folder, program));
    else faults.push(await runInProcesses(folder, program, runtime));
  }
  return faults.join("");
}

/** Runs the programs, and asks the tool for its help. */
async function runInProcesses(folder: string, program: string, { name, family }: Runtime): Promise<string> {
  const tool = "node_modules/@fesa/channel/dist/src/cli/main.js";
  const prefix = { node: [], deno: ["run", "-A", "--node-modules-dir=manual"], bun: ["run"] };
  const faults: string[] = [];
  for (const args of [["every_entry.js"], ["main.js"], [tool, "help"]]) {
    const whole = [...prefix[family as ProcessFamily], ...args];
    faults.push(await complaintsOf(folder, `${name} ${args[0]}`, program, whole));
  }
  return faults.join("");
}

async function runInWorkerd(folder: string, program: string): Promise<string> {
  await bundleForWorkerd(folder, ["./every_web_entry.js", "./worker.js"], join(folder, "workerd.js"));
  writeFileSync(
    join(folder, "workerd.capnp"),
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (services = [(name = "consumer", worker = (
  modules = [(name = "workerd.js", esModule = embed "workerd.js")],
  compatibilityDate = "2026-11-01",
))]);
`,
  );
  return await complaintsOf(folder, "workerd", program, ["test", "workerd.capnp"]);
}

/** The size budget of each program at its start, bundled, minified and gzipped, in kilobytes; `main` has all settings, both sides and a CA. */
const BUDGETS = { main: 128, error_only: 1 };

/** Bundles programs with every bundler, and runs the output. */
export async function bundleConsumers(folder: string): Promise<string> {
  const faults: string[] = [];
  for (const [bundler, bundle] of Object.entries(BUNDLERS)) {
    for (const [program, kilobytes] of Object.entries(BUDGETS)) {
      const what = `${bundler} ${program}`;
      const output = join(folder, "bundles", bundler, program);
      await bundle(join(folder, `${program}.js`), output);
      const size = sizeOf(modulesAtStart(join(output, `${program}.js`)));
      console.log(`       ${what.padEnd(20)} ${size.toFixed(1).padStart(5)} kB of ${kilobytes}`);
      if (size > kilobytes) faults.push(`${what} takes ${size.toFixed(1)} kB; its budget is ${kilobytes}\n`);
      faults.push(await complaintsOf(output, what, process.execPath, [`${program}.js`], DONE));
    }
  }
  return faults.join("");
}

/** A module and its static imports, recursively, without dynamic ones. */
function modulesAtStart(module: string, known: Set<string> = new Set()): Set<string> {
  known.add(module);
  for (const [, name] of readFileSync(module, "utf8").matchAll(/\b(?:import|from)\s*"(\.[^"]+)"/g)) {
    const imported = join(module, "..", name);
    if (!known.has(imported)) modulesAtStart(imported, known);
  }
  return known;
}

function sizeOf(modules: Iterable<string>): number {
  return [...modules].reduce((sum, file) => sum + gzipSync(readFileSync(file), { level: 9 }).length, 0) /
    1000;
}

/** Makes a page with Vite and has Chromium open it. */
export async function openConsumerPage(folder: string): Promise<string> {
  const chromium = RUNTIMES.find(({ name }) => name === "chromium")!;
  if (chromium.program === undefined) return absence(chromium);
  writeFileSync(join(folder, "index.html"), '<!doctype html><script type="module" src="main.js"></script>');
  await BUNDLERS.vite(join(folder, "index.html"), join(folder, "dist"));
  const server = await preview({
    root: folder,
    configFile: false,
    logLevel: "silent",
    preview: { host: "127.0.0.1", port: 0 },
  });
  const browser = await puppeteer.launch({
    executablePath: chromium.program,
    args: [...CHROMIUM_ARGUMENTS],
    timeout: PATIENCE,
  });
  try {
    const page = await browser.newPage();
    page.setDefaultTimeout(PATIENCE);
    const errors: string[] = [];
    page.on("pageerror", (error) => errors.push(`the page: ${error}\n`));
    await page.goto(server.resolvedUrls!.local[0]);
    const done = page.waitForFunction((title) => document.title === title, {}, DONE);
    return await done.then(() => "", () => errors.join("") || "the page did not come to an end\n");
  } finally {
    await browser.close();
    await server.close();
  }
}

/** Returns a complaint if nothing may be skipped; otherwise prints that the check is skipped. */
function absence({ name }: Runtime): string {
  if (process.env.FESA_NO_SKIP) return `${name} is not on this machine\n`;
  console.log(`       skipped: ${name} is not on this machine`);
  return "";
}

async function complaintsOf(
  cwd: string,
  what: string,
  program: string,
  args: readonly string[],
  expected = "",
): Promise<string> {
  const { code, output, timedOut } = await run(program, args, { cwd, timeout: PATIENCE });
  if (timedOut) return `${what} did not end\n`;
  return code === 0 && output.includes(expected)
    ? ""
    : `${what}: exit code ${code}\n${output.slice(0, 5000)}\n`;
}
