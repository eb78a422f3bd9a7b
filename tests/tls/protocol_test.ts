import { concat } from "../../src/bytes.ts";
import { encodeAlert } from "../../src/tls/alerts.ts";
import type { CipherSuiteName } from "../../src/tls/cipher_suites.ts";
import { clientHandshake } from "../../src/tls/client.ts";
import { encodeClientHello, HandshakeType } from "../../src/tls/handshake/messages.ts";
import { frameMessage } from "../../src/tls/handshake/assembler.ts";
import type { ClientOptions, ServerOptions } from "../../src/tls/options.ts";
import { ContentType, type TlsRecord } from "../../src/tls/record/content.ts";
import { offersOf } from "../../src/tls/credentials/offers.ts";
import { serverHandshake } from "../../src/tls/server.ts";
import type { TlsSession } from "../../src/tls/session.ts";
import { memoryPair } from "../../src/transport/memory.ts";
import { Wire } from "../../src/wire.ts";
import { rsa1024 } from "../_kit/keys.ts";
import { assert, channelError, test } from "../_kit/mod.ts";
import {
  fixedRandom,
  oneSided,
  record,
  recordsOf,
  replayClient,
  replayServer,
  tapped,
} from "../_kit/replay.ts";
import { RSA_SUITES } from "../_kit/suites.ts";

const RSA_AES_GCM = 0x009d;
const common = { minimumKeyBits: 1024, suites: RSA_SUITES };
const client: ClientOptions = { ...common, certificateTypes: ["raw"], verifyPeer: () => {} };
const server: ServerOptions = { ...common, credentials: [{ key: rsa1024 }] };
const { alert, applicationData, changeCipherSpec, handshake } = ContentType;

function plainRecord(type: number, fragment: Uint8Array): Uint8Array {
  return concat(Uint8Array.of(type, 3, 3, fragment.length >> 8, fragment.length & 0xff), fragment);
}

function clientHello(changes: Partial<Parameters<typeof encodeClientHello>[0]> = {}): Uint8Array {
  return frameMessage(
    HandshakeType.clientHello,
    encodeClientHello({
      version: 0x0303,
      random: new Uint8Array(32),
      sessionId: new Uint8Array(0),
      cipherSuites: [RSA_AES_GCM],
      compressionMethods: Uint8Array.of(0),
      extensions: new Map([[20, Uint8Array.of(1, 2)]]), // server_certificate_type: raw keys
      ...changes,
    }),
  );
}

/** Returns a server's error for these records, and the alert that it sends. */
async function serverError(...records: readonly Uint8Array[]): Promise<string | undefined> {
  const transport = oneSided(records);
  const error = await channelError(() => serverHandshake(new Wire(transport), offersOf(server)));
  return error.code === "truncated" ? "truncated" : error.alert;
}

test("tls server: invalid ClientHellos are refused", async () => {
  const hello = (changes: Parameters<typeof clientHello>[0]) => plainRecord(handshake, clientHello(changes));
  const extension = (type: number, ...data: number[]) => ({
    extensions: new Map([[type, Uint8Array.from(data)]]),
  });
  assert.equal(await serverError(hello({})), "truncated", "this one is right");
  assert.equal(await serverError(hello({ version: 0x0302 })), "protocol_version");
  assert.equal(await serverError(hello({ version: 0x0300 })), "protocol_version");
  assert.equal(
    await serverError(hello({ version: 0x0302, cipherSuites: [RSA_AES_GCM, 0x5600] })),
    "inappropriate_fallback",
  );
  assert.equal(await serverError(hello({ cipherSuites: [RSA_AES_GCM, 0x5600] })), "truncated");
  assert.equal(await serverError(hello({ version: 0x0304 })), "truncated", "TLS 1.2 is answered");
  assert.equal(await serverError(hello({ cipherSuites: [0x000a, 0x1301] })), "handshake_failure");
  assert.equal(await serverError(hello({ compressionMethods: Uint8Array.of(1) })), "illegal_parameter");
  assert.equal(await serverError(hello({ extensions: new Map() })), "unsupported_certificate");
  assert.equal(await serverError(hello(extension(20, 1, 0))), "unsupported_certificate");
  assert.equal(await serverError(hello(extension(20, 2, 0))), "decode_error");
  assert.equal(
    await serverError(
      hello({ extensions: new Map([[20, Uint8Array.of(1, 2)], [0xff01, Uint8Array.of(1, 7)]]) }),
    ),
    "handshake_failure",
  );
  assert.equal(await serverError(hello({ sessionId: new Uint8Array(33) })), "decode_error");
  const twice = clientHello().slice(0, -6 - 2);
  const block = Uint8Array.of(0, 12, 0, 20, 0, 2, 1, 2, 0, 20, 0, 2, 1, 2);
  const body = concat(twice.subarray(4), block);
  assert.equal(await serverError(plainRecord(handshake, frameMessage(1, body))), "illegal_parameter");
  const trailing = concat(clientHello().subarray(4), Uint8Array.of(0));
  assert.equal(await serverError(plainRecord(handshake, frameMessage(1, trailing))), "decode_error");
});

