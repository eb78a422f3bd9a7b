import { readFile, writeFile } from "node:fs/promises";
import { assert, test } from "../_kit/mod.ts";
import { firstUse } from "../../mod.ts";
import { knownHosts } from "../../src/cli/credentials/known_hosts.ts";
import { inFolder } from "./_kit.ts";

const [ONE, OTHER] = ["A", "B"].map((letter) => `sha256:${letter.repeat(43)}=`);

test("known hosts: a last line without its end is not spoilt", async () => {
  await inFolder(async (path) => {
    await writeFile(path("known"), `a:1 ${ONE}`);
    const store = await knownHosts(path("known"));
    await store.set("b:1", OTHER);
    await store.set("c:1", OTHER);
    assert.equal(await readFile(path("known"), "utf8"), `a:1 ${ONE}\nb:1 ${OTHER}\nc:1 ${OTHER}\n`);
    for (const [name, pin] of [["a:1", ONE], ["b:1", OTHER], ["c:1", OTHER], ["d:1", undefined]]) {
      assert.equal(await store.get(name!), pin);
    }
  });
});

test("known hosts: of two keys at once the first counts, and the other connection fails", async () => {
  await inFolder(async (path) => {
    for (let i = 0; i < 20; i++) {
      const stores = [await knownHosts(path("known")), await knownHosts(path("known"))];
      const name = `a:${i}`;
      const results = await Promise.allSettled(
        [ONE, OTHER].map((pin, k) => firstUse(stores[k], name).remember!({ pin, spki: new Uint8Array(0) })),
      );
      const [winner, ...more] = [ONE, OTHER].filter((_, k) => results[k].status === "fulfilled");
      assert.ok(winner !== undefined && more.length === 0, "one of them");
      for (const { reason } of results.filter((result) => result.status === "rejected")) {
        assert.equal(reason.code, "key_changed");
        assert.match(reason.message, /^the key of a:\d+ has changed: it was sha256:/);
      }
      for (const store of [...stores, await knownHosts(path("known"))]) {
        assert.equal(await store.get(name), winner);
      }
    }
  });
});
