import { fromBase64, fromUtf8, toHex, toUtf8 } from "../../src/bytes.ts";
import type { Credentials } from "../../src/tls/credentials/credentials.ts";
import { decodePeerCredentials } from "../../src/tls/tls12/certificates.ts";
import { offersOf } from "../../src/tls/credentials/offers.ts";
import type { Role } from "../../src/tls/handshake/layer.ts";
import { tlsOperations } from "../../src/platform/tls_operations.ts";
import { type Tls12SuiteName, tls12Suites } from "../../src/tls/tls12/cipher_suites.ts";
import { clientHandshake } from "../../src/tls/tls12/client.ts";
import { serverHandshake } from "../../src/tls/tls12/server.ts";
import { ExtensionType } from "../../src/tls/handshake/extensions.ts";
import { decodeClientHello, decodeServerHello, HandshakeType } from "../../src/tls/handshake/messages.ts";
import {
  extendedMasterSecret,
  masterSecret,
  sessionKeys,
  verifyData,
} from "../../src/tls/tls12/key_schedule.ts";
import { type HandshakeMessage, MessageAssembler } from "../../src/tls/handshake/assembler.ts";
import type { ContentType, TlsRecord } from "../../src/tls/record/content.ts";
import type { RecordProtection } from "../../src/tls/record/protection.ts";
import type { NamedGroupName } from "../../src/tls/key_exchange/named_group.ts";
import { settingsOf } from "../../src/tls/options.ts";
import type { TlsSession } from "../../src/tls/session.ts";
import { Wire } from "../../src/wire.ts";
import { receivePremasterSecret } from "../../src/tls/key_exchange/rsa.ts";
import { Transcript } from "../../src/tls/handshake/transcript.ts";
import { rsa2048 } from "../_kit/keys.ts";
import { assert, test } from "../_kit/mod.ts";
import { fixedRandom, recordsOf } from "../_kit/replay.ts";
import { collector, fixedTransport, ScriptedLayer, scriptedRandom, signedBefore } from "../_kit/script.ts";
import ecdheRecordings from "./recorded_ecdhe.json" with { type: "json" };
import recordings from "./recorded_sessions.json" with { type: "json" };

/** Reads one direction of a recorded session, and decrypts its records when there are keys. */
class Direction {
  readonly #bytes: Uint8Array;
  readonly #records: { start: number; end: number; type: ContentType }[];
  readonly #assembler = new MessageAssembler();
  protection: RecordProtection | undefined;
  #sequence = 0;

  constructor(base64: string) {
    this.#bytes = fromBase64(base64);
    this.#records = recordsOf(this.#bytes);
  }

  record(): TlsRecord {
    const { start, end, type } = this.#records.shift()!;
    const fragment = this.#bytes.subarray(start + 5, end);
    return this.protection?.open(this.#sequence++, type, fragment) as TlsRecord ?? { type, fragment };
  }

