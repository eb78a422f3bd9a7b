import { fromBase64 } from "../../src/bytes.ts";
import { rsa1024 } from "../_kit/keys.ts";
import { assert, test, vectorText } from "../_kit/mod.ts";
import { type Recording, replayClient, replayServer } from "../_kit/replay.ts";

const sides = {
  client: { minimumKeyBits: 1024, certificateTypes: ["x509", "raw"], verifyPeer: () => {} },
  server: { minimumKeyBits: 1024, credentials: [{ key: rsa1024, rawKey: true }] },
} as const;

/** The replay fails the test for every error that is not a ChannelError. */
async function feed(kind: string, replay: typeof replayClient): Promise<void> {
  const inputs = vectorText(`fuzz-corpora/${kind}.jsonl.gz`).trim().split("\n");
  assert.ok(inputs.length > 600);
  for (const input of inputs) {
    const bytes = fromBase64(JSON.parse(input).b64);
    // OpenSSL's inputs begin with the first record. Many of BoringSSL's begin with settings of its fuzzer.
    const record = bytes.findIndex((byte, i) => byte === 22 && bytes[i + 1] === 3);
    for (const start of new Set([0, Math.max(record, 0)])) {
      const { data, error } = await replay(sides as unknown as Recording, [bytes.subarray(start)]);
      assert.ok(error !== undefined && data.length === 0);
    }
  }
}

test("tls: other stacks' fuzzing inputs to a server", { needs: ["vectors"] }, () => {
  return feed("tls-to-server", replayServer);
});

test("tls: other stacks' fuzzing inputs to a client", { needs: ["vectors"] }, () => {
  return feed("tls-to-client", replayClient);
});
