import { concat } from "../../../src/bytes.ts";
import { generateEd25519Key } from "../../../src/crypto/ec/ed25519.ts";
import { encodeAlert } from "../../../src/tls/alerts.ts";
import { frameMessage } from "../../../src/tls/handshake/assembler.ts";
import { HandshakeType } from "../../../src/tls/handshake/messages.ts";
import { ContentType, type TlsRecord } from "../../../src/tls/record/content.ts";
import { assert, test } from "../../_kit/mod.ts";
import { CLIENT_DATA, replayClient, replayServer, SERVER_DATA } from "../../_kit/replay.ts";
import { recordTls13 } from "./_recording.ts";

const { alert, handshake } = ContentType;
const key = generateEd25519Key();
const common = { groups: ["x25519"] } as const;

/** With a client that shows its key. */
const recording = recordTls13(
  "TLS_CHACHA20_POLY1305_SHA256",
  { ...common, certificateTypes: ["raw"], verifyPeer: () => {}, credentials: { key } },
  {
    ...common,
    credentials: [{ key }],
    clientAuthentication: { verifyPeer: () => {}, certificateTypes: ["raw"] },
  },
);

const record = (fragment: Uint8Array, type: TlsRecord["type"] = handshake): TlsRecord => ({ type, fragment });

test("tls 1.3: messages may share records and be spread over them, but no keys change within one", async () => {
  const recorded = await recording;
  const expected = { client: concat(...SERVER_DATA), server: concat(...CLIENT_DATA) };
  for (const [role, run] of [["server", replayClient], ["client", replayServer]] as const) {
    const flight = recorded.flight(role).map(({ bytes }) => bytes);
    const whole = concat(...flight);
    const rest = recorded.forge(role, []).length;
    const after = (role === "server" ? recorded.toClient : recorded.toServer).subarray(rest);
    for (const size of [1, 7, 100, whole.length]) {
      const cut: TlsRecord[] = [];
      for (let i = 0; i < whole.length; i += size) cut.push(record(whole.subarray(i, i + size)));
      const { data, error } = await run(recorded, [recorded.forgeFlight(role, cut), after]);
      assert.equal(error, undefined, `${role} by ${size}: ${error}`);
      assert.deepEqual(data, role === "server" ? expected.client : expected.server);
    }
    const finishedAndMore = record(concat(whole, Uint8Array.of(4)));
    const { error } = await run(recorded, [recorded.forgeFlight(role, [finishedAndMore])]);
    assert.equal(error?.alert, "unexpected_message", `${role}: bytes after Finished in its record`);
    const update = record(concat(frameMessage(HandshakeType.keyUpdate, Uint8Array.of(0)), Uint8Array.of(24)));
    const outcome = await run(recorded, [recorded.forge(role, [update])]);
    assert.equal(outcome.error?.alert, "unexpected_message", `${role}: bytes after KeyUpdate in its record`);
  }
});

test("tls 1.3: messages after the handshake", async () => {
  const recorded = await recording;
  const keyUpdate = (...body: number[]) =>
    record(frameMessage(HandshakeType.keyUpdate, Uint8Array.from(body)));
  const ticket = (...body: number[]) =>
    record(frameMessage(HandshakeType.newSessionTicket, Uint8Array.from(body)));
  const right = [0, 0, 0, 9, 1, 2, 3, 4, 1, 0, 0, 1, 7, 0, 0];
  const close = record(encodeAlert("close_notify"), alert);
  const client = async (...records: TlsRecord[]) =>
    (await replayClient(recorded, [recorded.forge("server", records)])).error?.alert;
  const server = async (...records: TlsRecord[]) =>
    (await replayServer(recorded, [recorded.forge("client", records)])).error?.alert;

  assert.equal(await client(ticket(...right), close), undefined);
  assert.equal(await client(...Array(32).fill(ticket(...right)), close), undefined);
  assert.equal(await client(...Array(40).fill(ticket(...right)), close), "unexpected_message");
  assert.equal(await client(ticket(...right.slice(0, -1))), "decode_error");
  assert.equal(await client(ticket(0, 0, 0, 9, 1, 2, 3, 4, 1, 0, 0, 0, 0, 0)), "decode_error");
  assert.equal(await server(ticket(...right)), "unexpected_message");
  const request = frameMessage(HandshakeType.certificateRequest, Uint8Array.of(1, 7, 0, 0));
  assert.equal(await client(record(request)), "unexpected_message", "authentication after the handshake");
  for (const side of [client, server]) {
    assert.equal(await side(keyUpdate(2)), "illegal_parameter");
    assert.equal(await side(keyUpdate()), "decode_error");
    assert.equal(await side(keyUpdate(0, 0)), "decode_error");
    assert.equal(await side(keyUpdate(0), close), "bad_record_mac", "the next record is under the next keys");
    assert.equal(await side(record(Uint8Array.of(1, 90), alert), close), undefined, "user_canceled");
    for (const level of [1, 2]) {
      assert.equal(
        await side(record(Uint8Array.of(level, 40), alert)),
        "handshake_failure",
        "whatever its level",
      );
    }
  }
});
