import { assert, test } from "../_kit/mod.ts";
import { fuzz } from "./_fuzz.ts";

test("15,000 mutants of certificates, requests, lists, responses, keys and bundles: refused with a ChannelError, or read", () => {
  const { counts, slowest } = fuzz(15_000, 1);
  for (const [name, { refused }] of Object.entries(counts)) {
    assert.ok(refused > 500, `${name}: ${refused} refused`);
  }
  assert.ok(slowest < 5_000, `one took ${slowest} ms`);
});
