import { scryptSync } from "node:crypto";
import { toHex, toUtf8 } from "../../src/bytes.ts";
import {
  cipherByName,
  CipherState,
  deriveSecret,
  generateKeyPair,
  HandshakeState,
  protocolByName,
} from "../../src/noise/mod.ts";
import { handshakePattern } from "../../src/noise/patterns.ts";
import { assert, channelError, test } from "../_kit/mod.ts";

const NONE = new Uint8Array();
const KEY = new Uint8Array(32).fill(1);
const NN_NAME = "Noise_NN_25519_ChaChaPoly_SHA256";
const NN = protocolByName(NN_NAME);

function pair(cipher: "ChaChaPoly" | "AESGCM" = "ChaChaPoly"): [CipherState, CipherState] {
  const states: [CipherState, CipherState] = [
    new CipherState(cipherByName(cipher)),
    new CipherState(cipherByName(cipher)),
  ];
  for (const state of states) state.initializeKey(KEY);
  return states;
}

test("a nonce is incremented only after authentication", async () => {
  for (const cipher of ["ChaChaPoly", "AESGCM"] as const) {
    const [sender, receiver] = pair(cipher);
    const ciphertext = sender.encryptWithAd(KEY, toUtf8("hello"));
    assert.equal(sender.nonce, 1n);
    for (const bad of [ciphertext.subarray(1), ciphertext.subarray(0, 15), NONE]) {
      await channelError(() => receiver.decryptWithAd(KEY, bad), "decrypt");
    }
    await channelError(() => receiver.decryptWithAd(NONE, ciphertext), "decrypt");
    assert.equal(receiver.nonce, 0n);
    assert.deepEqual(receiver.decryptWithAd(KEY, ciphertext), toUtf8("hello"));
    assert.equal(receiver.nonce, 1n);
  }
});

test("the last nonce is never used", async () => {
  const [sender, receiver] = pair();
  for (const state of [sender, receiver]) state.setNonce(2n ** 64n - 2n);
  const ciphertext = sender.encryptWithAd(NONE, KEY);
  assert.deepEqual(receiver.decryptWithAd(NONE, ciphertext), KEY);
  await channelError(() => sender.encryptWithAd(NONE, KEY), "limit");
  await channelError(() => receiver.decryptWithAd(NONE, ciphertext), "limit");
  assert.throws(() => sender.setNonce(2n ** 64n), RangeError);
  assert.throws(() => sender.setNonce(-1n), RangeError);
});

test("65,535 bytes are the limit of a message", async () => {
  const [sender, receiver] = pair();
  const ciphertext = sender.encryptWithAd(NONE, new Uint8Array(65_519));
  assert.equal(ciphertext.length, 65_535);
  assert.equal(receiver.decryptWithAd(NONE, ciphertext).length, 65_519);
  assert.throws(() => sender.encryptWithAd(NONE, new Uint8Array(65_520)), RangeError);
  await channelError(() => receiver.decryptWithAd(NONE, new Uint8Array(65_536)), "limit");

  const largest = new HandshakeState(NN, { initiator: true });
  assert.equal(largest.writeMessage(new Uint8Array(65_535 - 32)).length, 65_535);
  const tooLarge = new HandshakeState(NN, { initiator: true });
  assert.throws(() => tooLarge.writeMessage(new Uint8Array(65_535 - 31)), RangeError);
  const reader = new HandshakeState(NN, { initiator: false });
  await channelError(() => reader.readMessage(new Uint8Array(65_536)), "limit");
});

test("rekeying follows section 4.2, keeps the nonce, and needs a key", async () => {
  const [sender, receiver] = pair();
  sender.encryptWithAd(NONE, NONE);
  receiver.setNonce(1n);
  sender.rekey();
  assert.equal(sender.nonce, 1n);
  const ciphertext = sender.encryptWithAd(NONE, KEY);
  await channelError(() => receiver.decryptWithAd(NONE, ciphertext), "decrypt");
  receiver.rekey();
  assert.deepEqual(receiver.decryptWithAd(NONE, ciphertext), KEY);
  assert.throws(() => new CipherState(cipherByName("AESGCM")).rekey(), TypeError);
});

test("without a key data is not encrypted", () => {
  const state = new CipherState(cipherByName("AESGCM"));
  assert.equal(state.hasKey(), false);
  assert.deepEqual(state.encryptWithAd(NONE, KEY), KEY);
  assert.deepEqual(state.decryptWithAd(NONE, KEY), KEY);
  state.initializeKey(KEY);
  assert.ok(state.hasKey());
  state.initializeKey(null);
  assert.equal(state.hasKey(), false);
  assert.throws(() => state.initializeKey(KEY.subarray(1)), RangeError);
});