test("tls server: records and messages in the wrong place are refused", async () => {
  const hello = clientHello();
  const keyExchange = frameMessage(
    HandshakeType.clientKeyExchange,
    concat(Uint8Array.of(0, 128), new Uint8Array(128)),
  );
  const start = plainRecord(handshake, hello);
  const ccs = plainRecord(changeCipherSpec, Uint8Array.of(1));
  const warning = plainRecord(alert, Uint8Array.of(1, 90));
  assert.equal(await serverError(plainRecord(applicationData, hello)), "unexpected_message");
  assert.equal(await serverError(plainRecord(24, hello)), "unexpected_message");
  assert.equal(await serverError(ccs), "unexpected_message");
  assert.equal(await serverError(start, ccs), "unexpected_message", "before ClientKeyExchange");
  assert.equal(await serverError(start, start), "unexpected_message");
  const coalesced = plainRecord(handshake, concat(hello, keyExchange));
  assert.equal(await serverError(coalesced, ccs), "unexpected_message", "in the record of ClientHello");
  assert.equal(await serverError(plainRecord(handshake, new Uint8Array(0))), "unexpected_message");
  assert.equal(await serverError(plainRecord(changeCipherSpec, new Uint8Array(0))), "unexpected_message");
  assert.equal(
    await serverError(
      start,
      plainRecord(handshake, keyExchange),
      plainRecord(applicationData, Uint8Array.of(1)),
    ),
    "unexpected_message",
    "data before Finished",
  );
  assert.equal(
    await serverError(start, plainRecord(handshake, concat(keyExchange, Uint8Array.of(20))), ccs),
    "unexpected_message",
    "ChangeCipherSpec within a message",
  );
  const [first, rest] = [hello.subarray(0, 10), hello.subarray(10)];
  assert.equal(await serverError(plainRecord(handshake, first), plainRecord(handshake, rest)), "truncated");
  assert.equal(await serverError(plainRecord(handshake, first), warning), "unexpected_message");
  assert.equal(await serverError(warning, start), "truncated", "a warning is let pass");
  assert.equal(await serverError(...Array(20).fill(warning)), "unexpected_message");
  assert.equal(await serverError(plainRecord(alert, Uint8Array.of(2, 40))), "handshake_failure");
  assert.equal(await serverError(plainRecord(alert, Uint8Array.of(3, 40))), "illegal_parameter");
  assert.equal(await serverError(plainRecord(alert, Uint8Array.of(2))), "decode_error");
  assert.equal(await serverError(Uint8Array.of(handshake, 3, 1, 0x40, 1)), "record_overflow");
  assert.equal(await serverError(Uint8Array.of(handshake, 2, 0, 0, 1)), "protocol_version");
  assert.equal(
    await serverError(plainRecord(handshake, Uint8Array.of(1, 2, 1, 0x45))),
    "illegal_parameter",
    "a message of over 131,396 bytes",
  );
  assert.equal(
    await serverError(
      start,
      plainRecord(handshake, keyExchange),
      ccs,
      plainRecord(handshake, new Uint8Array(40)),
    ),
    "bad_record_mac",
  );
});

test("tls: after a refusal at most 16 MiB of junk are read", async () => {
  let given = 0;
  function* junk(): Generator<Uint8Array> {
    for (given = 0; given < 2 ** 26; given += 65_536) yield new Uint8Array(65_536).fill(0x47);
  }
  const limit = 2 ** 24 + 2 ** 20;
  const error = await channelError(
    () => serverHandshake(new Wire(oneSided(junk())), offersOf(server)),
    "protocol",
  );
  assert.equal(error.alert, "unexpected_message");
  assert.ok(given < limit, `${given} bytes were read`);
  await channelError(() => clientHandshake(new Wire(oneSided(junk())), client), "protocol");
  assert.ok(given < limit, `${given} bytes were read`);
});

/** Returns the errors of both sides of a failed handshake. */
async function bothErrors(
  clientOptions: Partial<ClientOptions>,
  serverOptions: Partial<ServerOptions>,
): Promise<{ client: string; server: string }> {
  const [near, far] = memoryPair();
  const [ours, theirs] = await Promise.all([
    channelError(() => clientHandshake(new Wire(near), { ...client, ...clientOptions })),
    channelError(() => serverHandshake(new Wire(far), offersOf({ ...server, ...serverOptions }))),
  ]);
  const describe = ({ code, direction, alert }: typeof ours) => `${code}: ${direction} ${alert}`;
  return { client: describe(ours), server: describe(theirs) };
}

