import { assert, test } from "../_kit/mod.ts";
import { fuzz } from "./_fuzz.ts";

test("9,000 mutants of certificates, requests, lists, responses and keys: refused with a ChannelError, or read", () => {
  const { counts, slowest } = fuzz(9_000, 1);
  for (const [name, { refused }] of Object.entries(counts)) {
    assert.ok(refused > 500, `${name}: ${refused} refused`);
  }
  assert.ok(slowest < 5_000, `one took ${slowest} ms`);
});