test("modifiers go where section 9.4 puts them, and unknown names are refused", () => {
  const tokens = (name: string) => handshakePattern(name).messages.map((message) => message.tokens.join(" "));
  assert.deepEqual(tokens("NNpsk0+psk2"), ["psk e", "e ee psk"]);
  assert.deepEqual(tokens("X1X1psk4"), ["e", "e ee s", "es s", "se psk"]);
  assert.deepEqual(tokens("XXpsk3"), ["e", "e ee s es", "s se psk"]);
  for (const name of ["", "YY", "NNpsk3", "NNpsk5", "NNpsk0+psk0", "NNpsk", "nn", "XXfallback", "Npsk2"]) {
    assert.throws(() => handshakePattern(name), RangeError, name);
  }
  for (
    const name of [
      "Noise_NN_448_ChaChaPoly_SHA256",
      "Noise_NN_25519_ChaChaPoly_MD5",
      "Noise_NN_25519_AES_SHA256",
      "NN_25519_ChaChaPoly_SHA256",
      `${NN_NAME}_`,
      "",
    ]
  ) {
    assert.throws(() => protocolByName(name), RangeError, name);
  }
});

test("every modifier runs with every interactive pattern that has its message", () => {
  const [s, theirs] = [generateKeyPair(), generateKeyPair()];
  for (const base of ["NN", "KK", "IX", "X1X1"]) {
    const count = handshakePattern(base).messages.length;
    for (let psk = 0; psk <= count; psk++) {
      const protocol = protocolByName(`Noise_${base}psk${psk}_25519_ChaChaPoly_BLAKE2s`);
      const keys = (own: typeof s, peer: typeof s) => ({
        ...(base !== "NN" && { s: own }),
        ...(base === "KK" && { rs: peer.publicKey }),
        psks: [KEY],
      });
      const sides = [
        new HandshakeState(protocol, { initiator: true, ...keys(s, theirs) }),
        new HandshakeState(protocol, { initiator: false, ...keys(theirs, s) }),
      ];
      for (let i = 0; i < count; i++) {
        const payload = Uint8Array.of(i);
        assert.deepEqual(sides[(i + 1) % 2].readMessage(sides[i % 2].writeMessage(payload)), payload);
      }
      assert.deepEqual(sides[0].handshakeHash, sides[1].handshakeHash, protocol.name);
    }
  }
});

test("a handshake takes turns, needs its keys, and cannot continue after an error", async () => {
  const protocol = protocolByName("Noise_NKpsk0_25519_AESGCM_SHA256");
  const server = generateKeyPair();
  const whole = { initiator: true, rs: server.publicKey, psks: [KEY] };
  assert.throws(() => new HandshakeState(protocol, { initiator: true, psks: [KEY] }), TypeError);
  assert.throws(() => new HandshakeState(protocol, { ...whole, s: server }), TypeError);
  assert.throws(() => new HandshakeState(protocol, { ...whole, psks: [] }), TypeError);
  assert.throws(() => new HandshakeState(protocol, { ...whole, psks: [KEY, KEY] }), TypeError);
  assert.throws(() => new HandshakeState(protocol, { ...whole, psks: [KEY.subarray(1)] }), RangeError);
  assert.throws(() => new HandshakeState(protocol, { ...whole, rs: KEY.subarray(1) }), RangeError);
  assert.throws(() => new HandshakeState(protocol, { ...whole, initiator: false }), TypeError);

  const initiator = new HandshakeState(protocol, whole);
  const responder = () => new HandshakeState(protocol, { initiator: false, s: server, psks: [KEY] });
  assert.throws(() => initiator.readMessage(KEY), TypeError);
  assert.throws(() => initiator.split(), TypeError);
  assert.throws(() => initiator.handshakeHash, TypeError);
  const message = initiator.writeMessage();
  assert.throws(() => initiator.writeMessage(), TypeError);

  for (let length = 0; length < message.length; length++) {
    const code = length < 32 ? "protocol" : "decrypt";
    await channelError(() => responder().readMessage(message.subarray(0, length)), code);
  }
  const dead = responder();
  await channelError(() => dead.readMessage(message.subarray(1)), "decrypt");
  assert.throws(() => dead.readMessage(message), TypeError);
  assert.equal(dead.complete || dead.myTurn, false);

  const other = new HandshakeState(protocol, { initiator: false, s: server, psks: [KEY], prologue: KEY });
  await channelError(() => other.readMessage(message), "decrypt");
  const zeros = new HandshakeState(protocolByName("Noise_NN_25519_AESGCM_SHA256"), { initiator: false });
  zeros.readMessage(new Uint8Array(32));
  await channelError(() => zeros.writeMessage(), "crypto");
});

test("a passphrase is stretched by scrypt at the stated cost", { needs: ["node:"] }, async () => {
  const secret = await deriveSecret("cafe\u0301", "app.example.com");
  const cost = { N: 131_072, r: 8, p: 1, maxmem: 2 ** 28 };
  const expected = scryptSync("caf\u00e9", "app.example.com", 32, cost);
  assert.equal(toHex(secret), toHex(expected));
  await assert.rejects(deriveSecret("", "app.example.com"), RangeError);
  await assert.rejects(deriveSecret("passphrase", "short"), RangeError);
});
