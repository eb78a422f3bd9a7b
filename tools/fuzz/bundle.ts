/** Bundles the fuzzing targets into one file, with counters in the library's code. */
import { build, transform } from "esbuild";
import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { ROOT } from "../runtimes.ts";
import { instrument } from "./instrument.ts";

/** The folder of the file, from which packages can be resolved. */
const OUTPUT = `${ROOT}node_modules/.cache/fesa-fuzz/targets.mjs`;

/** The contents of the file. */
export interface Bundle {
  readonly path: string;
  /** The modules with counters, each with the number of its first one, in order. */
  readonly modules: readonly { readonly file: string; readonly first: number }[];
  readonly counters: number;
  /** The texts in the code: tokens that a mutation may put into an input. */
  readonly texts: readonly string[];
}

/** Bundles the targets and gives them counters. */
export async function bundleTargets(): Promise<Bundle> {
  const modules: { file: string; first: number }[] = [];
  const texts = new Set<string>();
  let counters = 0;
  await build({
    entryPoints: [`${ROOT}tests/fuzz/_targets.ts`],
    outfile: OUTPUT,
    bundle: true,
    format: "esm",
    platform: "node",
    packages: "external",
    logLevel: "error",
    plugins: [{
      name: "counters",
      setup: ({ onLoad }) =>
        onLoad({ filter: /[/\\]src[/\\].*\.ts$/ }, async ({ path }) => {
          const { code } = await transform(readFileSync(path, "utf8"), { loader: "ts", target: "es2022" });
          const instrumented = instrument(code, counters);
          modules.push({ file: relative(ROOT, path), first: counters });
          counters += instrumented.count;
          for (const text of instrumented.texts) texts.add(text);
          return { contents: instrumented.code, loader: "js" };
        }),
    }],
  });
  return { path: OUTPUT, modules, counters, texts: [...texts].sort() };
}
