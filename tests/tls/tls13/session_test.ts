import { concat } from "../../../src/bytes.ts";
import type { ChannelError } from "../../../src/errors.ts";
import { frameMessage } from "../../../src/tls/handshake/assembler.ts";
import { generateEd25519Key } from "../../../src/crypto/ec/ed25519.ts";
import { clientHandshake } from "../../../src/tls/client.ts";
import { clientHello } from "../../../src/tls/handshake/client_hello.ts";
import { ExtensionType } from "../../../src/tls/handshake/extensions.ts";
import { HandshakeLayer } from "../../../src/tls/handshake/layer.ts";
import { decodeServerHello, encodeClientHello, HandshakeType } from "../../../src/tls/handshake/messages.ts";
import type { CipherSuiteName } from "../../../src/tls/mod.ts";
import { type ClientOptions, type ServerOptions, settingsOf } from "../../../src/tls/options.ts";
import { ContentType } from "../../../src/tls/record/content.ts";
import { RecordLayer } from "../../../src/tls/record/layer.ts";
import { offersOf } from "../../../src/tls/credentials/offers.ts";
import { serverHandshake } from "../../../src/tls/server.ts";
import { tlsOperations } from "../../../src/platform/tls_operations.ts";
import type { TlsSession } from "../../../src/tls/session.ts";
import { tls13Suites } from "../../../src/tls/tls13/cipher_suites.ts";
import { clientHandshake as tls13Handshake } from "../../../src/tls/tls13/client.ts";
import { Tls13PostHandshake } from "../../../src/tls/tls13/post_handshake.ts";
import { memoryPair } from "../../../src/transport/memory.ts";
import type { Transport } from "../../../src/connection.ts";
import { Wire } from "../../../src/wire.ts";
import { generateKey, type KeyType } from "../../../src/x509/keys/private_key.ts";
import { pattern } from "../../_kit/exchange.ts";
import { rsa2048 } from "../../_kit/keys.ts";
import { assert, channelError, test } from "../../_kit/mod.ts";
import { root, serverCertificate } from "../../_kit/pki.ts";
import { recordsOf } from "../../_kit/replay.ts";

const MIB = 2 ** 20;
const SUITES: readonly CipherSuiteName[] = [
  "TLS_AES_256_GCM_SHA384",
  "TLS_AES_128_GCM_SHA256",
  "TLS_CHACHA20_POLY1305_SHA256",
];
const key = generateEd25519Key();
const client: ClientOptions = { suites: SUITES, certificateTypes: ["raw"], verifyPeer: () => {} };
const server: ServerOptions = { suites: SUITES, credentials: [{ key }] };

async function sessions(
  clientOptions: Partial<ClientOptions> = {},
  serverOptions: Partial<ServerOptions> = {},
  transports: readonly [Transport, Transport] = memoryPair({ highWaterMark: MIB }),
): Promise<[TlsSession, TlsSession]> {
  return await Promise.all([
    clientHandshake(new Wire(transports[0]), { ...client, ...clientOptions }),
    serverHandshake(new Wire(transports[1]), offersOf({ ...server, ...serverOptions })),
  ]);
}

async function receive(session: TlsSession, length: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for (let have = 0; have < length;) {
    const bytes = await session.read();
    if (bytes === null) break;
    parts.push(bytes);
    have += bytes.length;
  }
  return concat(...parts);
}

async function end(...both: readonly TlsSession[]): Promise<void> {
  await Promise.all(both.map((session) => session.close()));
  assert.deepEqual(await Promise.all(both.map((session) => session.read())), both.map(() => null));
}

