/**
 * Serves the page, bundled with the root that it trusts and with what `pg` uses of Node's modules. In production,
 * serve it by https. The relay is that of tls_in_browser, in front of the database: `relay.ts 8080 5432`.
 *
 *     npx tsx examples/postgres/pages.ts [PORT]        (then open http://127.0.0.1:8000/)
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import process from "node:process";
import { context, type Plugin } from "esbuild";

const require = createRequire(import.meta.url);

/** Packages that replace these modules of Node in a page; other modules are not used there. */
const PACKAGES: Readonly<Record<string, string>> = {
  buffer: "buffer/",
  events: "events/",
  process: "process/browser.js",
  stream: "readable-stream",
  util: "util/",
  "util/types": "util/support/types.js",
};

const nodeModules: Plugin = {
  name: "node-modules",
  setup({ onResolve, onLoad }) {
    const filter =
      /^(?:node:)?(?:assert|buffer|crypto|dns|events|fs|net|path|process|stream|tls|util|util\/types|pgpass)$/;
    onResolve({ filter }, ({ path }) => {
      const name = PACKAGES[path.replace("node:", "")];
      return name ? { path: require.resolve(name) } : { path, namespace: "unused" };
    });
    onLoad({ filter: /.*/, namespace: "unused" }, () => ({ contents: "module.exports = {};" }));
  },
};

const folder = "examples/postgres";
const page = await context({
  entryPoints: [`${folder}/page.js`],
  inject: [`${folder}/globals.js`],
  outdir: `${folder}/built`, // nothing is written here: only the name in the page's URL
  bundle: true,
  define: { ROOT: JSON.stringify(readFileSync("keys/root.pem", "utf8")), global: "globalThis" },
  format: "esm",
  plugins: [nodeModules],
});
const { port } = await page.serve({
  host: "127.0.0.1",
  port: Number(process.argv[2] ?? 8000),
  servedir: folder,
});
console.log(`listening on port ${port}`);
