/** Makes one module of each test file, for browsers and workerd. */
import { join } from "node:path";
import { build, type BuildOptions, type Plugin } from "esbuild";
import { ROOT } from "../runtimes.ts";

const KIT = join(ROOT, "tests/_kit");

const COMMON: BuildOptions = {
  bundle: true,
  format: "esm",
  platform: "browser",
  target: "es2022",
  logLevel: "silent",
  absWorkingDir: ROOT,
};

/** Node's built-in modules that tests use and that have a replacement for every platform. */
const STAND_INS: Readonly<Record<string, string>> = {
  "node:assert": "assert/",
  "node:buffer": "buffer/",
  "node:zlib": join(KIT, "zlib_bundled.ts"),
};

/** Bundles the host of test files in a page or in workerd, or the worker that tests start. */
export async function bundleHost(host: "page" | "worker" | "workerd", outfile: string): Promise<void> {
  await build({ ...COMMON, entryPoints: [join(KIT, `${host}.ts`)], outfile });
}

/**
 * Bundles a test file with all its imports. The module's one export is a function around all of it, so that the file is
 * evaluated on demand, any number of times, with its host as the argument.
 */
export async function bundleTestFile(file: string, outfile: string): Promise<void> {
  await build({
    ...COMMON,
    stdin: { contents: `import ${JSON.stringify(join(ROOT, file))};` }, // so that the module exports nothing else
    outfile,
    banner: { js: "export default async function (fesaFile) {" },
    footer: { js: "}" },
    alias: STAND_INS,
    define: { "process.env.NODE_DEBUG": "undefined", global: "globalThis" },
    external: ["cloudflare:*"],
    plugins: [withoutNode],
  });
}

/**
 * Replaces the kit's runner for files by the runner for bundles, and Node's built-in modules by stubs that throw on first
 * use. A test that uses such a module must declare it.
 */
const withoutNode: Plugin = {
  name: "without-node",
  setup({ onResolve, onLoad }) {
    onResolve(
      { filter: /^\// }, // package.json declares that modules have no side effects, which is not true for tests
      ({ path }) => ({ path, sideEffects: true }),
    );
    onResolve(
      { filter: /^\.\/runner\.ts$/ },
      ({ resolveDir }) => resolveDir === KIT ? { path: join(KIT, "runner_bundled.ts") } : undefined,
    );
    onResolve(
      { filter: /^(node:.*|crypto|fs|path)$/ },
      ({ path }) => path in STAND_INS ? undefined : { path, namespace: "node" },
    );
    onLoad({ filter: /.*/, namespace: "node" }, ({ path }) => ({
      contents: `
        const missing = () => { throw new Error(${JSON.stringify(`there is no ${path} here`)}); };
        module.exports = Object.create(new Proxy({}, { get: () => missing }));
      `,
    }));
  },
};