  message(type: HandshakeType): HandshakeMessage {
    let message = this.#assembler.next();
    while (message === null) {
      const record = this.record();
      assert.equal(record.type, 22);
      this.#assembler.push(record.fragment);
      message = this.#assembler.next();
    }
    assert.equal(message.type, type);
    return message;
  }
}

const OPERATIONS = tlsOperations("pure");

for (const recording of recordings) {
  test(`tls: a recorded session of ${recording.name}, ${recording.suite}`, async () => {
    const suite = tls12Suites(OPERATIONS).find(({ name }) => name === recording.suite)!;
    const [toServer, toClient] = [new Direction(recording.toServer), new Direction(recording.toClient)];
    const transcript = new Transcript();
    const next = (direction: Direction, type: HandshakeType): Uint8Array => {
      const { bytes, body } = direction.message(type);
      transcript.add(bytes);
      return body;
    };

    const client = decodeClientHello(next(toServer, HandshakeType.clientHello));
    const server = decodeServerHello(next(toClient, HandshakeType.serverHello));
    next(toClient, HandshakeType.certificate);
    next(toClient, HandshakeType.serverHelloDone);
    const keyExchange = next(toServer, HandshakeType.clientKeyExchange);

    const premasterSecret = await receivePremasterSecret(
      { key: rsa2048 },
      keyExchange,
      0x0303,
      fixedRandom(1),
      OPERATIONS.rsa,
    );
    const randoms = { client: client.random, server: server.random };
    const master = server.extensions.has(ExtensionType.extendedMasterSecret)
      ? extendedMasterSecret(suite.hash, premasterSecret, transcript.hash(suite.hash))
      : masterSecret(suite.hash, premasterSecret, randoms);
    assert.equal(toHex(master), recording.master);

    const keys = sessionKeys(suite, master, randoms);
    const encryptThenMac = server.extensions.has(ExtensionType.encryptThenMac);
    const finish = (direction: Direction, role: Role) => {
      assert.equal(direction.record().type, 20);
      direction.protection = suite.protection(keys[role], encryptThenMac, fixedRandom(1));
      const expected = verifyData(suite.hash, master, role, transcript.hash(suite.hash));
      assert.deepEqual(next(direction, HandshakeType.finished), expected);
    };
    finish(toServer, "client");
    // The server sends a session ticket if the client supports tickets.
    if (server.extensions.has(35)) {
      const { bytes } = toClient.message(4 as HandshakeType);
      transcript.add(bytes);
    }
    finish(toClient, "server");

    assert.equal(fromUtf8(toServer.record().fragment), "hello from the client\n");
    assert.equal(fromUtf8(toClient.record().fragment), "hello from the server\n");
    assert.deepEqual([...toServer.record().fragment], [1, 0], "close_notify");
  });
}

/** A recorded session with ECDHE, and the random values of one side, including its ephemeral key. */
interface EcdheRecording {
  readonly name: string;
  readonly role: Role;
  readonly suite: Tls12SuiteName;
  readonly group: NamedGroupName;
  readonly random: readonly string[];
  readonly master: string;
  readonly toServer: string;
  readonly toClient: string;
}

/** One side of such a session, which makes the same choices as the recorded side. */
async function replay(
  { role, suite, group, random }: EcdheRecording,
  { toServer, toClient }: { readonly toServer: Uint8Array; readonly toClient: Uint8Array },
  keyLog: (line: string) => void,
): Promise<{ session: TlsSession; written: () => Uint8Array }> {
  const common = { suites: [suite], groups: [group], random: scriptedRandom(random), keyLog };
  const { transport, written } = fixedTransport(role === "client" ? toClient : toServer);
  const clientHello = messageOf(toServer, HandshakeType.clientHello);
  const hello = decodeClientHello(clientHello.body);
  const own = role === "client" ? clientHello : messageOf(toClient, HandshakeType.serverHello);
  const layer = new ScriptedLayer(new Wire(transport), role, [own]);
  if (role === "server") {
    const offers = offersOf({ ...common, credentials: [recordedCredentials(toClient)] });
    await layer.receive(HandshakeType.clientHello);
    layer.records.versionSettled = true;
    return { session: await serverHandshake({ layer, offers, hello }), written };
  }
  const options = { ...common, verifyPeer: () => {} };
  layer.send(HandshakeType.clientHello, clientHello.body);
  await layer.flush();
  const { body } = await layer.receive(HandshakeType.serverHello);
  layer.records.versionSettled = true;
  const handshake = { layer, settings: settingsOf(options), options, hello, shares: [] };
  return { session: await clientHandshake(handshake, decodeServerHello(body)), written };
}

for (const recording of ecdheRecordings as EcdheRecording[]) {
  const { name, role, suite, group, master } = recording;
  test(`tls: a recorded session of ${name}, ${suite}: the ${role} sends the same, to the byte`, async () => {
    const streams = {
      toServer: fromBase64(recording.toServer),
      toClient: fromBase64(recording.toClient),
    };
    const { secrets, keyLog } = collector();
    const { session, written } = await replay(recording, streams, keyLog);
    assert.equal(session.info.group, group);
    assert.equal(secrets.CLIENT_RANDOM, master);
    const [own, peer] = role === "client" ? ["client", "server"] : ["server", "client"];
    await session.write([toUtf8(`hello from the ${own}\n`)]);
    assert.equal(fromUtf8((await session.read())!), `hello from the ${peer}\n`);
    await session.close();
    assert.equal(await session.read(), null);
    assert.equal(toHex(written()), toHex(role === "client" ? streams.toServer : streams.toClient));
  });
}

/** Returns the message of this type in the first flight of a side. */
function messageOf(stream: Uint8Array, type: HandshakeType): HandshakeMessage {
  const assembler = new MessageAssembler();
  for (const { start, end } of recordsOf(stream)) {
    assembler.push(stream.subarray(start + 5, end));
    for (let message = assembler.next(); message; message = assembler.next()) {
      if (message.type === type) return message;
    }
  }
  throw new Error("the recording has no such message");
}

/** Returns the server's credentials, from its Certificate and the signature in its ServerKeyExchange. */
function recordedCredentials(toClient: Uint8Array): Credentials {
  const { body } = messageOf(toClient, HandshakeType.certificate);
  const peer = decodePeerCredentials("x509", body)!;
  assert.ok(peer.type === "x509");
  const exchange = messageOf(toClient, HandshakeType.serverKeyExchange).body;
  const parameters = 4 + exchange[3]; // curve type, named curve, a point of so many bytes
  return signedBefore(peer.chain[0], exchange.subarray(parameters + 4)); // scheme, length
}