test("tls: a refusal is one error on either side, with the same alert", async () => {
  const suite = (name: CipherSuiteName) => ({ suites: [name] });
  assert.deepEqual(
    await bothErrors(suite("TLS_RSA_WITH_AES_256_GCM_SHA384"), suite("TLS_RSA_WITH_3DES_EDE_CBC_SHA")),
    { client: "alert: received handshake_failure", server: "not_offered: sent handshake_failure" },
  );
  assert.deepEqual(
    await bothErrors({ alpnProtocols: ["a"] }, { alpnProtocols: ["b"] }),
    {
      client: "alert: received no_application_protocol",
      server: "not_offered: sent no_application_protocol",
    },
  );
  assert.deepEqual(await bothErrors({ minimumKeyBits: 2048 }, {}), {
    client: "untrusted: sent insufficient_security",
    server: "alert: received insufficient_security",
  });
  const refusal = () => {
    throw new Error("no");
  };
  assert.deepEqual(await bothErrors({ verifyPeer: refusal }, {}), {
    client: "untrusted: sent certificate_unknown",
    server: "alert: received certificate_unknown",
  });
  assert.deepEqual(await bothErrors({}, { clientAuthentication: { verifyPeer: () => {} } }), {
    client: "alert: received handshake_failure",
    server: "untrusted: sent handshake_failure",
  });
});

test("tls: the end of the transport without close_notify is not answered by an alert", async () => {
  const recording = await record(client, server);
  const hello = plainRecord(handshake, clientHello());
  const sessions: [Uint8Array, (wire: Wire) => Promise<TlsSession>][] = [
    [hello, (wire) => serverHandshake(wire, offersOf(server))],
    [
      recording.forge("client", []),
      (wire) => serverHandshake(wire, offersOf({ ...server, random: fixedRandom(2) })),
    ],
    [recording.forge("server", []), (wire) => clientHandshake(wire, { ...client, random: fixedRandom(1) })],
  ];
  for (const [bytes, handshakeOf] of sessions) {
    const written: Uint8Array[] = [];
    const wire = new Wire(tapped(oneSided([bytes]), written));
    await channelError(async () => {
      const session = await handshakeOf(wire);
      await session.read();
    }, "truncated");
    const types = recordsOf(concat(...written)).map(({ type }) => type);
    assert.ok(types.length > 0 && !types.includes(alert), "there is nothing but the handshake");
  }
});

