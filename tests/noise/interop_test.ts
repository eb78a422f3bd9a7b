// The same handshakes and a thousand messages each way with noise-c (C, compiled to WebAssembly).
import createNoise from "noise-c.wasm";
import { toHex, toUtf8 } from "../../src/bytes.ts";
import { type CipherState, generateKeyPair, HandshakeState, protocolByName } from "../../src/noise/mod.ts";
import { handshakePattern } from "../../src/noise/patterns.ts";
import { assert, test } from "../_kit/mod.ts";

/** The part of noise-c.wasm that is used here. It has no types. */
interface NoiseC {
  readonly constants: { readonly NOISE_ROLE_INITIATOR: number; readonly NOISE_ROLE_RESPONDER: number };
  readonly HandshakeState: new (protocolName: string, role: number) => TheirHandshake;
}

interface TheirHandshake {
  Initialize(prologue: Uint8Array, s: Uint8Array | null, rs: Uint8Array | null): void;
  WriteMessage(payload: Uint8Array): Uint8Array;
  ReadMessage(message: Uint8Array, payloadNeeded: true): Uint8Array;
  GetHandshakeHash(): Uint8Array;
  Split(): [TheirCipher, TheirCipher];
}

interface TheirCipher {
  EncryptWithAd(ad: Uint8Array, plaintext: Uint8Array): Uint8Array;
  DecryptWithAd(ad: Uint8Array, ciphertext: Uint8Array): Uint8Array;
}

const NONE = new Uint8Array();
const PROLOGUE = toUtf8("the same on both sides");

function talk(noise: NoiseC, protocolName: string, initiator: boolean, count: number): void {
  const { initiatorKnown, responderKnown, messages } = handshakePattern(protocolName.split("_")[1]);
  const [ours, theirs] = [generateKeyPair(), generateKeyPair()];
  const [weAreKnown, theyAreKnown] = initiator
    ? [initiatorKnown, responderKnown]
    : [responderKnown, initiatorKnown];
  const weSend = messages.some((m) => m.fromInitiator === initiator && m.tokens.includes("s"));
  const us = new HandshakeState(protocolByName(protocolName), {
    initiator,
    prologue: PROLOGUE,
    ...((weAreKnown || weSend) && { s: ours }),
    ...(theyAreKnown && { rs: theirs.publicKey }),
  });
  const role = initiator ? noise.constants.NOISE_ROLE_RESPONDER : noise.constants.NOISE_ROLE_INITIATOR;
  const them = new noise.HandshakeState(protocolName, role);
  them.Initialize(PROLOGUE, theirs.secretKey, ours.publicKey);

  for (let number = 0; !us.complete; number++) {
    const payload = toUtf8(`${protocolName} ${number}`);
    const received = us.myTurn
      ? them.ReadMessage(us.writeMessage(payload), true)
      : us.readMessage(them.WriteMessage(payload));
    assert.equal(toHex(received), toHex(payload), protocolName);
  }
  assert.equal(toHex(us.handshakeHash), toHex(them.GetHandshakeHash()), protocolName);
  if (us.rs) assert.equal(toHex(us.rs), toHex(theirs.publicKey));

  const ciphers = us.split();
  const [send, receive]: CipherState[] = initiator ? ciphers : ciphers.reverse();
  const [theirSend, theirReceive] = them.Split();
  for (let i = 0; i < count; i++) {
    const message = toUtf8(`message ${i}`.repeat(i % 7));
    const there = theirReceive.DecryptWithAd(NONE, send.encryptWithAd(NONE, message));
    const back = receive.decryptWithAd(NONE, theirSend.EncryptWithAd(NONE, message));
    assert.ok(toHex(there) === toHex(message) && toHex(back) === toHex(message), protocolName);
  }
}

// The content security policy of the test server does not allow WebAssembly.
test("handshakes and messages each way with noise-c, 1,000 of them for two, every cipher and hash", {
  needs: ["node:"],
}, async () => {
  const noise = await new Promise<NoiseC>((resolve) => createNoise(resolve));
  for (
    const [index, suite] of [
      "XX_25519_ChaChaPoly_SHA256",
      "IK_25519_ChaChaPoly_BLAKE2s",
      "XX_25519_ChaChaPoly_BLAKE2b",
      "NK_25519_AESGCM_SHA512",
      "KK_25519_AESGCM_BLAKE2s",
      "IX_25519_AESGCM_BLAKE2b",
      "XK_25519_ChaChaPoly_SHA512",
      "NN_25519_AESGCM_SHA256",
    ].entries()
  ) {
    talk(noise, `Noise_${suite}`, index % 2 === 0, index < 2 ? 1_000 : 50);
  }
});
