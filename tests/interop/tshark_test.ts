/** Wireshark's tshark reads captured sessions with the key log, and reads no data without it. */
import { spawnSync } from "node:child_process";
import { assert, test } from "../_kit/mod.ts";
import { pattern, readBytes, sendBytes } from "../_kit/exchange.ts";
import { rsa2048 } from "../_kit/keys.ts";
import { Files } from "../_kit/files.ts";
import { accept, connect } from "../../mod.ts";
import { concat, fromHex, fromUtf8, toUtf8 } from "../../src/bytes.ts";
import { memoryPair } from "../../src/transport/memory.ts";
import {
  acceptTls,
  type CipherSuiteName,
  connectTls,
  type KeyLog,
  type RekeyOptions,
} from "../../src/tls/mod.ts";
import { offers, root, serverName } from "../channel/_helpers.ts";
import { Capture, SERVER_PORT } from "./_capture.ts";

/**
 * The contents that tshark finds in a capture: the names of the handshake messages, and the application data of each
 * direction.
 */
interface Found {
  readonly messages: string;
  readonly fromClient: Uint8Array;
  readonly fromServer: Uint8Array;
}

function tshark(capture: Capture, keyLog: readonly string[]): Found {
  using files = new Files();
  const keys = files.write("keys.log", keyLog.map((line) => `${line}\n`).join(""));
  const session = files.write("session.pcap", capture.pcap());
  const { status, stdout, stderr } = spawnSync("tshark", [
    ...["-r", session, "-n", "-d", `tcp.port==${SERVER_PORT},tls`, "-o", `tls.keylog_file:${keys}`],
    ...["-z", "follow,tls,raw,0"],
  ], { encoding: "utf8", maxBuffer: 1 << 26 });
  assert.equal(status, 0, stderr);
  const [messages, follow] = stdout.split(/={20,}\n/);
  const lines = follow?.split("\n") ?? [];
  const hex = (line: RegExp) =>
    concat(...lines.filter((text) => line.test(text)).map((text) => fromHex(text.trim())));
  // Lines of node 0 are not indented, those of the other node are. In TLS 1.3 tshark takes the server for node 0.
  const [first, second] = [hex(/^[0-9a-f]+$/), hex(/^\t[0-9a-f]+$/)];
  const [fromClient, fromServer] = lines.some((text) => text.match(`^Node 0: .*:${SERVER_PORT}$`))
    ? [second, first]
    : [first, second];
  return { messages, fromClient, fromServer };
}

/** Returns the capture of a session with this data in each direction. */
async function captured(
  suite: CipherSuiteName,
  toServer: Uint8Array,
  toClient: Uint8Array,
  rekey: RekeyOptions = {},
): Promise<{ capture: Capture; keyLog: string[] }> {
  const capture = new Capture();
  const keyLog: string[] = [];
  const [near, far] = memoryPair();
  const log: KeyLog = (line) => void keyLog.push(line);
  const options = { suites: [suite], rekey };
  const [client, server] = await Promise.all([
    connectTls(capture.tap(near), {
      ...options,
      keyLog: log,
      certificateTypes: ["raw"],
      verifyPeer: () => {},
    }),
    acceptTls(far, { ...options, credentials: [{ key: rsa2048 }] }),
  ]);
  await Promise.all([
    readBytes(server.readable, toServer.length),
    readBytes(client.readable, toClient.length),
    sendBytes(client, toServer),
    sendBytes(server, toClient),
  ]);
  await Promise.all([client.close(), server.close()]);
  return { capture, keyLog };
}

const SUITES: readonly CipherSuiteName[] = [
  "TLS_RSA_WITH_AES_256_GCM_SHA384",
  "TLS_RSA_WITH_AES_256_CBC_SHA256",
  "TLS_RSA_WITH_3DES_EDE_CBC_SHA",
];

test("tshark: sessions of each kind of suite are read with the key log, and not without", {
  needs: ["tshark"],
}, async () => {
  const [question, answer] = [toUtf8("what the client asks"), pattern(40_000, 1)];
  for (const suite of SUITES) {
    const { capture, keyLog } = await captured(suite, question, answer);
    assert.equal(keyLog.length, 1);
    const open = tshark(capture, keyLog);
    assert.deepEqual([open.fromClient, open.fromServer], [question, answer], suite);
    assert.equal(open.messages.match(/ Finished/g)?.length, 2, open.messages);
    const closed = tshark(capture, []);
    assert.deepEqual([closed.fromClient.length, closed.fromServer.length], [0, 0], suite);
    assert.equal(closed.messages.match(/ Finished/g), null, closed.messages);
  }
});

test("tshark: a channel's messages are read as their frames", { needs: ["tshark"] }, async () => {
  const capture = new Capture();
  const keyLog: string[] = [];
  const [near, far] = memoryPair();
  const [client, server] = await Promise.all([
    connect(capture.tap(near), {
      security: {
        setting: "certificate",
        roots: [root],
        serverName,
        keyLog: (line) => void keyLog.push(line),
      },
    }),
    accept(far, { security: [offers.certificate] }),
  ]);
  await client.send("a known message");
  assert.equal(fromUtf8((await server.receive())!), "a known message");
  await Promise.all([client.close(), server.close()]);
  const { fromClient, fromServer } = tshark(capture, keyLog);
  const end = Uint8Array.of(4, 0, 0, 0, 0);
  assert.deepEqual(fromClient, concat(Uint8Array.of(0, 0, 0, 0, 15), toUtf8("a known message"), end));
  assert.deepEqual(fromServer, end);
  assert.equal(tshark(capture, []).fromClient.length, 0);
});

test(
  "tshark: of a session that changes its keys in place it reads what passed before",
  { needs: ["tshark"] },
  async () => {
    const bytes = 1 << 20;
    const [toServer, toClient] = [pattern(3 * bytes, 1), pattern(1000, 2)];
    const { capture, keyLog } = await captured("TLS_RSA_WITH_3DES_EDE_CBC_SHA", toServer, toClient, {
      bytes,
    });
    assert.ok(keyLog.length >= 3, `${keyLog.length} lines`); // the handshake's and one for each change
    const { fromClient } = tshark(capture, keyLog);
    assert.ok(fromClient.length > bytes / 2 && fromClient.length < bytes, `${fromClient.length} bytes`);
    assert.deepEqual(fromClient, toServer.subarray(0, fromClient.length));
  },
);