test("tls: a server that refuses an offer leads to a hint about the option that is likely to help", async () => {
  const tries: [ClientOptions["suites"], ServerOptions["suites"], RegExp][] = [
    [
      undefined,
      RSA_SUITES,
      /handshake_failure \(the server may offer no TLS at all, .* keyExchange "either"/,
    ],
    [["TLS_AES_256_GCM_SHA384"], RSA_SUITES, /handshake_failure \(the server may offer no/],
    [RSA_SUITES.slice(0, 1), ["TLS_AES_256_GCM_SHA384"], /handshake_failure \(the server may refuse RSA/],
    [
      ["TLS_RSA_WITH_3DES_EDE_CBC_SHA"],
      RSA_SUITES.slice(0, 1),
      /handshake_failure \(the server may refuse 3DES/,
    ],
    [["TLS_AES_256_GCM_SHA384", RSA_SUITES[0]], ["TLS_AES_128_GCM_SHA256"], /handshake_failure$/],
  ];
  for (const [suites, theirs, message] of tries) {
    const [near, far] = memoryPair();
    const [error] = await Promise.all([
      channelError(() => clientHandshake(new Wire(near), { ...client, suites }), "alert"),
      channelError(() => serverHandshake(new Wire(far), offersOf({ ...server, suites: theirs }))),
    ]);
    assert.match(error.message, message);
  }
  const version = oneSided([plainRecord(alert, Uint8Array.of(2, 70))]);
  const { message } = await channelError(
    () => clientHandshake(new Wire(version), { ...client, suites: undefined }),
    "alert",
  );
  assert.match(message, /protocol_version \(the server may offer no/);
  for (
    const [code, meaning] of [
      [112, /: unrecognized_name \(the server has no certificate for serverName\)$/],
      [
        48,
        /: unknown_ca \(.* needs the root, and this side's certificates must include every intermediate\)$/,
      ],
      [80, /: internal_error$/],
      [200, /: alert_200$/],
    ] as const
  ) {
    const refusing = oneSided([plainRecord(alert, Uint8Array.of(2, code))]);
    const error = await channelError(() => clientHandshake(new Wire(refusing), client), "alert");
    assert.match(error.message, meaning);
  }
});

test("tls: wrong options are TypeErrors and RangeErrors before anything is sent", async () => {
  const wire = () => new Wire(oneSided([]));
  const tries: [Partial<ClientOptions>, typeof RangeError | typeof TypeError][] = [
    [{ minimumKeyBits: 512 }, RangeError],
    [{ recordSizeLimit: 63 }, RangeError],
    [{ recordSizeLimit: 16_385 }, RangeError],
    [{ suites: [] }, TypeError],
    [{ suites: ["TLS_NULL" as CipherSuiteName] }, TypeError],
    [{ credentials: { key: rsa1024 }, minimumKeyBits: 2048 }, RangeError],
  ];
  for (const [options, type] of tries) {
    await assert.rejects(clientHandshake(wire(), { ...client, ...options }), type);
  }
  assert.throws(() => offersOf({ ...server, credentials: [] }), TypeError);
  assert.throws(() => offersOf({ ...server, minimumKeyBits: 2048 }), RangeError);
});

test("tls: what an established session accepts, and what ends it", async () => {
  const recording = await record(client, server);
  const data = (length = 1): TlsRecord => ({
    type: applicationData,
    fragment: new Uint8Array(length).fill(9),
  });
  const warning: TlsRecord = { type: alert, fragment: Uint8Array.of(1, 90) };
  const close: TlsRecord = { type: alert, fragment: encodeAlert("close_notify") };
  const helloRequest: TlsRecord = { type: handshake, fragment: frameMessage(0, new Uint8Array(0)) };
  const hello: TlsRecord = { type: handshake, fragment: clientHello() };
  const half: TlsRecord = { type: handshake, fragment: clientHello().subarray(0, 9) };
  const ccs: TlsRecord = { type: changeCipherSpec, fragment: Uint8Array.of(1) };
  const times = (count: number, one: TlsRecord) => Array<TlsRecord>(count).fill(one);

  const toClient = async (...records: TlsRecord[]) => {
    const { data, error } = await replayClient(recording, [recording.forge("server", records)]);
    return [data.length, error?.alert ?? error?.code];
  };
  const toServer = async (...records: TlsRecord[]) => {
    const { data, error } = await replayServer(recording, [recording.forge("client", records)]);
    return [data.length, error?.alert ?? error?.code];
  };
  for (const [feed, renegotiation] of [[toClient, helloRequest], [toServer, hello]] as const) {
    assert.deepEqual(await feed(data(), close), [1, undefined]);
    assert.deepEqual(await feed(data(2 ** 14), data(0), data(), close), [2 ** 14 + 1, undefined]);
    assert.deepEqual(await feed(data(), close, data()), [1, undefined], "nothing counts after close_notify");
    assert.deepEqual(await feed(data()), [1, "truncated"]);
    assert.deepEqual(await feed(data(2 ** 14 + 1)), [0, "record_overflow"]);
    assert.deepEqual(await feed(data(), warning, data(), close), [2, undefined]);
    assert.deepEqual(await feed(data(), ...times(20, warning)), [1, "unexpected_message"]);
    assert.deepEqual(await feed(...times(20, data(0)), data(), close), [1, undefined]);
    assert.deepEqual(await feed(data(), ...times(100, data(0))), [1, "unexpected_message"]);
    assert.deepEqual(await feed(data(), renegotiation, data(), close), [2, undefined]);
    assert.deepEqual(await feed(data(), ...times(20, renegotiation)), [1, "unexpected_message"]);
    for (const harmless of [warning, renegotiation]) {
      const often = Array.from({ length: 40 }, () => [data(), harmless]).flat();
      assert.deepEqual(await feed(...often, close), [40, undefined], "counted between application data");
      const empty = Array.from({ length: 20 }, () => [data(0), harmless]).flat();
      assert.deepEqual(await feed(...empty, close), [0, "unexpected_message"], "empty records are none");
    }
    assert.deepEqual(await feed(data(), half, data()), [1, "unexpected_message"]);
    assert.deepEqual(await feed(data(), ccs, data()), [1, "unexpected_message"]);
    assert.deepEqual(await feed(data(), { type: alert, fragment: Uint8Array.of(2, 80) }), [
      1,
      "internal_error",
    ]);
    assert.deepEqual(await feed(data(), { type: handshake, fragment: new Uint8Array(0) }), [
      1,
      "unexpected_message",
    ]);
  }
  const filled: TlsRecord = { type: handshake, fragment: frameMessage(0, Uint8Array.of(0)) };
  assert.deepEqual(await toClient(data(), filled), [1, "decode_error"]);
  assert.deepEqual(await toClient(hello), [0, "unexpected_message"]);
  assert.deepEqual(await toServer(helloRequest), [0, "unexpected_message"]);
});
