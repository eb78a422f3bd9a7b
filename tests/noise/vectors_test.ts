import { fromHex, toHex } from "../../src/bytes.ts";
import { x25519 } from "../../src/crypto/ec/x25519.ts";
import { type CipherState, HandshakeState, protocolByName } from "../../src/noise/mod.ts";
import { handshakePattern } from "../../src/noise/patterns.ts";
import { assert, test, vectorText } from "../_kit/mod.ts";

/** A transcript from cacophony. All values are hexadecimal. */
interface Transcript {
  readonly protocol_name: string;
  readonly handshake_hash: string;
  readonly messages: readonly { readonly payload: string; readonly ciphertext: string }[];
  readonly [key: string]: unknown;
}

const NONE = new Uint8Array();

function party(transcript: Transcript, side: "init" | "resp"): HandshakeState {
  const value = (name: string): Uint8Array | undefined => {
    const text = transcript[`${side}_${name}`];
    return text === undefined ? undefined : fromHex(text as string);
  };
  const secretKey = value("static");
  const rs = value("remote_static");
  return new HandshakeState(protocolByName(transcript.protocol_name), {
    initiator: side === "init",
    prologue: value("prologue")!,
    psks: (transcript[`${side}_psks`] as string[] ?? []).map(fromHex),
    random: () => value("ephemeral")!,
    ...(secretKey && { s: { secretKey, publicKey: x25519.publicKey(secretKey) } }),
    ...(rs && { rs }),
  });
}

function replay(transcript: Transcript): void {
  const name = transcript.protocol_name;
  const initiator = party(transcript, "init");
  const responder = party(transcript, "resp");
  const rest = [...transcript.messages];

  for (let turn = 0; !initiator.complete; turn++) {
    const [writer, reader] = turn % 2 === 0 ? [initiator, responder] : [responder, initiator];
    const { payload, ciphertext } = rest.shift()!;
    const message = writer.writeMessage(fromHex(payload));
    assert.equal(toHex(message), ciphertext, `${name}: handshake message ${turn + 1}`);
    assert.equal(toHex(reader.readMessage(message)), payload, name);
  }
  assert.ok(responder.complete, name);
  assert.equal(toHex(initiator.handshakeHash), transcript.handshake_hash, name);
  assert.equal(toHex(responder.handshakeHash), transcript.handshake_hash, name);

  const oneWay = handshakePattern(name.split("_")[1]).oneWay;
  const [there, back] = initiator.split();
  const [thereToo, backToo] = responder.split();
  const pairs: [CipherState, CipherState][] = [[there, thereToo], [backToo, back]];
  let turn = transcript.messages.length - rest.length;
  for (const { payload, ciphertext } of rest) {
    const [sender, receiver] = pairs[oneWay ? 0 : turn % 2];
    assert.equal(
      toHex(sender.encryptWithAd(NONE, fromHex(payload))),
      ciphertext,
      `${name}: message ${turn + 1}`,
    );
    assert.equal(toHex(receiver.decryptWithAd(NONE, fromHex(ciphertext))), payload, name);
    turn++;
  }
}

test("every public Noise transcript is reproduced byte for byte", { needs: ["vectors"] }, () => {
  const { vectors } = JSON.parse(vectorText("noise/cacophony-25519-sha2.json")) as { vectors: Transcript[] };
  assert.equal(vectors.length, 236);
  for (const transcript of vectors) replay(transcript);
});
