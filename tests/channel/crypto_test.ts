/**
 * The option `crypto`, and the cipher of `native`. Each side chooses its implementation, and the bytes on the wire are the
 * same.
 */

import { accept, connect, type ConnectOptions, serve } from "../../mod.ts";
import { memoryPair } from "../../src/transport/memory.ts";
import { assert, channelError, test } from "../_kit/mod.ts";
import { bytes, closeBoth, offers, requests, secret, SETTINGS } from "./_helpers.ts";

for (const setting of SETTINGS) {
  test(`crypto: a pure side and a platform side work together, ${setting}`, async () => {
    for (const [mine, theirs] of [["pure", "platform"], ["platform", "pure"], ["pure", "pure"]] as const) {
      const [near, far] = memoryPair();
      const [client, server] = await Promise.all([
        connect(near, { security: requests[setting], crypto: mine }),
        accept(far, { security: [offers[setting]], crypto: theirs }),
      ]);
      const message = bytes(100_000);
      for (const [from, to] of [[client, server], [server, client]] as const) {
        const [received] = await Promise.all([to.receive(), from.send(message)]);
        assert.deepEqual(received, message);
      }
      await closeBoth(client, server);
    }
  });
}

test("crypto: an unknown choice is a TypeError before anything is sent", async () => {
  const crypto = "native" as ConnectOptions["crypto"];
  const [near, far] = memoryPair();
  await assert.rejects(connect(near, { security: requests.native, crypto }), TypeError);
  await assert.rejects(accept(far, { security: [offers.native], crypto }), TypeError);
  const listener = { async *[Symbol.asyncIterator]() {}, close: () => Promise.resolve() };
  assert.throws(() => serve(listener, { security: [offers.native], crypto }, () => {}), TypeError);
});

test("native: AES-GCM if both sides choose it, one clear error if they do not", async () => {
  const native = { setting: "native", secret } as const;
  const [near, far] = memoryPair();
  const [client, server] = await Promise.all([
    connect(near, { security: { ...native, cipher: "AESGCM" } }),
    accept(far, { security: [native, { ...native, cipher: "AESGCM" }] }),
  ]);
  assert.equal(client.info.cipherSuite, "AESGCM");
  assert.equal(server.info.protocol, "Noise_NNpsk0_25519_AESGCM_SHA256");
  await closeBoth(client, server);

  const [here, there] = memoryPair();
  const [one, other] = await Promise.all([
    channelError(() => connect(here, { security: { ...native, cipher: "AESGCM" } }), "not_offered"),
    channelError(() => accept(there, { security: [native] }), "not_offered"),
  ]);
  for (const { message } of [one, other]) assert.match(message, /the same cipher/);

  const cipher = "AES" as "AESGCM";
  const [a, b] = memoryPair();
  await assert.rejects(connect(a, { security: { ...native, cipher } }), TypeError);
  await assert.rejects(accept(b, { security: [{ ...native, cipher }] }), TypeError);
});
