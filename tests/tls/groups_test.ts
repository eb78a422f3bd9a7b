import { randomBytes } from "../../src/crypto/random.ts";
import { tlsOperations } from "../../src/platform/tls_operations.ts";
import { namedGroups } from "../../src/tls/key_exchange/groups.ts";
import { assert, channelError, test } from "../_kit/mod.ts";

for (const group of namedGroups(tlsOperations("platform"))) {
  test(`tls: ${group.name} agrees, and refuses every invalid share`, async () => {
    const { share, finish } = group.generate(randomBytes);
    const response = group.respond(share, randomBytes);
    assert.deepEqual(finish(response.share), response.secret);

    const flipped = response.share.slice();
    flipped[flipped.length - 1] ^= 1;
    const invalid = [
      share.subarray(1),
      new Uint8Array([...share, 0]),
      new Uint8Array(0),
      new Uint8Array(share.length),
      ...(group.name.startsWith("secp") ? [flipped] : []),
    ];
    for (const wrong of invalid) {
      for (const work of [() => finish(wrong), () => group.respond(wrong, randomBytes)]) {
        assert.equal((await channelError(work, "protocol")).alert, "illegal_parameter");
      }
    }
  });
}