test("tls 1.3: every suite, with keys of every type, and the same exported material at both ends", async () => {
  const types: readonly KeyType[] = ["rsa", "p256", "p384", "p521", "ed25519"];
  for (const [i, type] of types.entries()) {
    const suites = [SUITES[i % SUITES.length]];
    const credentials = { key: await generateKey(type) };
    const pair = await sessions({ suites, credentials }, {
      credentials: [credentials],
      clientAuthentication: { verifyPeer: () => {}, certificateTypes: ["raw"] },
    });
    for (const { info, exportKeyingMaterial } of pair) {
      assert.deepEqual([info.protocol, info.suite, info.group], ["TLS 1.3", suites[0], "X25519MLKEM768"]);
      assert.ok(exportKeyingMaterial);
    }
    const [ours, theirs] = pair.map((session) => [
      session.exportKeyingMaterial("EXPERIMENTAL test", 40),
      session.exportKeyingMaterial("EXPERIMENTAL test", 40, Uint8Array.of(1)),
    ]);
    assert.deepEqual(ours, theirs);
    assert.notDeepEqual(ours[0], ours[1]);
    assert.equal(pair[1].info.peer?.type, "raw");
    await end(...pair);
  }
});

test("tls 1.3: groups, with a HelloRetryRequest where the first share is of another", async () => {
  const cases: [ClientOptions["groups"], ClientOptions["groups"], string][] = [
    [undefined, undefined, "X25519MLKEM768"],
    [undefined, ["x25519"], "x25519"], // beside the hybrid there is a share for it
    [["x25519"], undefined, "x25519"],
    [["x25519", "X25519MLKEM768"], ["X25519MLKEM768"], "X25519MLKEM768"],
    [undefined, ["secp521r1", "secp384r1"], "secp521r1"],
    [["secp256r1"], undefined, "secp256r1"],
  ];
  for (const [ours, theirs, expected] of cases) {
    const pair = await sessions({ groups: ours }, { groups: theirs });
    assert.deepEqual(pair.map(({ info }) => info.group), [expected, expected]);
    await end(...pair);
  }
  const error = (side: "client" | "server") => {
    const [near, far] = memoryPair();
    const both = [
      channelError(() => clientHandshake(new Wire(near), { ...client, groups: ["x25519"] })),
      channelError(() => serverHandshake(new Wire(far), offersOf({ ...server, groups: ["secp256r1"] }))),
    ];
    return Promise.all(both).then(([c, s]) => side === "client" ? c : s);
  };
  assert.deepEqual(
    [(await error("client")).alert, (await error("server")).alert],
    Array(2).fill("handshake_failure"),
  );
  assert.throws(() => offersOf({ ...server, groups: [] }), TypeError);
  assert.throws(() => offersOf({ ...server, groups: ["x448" as "x25519"] }), /unknown named group "x448"/);
});

test("tls 1.3: keys are updated by count, in both directions, though one side alone asks for it", async () => {
  const rekey = { bytes: MIB };
  for (const options of [[{ rekey }, {}], [{}, { rekey }]] as const) {
    const [near, far] = await sessions(...options);
    const data = pattern(MIB, 7);
    for (let round = 0; round < 5; round++) {
      for (const [from, to] of [[near, far], [far, near]] as const) {
        const sending = from.write([data]);
        assert.deepEqual(await receive(to, data.length), data);
        await sending;
      }
    }
    const [ours, theirs] = [near.keyExchanges, far.keyExchanges];
    assert.ok(ours > 5 && theirs > 5, `${ours} and ${theirs}`);
    await end(near, far);
  }
});

test("tls 1.3: a peer that ignores the request for a KeyUpdate is stopped", async () => {
  const suite = tls13Suites(tlsOperations("pure"))[0];
  const secret = new Uint8Array(48);
  const established = (bytes?: number) => {
    const records = new RecordLayer(new Wire(memoryPair()[0]));
    const secrets = { client: secret, server: secret, exporter: secret };
    const state = new Tls13PostHandshake(records, { role: "client", suite, secrets, rekey: { bytes } });
    return { records, state, take: () => state.checkRecord(ContentType.applicationData) };
  };
  const { records, state, take } = established(MIB);
  records.reading.bytes = 100 * MIB;
  take(); // nobody has asked yet
  state.changeKeysIfDue(false);
  assert.equal(state.keyChanges, 1);
  records.reading.bytes = 65 * MIB;
  take();
  records.reading.bytes++;
  assert.equal((await channelError(async () => await take())).code, "limit");

  const other = established();
  Object.defineProperty(other.records.reading, "records", { value: suite.recordLimit + 1 });
  assert.equal((await channelError(async () => await other.take())).code, "limit");
});

