import { fromBase64, fromUtf8, toHex } from "../../src/bytes.ts";
import type { Role } from "../../src/tls/handshake/layer.ts";
import { tlsOperations } from "../../src/platform/tls_operations.ts";
import { tls12Suites } from "../../src/tls/tls12/cipher_suites.ts";
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
import { receivePremasterSecret } from "../../src/tls/key_exchange/rsa.ts";
import { Transcript } from "../../src/tls/handshake/transcript.ts";
import { rsa2048 } from "../_kit/keys.ts";
import { assert, test } from "../_kit/mod.ts";
import { fixedRandom, recordsOf } from "../_kit/replay.ts";
import recordings from "./recorded_sessions.json" with { type: "json" };

/** Reads one direction of a recorded session, opening its records once there are keys. */
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
    // The server answers with a session ticket where the client offers to take one.
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
