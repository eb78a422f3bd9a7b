/**
 * Serves the page, bundled with the root that it trusts. In production, serve it by https.
 *
 *     npx tsx examples/tls_in_browser/pages.ts [PORT]        (then open http://127.0.0.1:8000/)
 */
import { readFileSync } from "node:fs";
import process from "node:process";
import { context } from "esbuild";

const folder = "examples/tls_in_browser";
const page = await context({
  entryPoints: [`${folder}/page.js`],
  outdir: `${folder}/built`, // nothing is written here: only the name in the page's URL
  bundle: true,
  define: { ROOT: JSON.stringify(readFileSync("keys/root.pem", "utf8")) },
  format: "esm",
});
const { port } = await page.serve({
  host: "127.0.0.1",
  port: Number(process.argv[2] ?? 8000),
  servedir: folder,
});
console.log(`listening on port ${port}`);