test("tls 1.3: a peer may send KeyUpdates faster than rekey.leastMilliseconds 16 times in a row", () => {
  const suite = tls13Suites(tlsOperations("pure"))[0];
  const secret = new Uint8Array(48);
  const { now } = performance;
  let clock = 0;
  performance.now = () => clock;
  try {
    const taken = (leastMilliseconds: number | undefined, pace: number, bytes: number) => {
      const records = new RecordLayer(new Wire(memoryPair()[0]));
      const secrets = { client: secret, server: secret, exporter: secret };
      const rekey = { leastMilliseconds };
      const state = new Tls13PostHandshake(records, { role: "client", suite, secrets, rekey });
      const body = Uint8Array.of(0);
      const message = {
        type: HandshakeType.keyUpdate,
        body,
        bytes: frameMessage(HandshakeType.keyUpdate, body),
      };
      for (let count = 0; count < 100; count++) {
        clock += pace;
        records.reading.bytes = bytes;
        try {
          state.take(message, false, true);
        } catch (error) {
          assert.equal((error as ChannelError).code, "limit");
          return count;
        }
      }
      return 100;
    };
    assert.equal(taken(undefined, 899, 1000), 16);
    assert.equal(taken(undefined, 900, 1000), 100);
    assert.equal(taken(undefined, 0, 2 ** 19), 100, "much was sent under each key");
    assert.equal(taken(5000, 4999, 1000), 16);
    assert.equal(taken(10, 10, 1000), 100);
  } finally {
    performance.now = now;
  }
});

test("tls 1.3: one direction continues, with key updates, after the other has ended", async () => {
  const [near, far] = await sessions({ rekey: { bytes: MIB } });
  await far.close();
  assert.equal(await near.read(), null);
  const data = pattern(5 * MIB, 3);
  const sending = near.write([data]);
  assert.deepEqual(await receive(far, data.length), data);
  await sending;
  assert.ok(near.keyExchanges >= 5);
  await near.close();
  assert.equal(await far.read(), null);
});

test("tls 1.3: record_size_limit counts the content type, the option does not", async () => {
  for (const [limit, expected] of [[64, 64], [1000, 1000], [16_384, 16_384]] as const) {
    const [near, far] = memoryPair({ highWaterMark: MIB });
    const sent: Uint8Array[] = [];
    const tap = new TransformStream<Uint8Array, Uint8Array>({
      transform: (chunk, controller) => {
        sent.push(chunk.slice());
        controller.enqueue(chunk);
      },
    });
    tap.readable.pipeTo(far.writable).catch(() => {});
    const pair = await sessions({ recordSizeLimit: limit }, {}, [near, { ...far, writable: tap.writable }]);
    const [ours, theirs] = pair;
    sent.length = 0;
    const sending = theirs.write([new Uint8Array(40_000)]);
    await receive(ours, 40_000);
    await sending;
    const largest = Math.max(...recordsOf(concat(...sent)).map(({ start, end }) => end - start - 5));
    assert.equal(largest, expected + 1 + 16);
    await end(ours, theirs);
  }
});

