/** The bundlers that consumers of the package use, each set up as its documentation does for a modern page. */
import { basename, dirname, extname } from "node:path";
import { promisify } from "node:util";
import { nodeResolve } from "@rollup/plugin-node-resolve";
import { rollup } from "@rollup/wasm-node"; // without a binary for each platform
import * as esbuild from "esbuild";
import * as vite from "vite";
import webpack from "webpack";

/** Bundles a program into minified modules in a folder; the entry keeps the program's name. */
export type Bundler = (program: string, output: string) => Promise<void>;

const TARGET = "es2022";

export const BUNDLERS: Readonly<Record<string, Bundler>> = {
  async esbuild(program, output) {
    await esbuild.build({
      entryPoints: [program],
      outdir: output,
      bundle: true,
      splitting: true,
      minify: true,
      format: "esm",
      target: TARGET,
      logLevel: "silent",
    });
  },

  async rollup(program, output) {
    const bundle = await rollup({ input: program, plugins: [nodeResolve({ browser: true })] });
    const minify = {
      name: "minify", // Rollup has no minifier of its own
      renderChunk: (code: string) => esbuild.transform(code, { minify: true, target: TARGET }),
    };
    await bundle.write({ dir: output, format: "es", plugins: [minify] });
    await bundle.close();
  },

  async webpack(program, output) {
    const compiler = webpack({
      mode: "production",
      target: TARGET,
      entry: { [basename(program, extname(program))]: program },
      output: { path: output, filename: "[name].js", module: true, chunkFormat: "module" },
      experiments: { outputModule: true },
      performance: false,
    })!;
    const stats = (await promisify(compiler.run.bind(compiler))())!;
    if (stats.hasErrors() || stats.hasWarnings()) throw new Error(stats.toString("errors-warnings"));
    await promisify(compiler.close.bind(compiler))();
  },

  async vite(program, output) {
    await vite.build({
      root: dirname(program),
      configFile: false,
      logLevel: "silent",
      build: {
        target: TARGET,
        outDir: output,
        modulePreload: false, // which would need a page
        rolldownOptions: { input: program, output: { entryFileNames: "[name].js" } },
      },
    });
  },
};

/** Bundles modules into one for workerd, as its tools do; the last one exports the handlers. */
export async function bundleForWorkerd(
  folder: string,
  modules: readonly string[],
  output: string,
): Promise<void> {
  const imports = modules.map((name) => `import "${name}";\n`).join("");
  await esbuild.build({
    stdin: { contents: `${imports}export { default } from "${modules.at(-1)}";`, resolveDir: folder },
    outfile: output,
    bundle: true,
    format: "esm",
    target: TARGET,
    conditions: ["workerd", "worker", "browser"],
    logLevel: "silent",
  });
}
