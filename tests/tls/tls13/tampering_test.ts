import { generateEd25519Key } from "../../../src/crypto/ec/ed25519.ts";
import { ENGINES, test } from "../../_kit/mod.ts";
import { recordsOf } from "../../_kit/replay.ts";
import { assertCutsIgnored, assertEndsNoticed, assertFlipsNoticed, sides } from "../../_kit/tampering.ts";
import { recordTls13 } from "./_recording.ts";

const key = generateEd25519Key();
const recording = recordTls13(
  "TLS_CHACHA20_POLY1305_SHA256",
  { certificateTypes: ["raw"], verifyPeer: () => {}, groups: ["x25519"], credentials: { key } },
  {
    credentials: [{ key }],
    groups: ["x25519"],
    clientAuthentication: { verifyPeer: () => {}, certificateTypes: ["raw"] },
  },
);
const retried = recordTls13(
  "TLS_CHACHA20_POLY1305_SHA256",
  { certificateTypes: ["raw"], verifyPeer: () => {}, groups: ["x25519", "secp256r1"] },
  { credentials: [{ key }], groups: ["secp256r1"] },
);

test(
  "tls 1.3: a flipped bit in any byte of a session ends in one error, on either side",
  { on: ENGINES },
  async () => {
    for (const side of sides(await recording)) await assertFlipsNoticed(side);
  },
);

test(
  "tls 1.3: a flipped bit in any byte of a handshake with a HelloRetryRequest",
  { on: ENGINES },
  async () => {
    for (const side of sides(await retried)) {
      await assertFlipsNoticed(side, 0, recordsOf(side.bytes).findLast(({ type }) => type !== 23)!.end);
    }
  },
);

test("tls 1.3: a session cut off after any byte is truncated, on either side", { on: ENGINES }, async () => {
  for (const side of sides(await recording)) await assertEndsNoticed(side);
});

test("tls 1.3: any cutting of the bytes gives the same result, on either side", { on: ENGINES }, async () => {
  for (const one of [await recording, await retried]) {
    for (const side of sides(one)) await assertCutsIgnored(side);
  }
});