test("tls 1.3: a client without credentials is refused if some are required, and told so", async () => {
  const [near, far] = memoryPair();
  const clientAuthentication = { verifyPeer: () => {} };
  const [told, refused] = await Promise.all([
    channelError(async () => {
      const session = await clientHandshake(new Wire(near), client);
      await session.read();
    }, "alert"),
    channelError(
      () => serverHandshake(new Wire(far), offersOf({ ...server, clientAuthentication })),
      "untrusted",
    ),
  ]);
  assert.deepEqual([told.alert, refused.alert], Array(2).fill("certificate_required"));
  assert.match(told.message, /asked for this client's certificate or key, and none was sent/);
  assert.match(refused.message, /the client shows no certificate or key/);
  const optional = { ...clientAuthentication, required: false };
  const pair = await sessions({}, { clientAuthentication: optional });
  assert.equal(pair[1].info.peer, undefined);
  await end(...pair);
});

test("tls 1.3: the key log has every label, and both sides write the same", async () => {
  const lines: [string[], string[]] = [[], []];
  const [near, far] = await sessions({ keyLog: (line) => lines[0].push(line) }, {
    keyLog: (line) => lines[1].push(line),
  });
  assert.deepEqual(lines[0], lines[1]);
  assert.deepEqual(lines[0].map((line) => line.split(" ")[0]), [
    "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
    "SERVER_HANDSHAKE_TRAFFIC_SECRET",
    "CLIENT_TRAFFIC_SECRET_0",
    "SERVER_TRAFFIC_SECRET_0",
    "EXPORTER_SECRET",
  ]);
  await end(near, far);
});

test("tls 1.3: early data, which is for another server, is dropped up to a limit", async () => {
  const run = async (size: number) => {
    const [near, far] = memoryPair({ highWaterMark: MIB });
    const settings = settingsOf(client);
    const { hello, shares } = clientHello(settings, client);
    const extensions = new Map(hello.extensions).set(ExtensionType.earlyData, new Uint8Array(0));
    const layer = new HandshakeLayer(new Wire(near), "client", undefined);
    layer.send(HandshakeType.clientHello, encodeClientHello({ ...hello, extensions }));
    layer.records.versionSettled = true;
    layer.records.queue(ContentType.applicationData, [pattern(size, 5)]);
    await layer.flush();
    const serving = serverHandshake(new Wire(far), offersOf(server));
    serving.catch(() => {});
    const { body } = await layer.receive(HandshakeType.serverHello);
    const handshake = { layer, settings, options: client, hello: { ...hello, extensions }, shares };
    const session = await tls13Handshake(handshake, decodeServerHello(body));
    return [session, await serving] as const;
  };
  await end(...await run(40_000));
  await channelError(() => run(80_000));
});

test("tls 1.3: an OCSP response comes in the entry of the server's own certificate, if the client asks", async () => {
  const certificates = [serverCertificate(rsa2048), root.certificate];
  const ocspResponse = Uint8Array.of(1, 2, 3);
  const seen: (Uint8Array | undefined)[] = [];
  const pair = await sessions({
    certificateTypes: ["x509"],
    serverName: "localhost",
    verifyPeer: (peer) => void seen.push(peer.type === "x509" ? peer.ocspResponse : undefined),
  }, { credentials: [{ key: rsa2048, certificates, ocspResponse }] });
  assert.deepEqual(seen, [ocspResponse]);
  const { peer, serverName } = pair[0].info;
  assert.deepEqual([peer?.type === "x509" && peer.chain.length, serverName], [2, "localhost"]);
  assert.equal(pair[1].info.serverName, "localhost");
  await end(...pair);
});

test("tls 1.3: keys are updated by age, by the side that writes", async () => {
  const realNow = performance.now;
  let now = performance.now();
  performance.now = () => now;
  try {
    const [near, far] = await sessions({ rekey: { milliseconds: 1000 } });
    for (let i = 0; i < 3; i++) {
      now += 1100;
      for (const [from, to] of [[near, far], [far, near]] as const) {
        await from.write([Uint8Array.of(i)]);
        assert.deepEqual(await to.read(), Uint8Array.of(i));
      }
    }
    assert.deepEqual([near.keyExchanges, far.keyExchanges], [4, 4]);
    await end(near, far);
  } finally {
    performance.now = realNow;
  }
});
