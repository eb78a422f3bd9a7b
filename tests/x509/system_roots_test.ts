import { systemRoots } from "../../src/x509/mod.ts";
import { assert, test } from "../_kit/mod.ts";

test("system roots: what the runtime or the system has", { on: ["node", "deno", "bun"] }, () => {
  const roots = systemRoots();
  assert.ok(roots.length > 20, String(roots.length));
  assert.equal(systemRoots(), roots);
  assert.equal(new Set(roots.map(({ fingerprint }) => fingerprint)).size, roots.length);
  for (const { version, isSelfIssued } of roots.slice(0, 20)) assert.ok(version === 1 || isSelfIssued);
});

test("system roots: a page is told why it has none", { on: ["chromium", "firefox"] }, () => {
  assert.throws(() => systemRoots(), /TypeError: a page cannot read the roots/);
});
