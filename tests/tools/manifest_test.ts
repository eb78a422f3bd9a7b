import { existsSync, readFileSync } from "node:fs";
import { assert, test } from "../_kit/mod.ts";
import { compareManifests, readDenoJson, readPackageJson } from "../../tools/manifest.ts";
import { findTraces, tracesIn } from "../../tools/checks/traces.ts";

test("tools/manifest: package.json and deno.json agree, and each disagreement is found", () => {
  const [npm, deno] = [readPackageJson(), readDenoJson()];
  assert.deepEqual(compareManifests(npm, deno), []);
  const wrong: [string, Partial<typeof npm>, Partial<typeof deno>][] = [
    ["version", { version: "9.9.9" }, {}],
    ["subpaths", {}, { exports: { ...deno.exports, "./more": "./src/more.ts" } }],
    ["export ./tls", {}, { exports: { ...deno.exports, "./tls": "./src/tls/other.ts" } }],
    ["exports of ./package.json", { exports: { ...npm.exports, "./package.json": "./dist" } }, {}],
    ["sideEffects", { sideEffects: true }, {}],
    ["bin", { bin: { fesa: "./dist/other.js" } }, {}],
    ["runtime dependencies", { dependencies: { ...npm.dependencies, more: "1.0.0" } }, {}],
    ["dependency fflate", {}, { imports: { ...deno.imports, fflate: "npm:fflate@0.0.1" } }],
    ["dependency ws", { devDependencies: { ...npm.devDependencies, ws: "^8.0.0" } }, {}],
  ];
  for (const [what, inNpm, inDeno] of wrong) {
    const faults = compareManifests({ ...npm, ...inNpm }, { ...deno, ...inDeno });
    assert.ok(faults.some((fault) => fault.startsWith(`${what}:`)), `${what} was not found: ${faults}`);
  }
});

test("tools/traces: the repository has none, and each kind is found", () => {
  assert.deepEqual(findTraces(), []);
  const slash = "/"; // or this file would be found
  for (
    const text of [
      `see ${slash}home/someone/fesa`,
      `cd "${slash}Users/someone"`,
      `registry${"="}https://example.com`,
      `@scope:registry${" ="} https://example.com`,
      `"resolved${'":'} "https://example.com/a.tgz"`,
      `https:${slash}/registry.example.com/a`,
    ]
  ) assert.equal(tracesIn(text).length, 1, text);
  assert.deepEqual(tracesIn("src/home/x.ts, ../work/x, https://example.com/home/x, /etc/ssl"), []);
});

test("docs/security.md: every test that it names exists", () => {
  const named = new Set(readFileSync("docs/security.md", "utf8").match(/tests\/[\w/]+\.ts/g));
  assert.ok(named.size > 20);
  assert.deepEqual([...named].filter((file) => !existsSync(file)), []);
});
