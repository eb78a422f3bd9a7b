import { concat, toHex } from "../../src/bytes.ts";
import { ChannelError } from "../../src/errors.ts";
import { clientHandshake } from "../../src/tls/client.ts";
import { frameMessage } from "../../src/tls/handshake/assembler.ts";
import { ExtensionType } from "../../src/tls/handshake/extensions.ts";
import {
  type ClientHello,
  decodeClientHello,
  decodeServerHello,
  encodeClientHello,
  encodeServerHello,
  HandshakeType,
  type ServerHello,
} from "../../src/tls/handshake/messages.ts";
import { encodeSupportedVersions } from "../../src/tls/handshake/versions.ts";
import { encodeSupportedGroups } from "../../src/tls/handshake/key_share.ts";
import type { TlsInfo } from "../../src/tls/mod.ts";
import type { TlsOptions } from "../../src/tls/options.ts";
import { offersOf } from "../../src/tls/credentials/offers.ts";
import { serverHandshake } from "../../src/tls/server.ts";
import { memoryPair } from "../../src/transport/memory.ts";
import type { Transport } from "../../src/connection.ts";
import { Wire } from "../../src/wire.ts";
import { rsa2048 } from "../_kit/keys.ts";
import { assert, test } from "../_kit/mod.ts";
import { serverCertificate } from "../_kit/pki.ts";
import { recordsOf } from "../_kit/replay.ts";

/** The options of both sides. The best common choice is TLS 1.3 with AES-256 and the hybrid group. */
const both: TlsOptions = {
  suites: [
    "TLS_AES_256_GCM_SHA384",
    "TLS_AES_128_GCM_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_RSA_WITH_AES_256_GCM_SHA384",
    "TLS_RSA_WITH_3DES_EDE_CBC_SHA",
  ],
  alpnProtocols: ["fesa/1"],
};
const certificate = serverCertificate(rsa2048);

type Change<Hello> = (hello: Hello) => Hello;

/**
 * A transport whose first record is changed in transit. Both sides of a pair have one: workerd reports an unhandled
 * rejection of its own if both ends of a pipe fail in one turn, also for streams that have nothing to do with this library.
 */
function changing({ readable, writable }: Transport, change: (message: Uint8Array) => Uint8Array): Transport {
  let isFirst = true;
  const stream = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      if (!isFirst) return controller.enqueue(chunk);
      isFirst = false;
      const [{ end }] = recordsOf(chunk);
      const message = change(chunk.subarray(5, end));
      const header = Uint8Array.of(22, chunk[1], chunk[2], message.length >> 8, message.length & 0xff);
      controller.enqueue(concat(header, message, chunk.subarray(end)));
    },
  });
  stream.readable.pipeTo(writable).catch(() => {});
  return { readable, writable: stream.writable };
}

const onClientHello = (change: Change<ClientHello>) => (message: Uint8Array) =>
  frameMessage(HandshakeType.clientHello, encodeClientHello(change(decodeClientHello(message.subarray(4)))));
const onServerHello = (change: Change<ServerHello>) => (message: Uint8Array) =>
  message[0] === HandshakeType.serverHello
    ? frameMessage(
      HandshakeType.serverHello,
      encodeServerHello(change(decodeServerHello(message.subarray(4)))),
    )
    : message;
const same = (message: Uint8Array) => message;

/** What each side has negotiated, as far as the handshake progressed. */
async function attacked(
  toServer: (message: Uint8Array) => Uint8Array,
  toClient: (message: Uint8Array) => Uint8Array = same,
  asked: TlsOptions = both,
): Promise<(TlsInfo | undefined)[]> {
  const [near, far] = memoryPair();
  const results = await Promise.allSettled([
    clientHandshake(new Wire(changing(near, toServer)), { ...asked, verifyPeer: () => {} }),
    serverHandshake(
      new Wire(changing(far, toClient)),
      offersOf({ ...asked, credentials: [{ key: rsa2048, certificates: [certificate] }] }),
    ),
  ]);
  return results.map((result) => result.status === "fulfilled" ? result.value.info : undefined);
}

const without = (hello: ClientHello, ...types: number[]): ClientHello => ({
  ...hello,
  extensions: new Map([...hello.extensions].filter(([type]) => !types.includes(type))),
});
const withExtension = (hello: ClientHello, type: number, data: Uint8Array): ClientHello => ({
  ...hello,
  extensions: new Map(hello.extensions).set(type, data),
});
const suitesOf = (...ids: number[]): Change<ClientHello> => (hello) => ({ ...hello, cipherSuites: ids });

const CLIENT_CHANGES: readonly [string, Change<ClientHello>][] = [
  ["TLS 1.3 left out", (hello) => without(hello, ExtensionType.supportedVersions)],
  [
    "TLS 1.2 named alone",
    (hello) => withExtension(hello, ExtensionType.supportedVersions, encodeSupportedVersions([0x0303])),
  ],
  ["AES-256 left out", suitesOf(0x1301)],
  ["ECDHE in TLS 1.2 alone", (hello) => suitesOf(0xc030)(without(hello, ExtensionType.supportedVersions))],
  ["RSA exchange alone", (hello) => suitesOf(0x009d)(without(hello, ExtensionType.supportedVersions))],
  ["3DES alone", (hello) => suitesOf(0x000a)(without(hello, ExtensionType.supportedVersions))],
  [
    "the weakest group alone",
    (hello) =>
      withExtension(
        withExtension(hello, ExtensionType.supportedGroups, encodeSupportedGroups([0x0017])),
        ExtensionType.keyShare,
        Uint8Array.of(0, 0),
      ),
  ],
  [
    "RSA exchange without the extended master secret",
    (hello) =>
      suitesOf(0x009d)(without(hello, ExtensionType.supportedVersions, ExtensionType.extendedMasterSecret)),
  ],
  ["without ALPN", (hello) => without(hello, ExtensionType.applicationLayerProtocolNegotiation)],
];

test("tls: removing anything from a ClientHello makes the handshake fail at both ends", async () => {
  const untouched = await attacked(same);
  for (const info of untouched) {
    assert.deepEqual([info?.protocol, info?.suite, info?.group, info?.alpnProtocol], [
      "TLS 1.3",
      "TLS_AES_256_GCM_SHA384",
      "X25519MLKEM768",
      "fesa/1",
    ]);
  }
  for (const [name, change] of CLIENT_CHANGES) {
    assert.deepEqual(await attacked(onClientHello(change)), [undefined, undefined], name);
  }
});

test("tls: hiding the downgrade in the ServerHello's random does not help either", async () => {
  const hide = onServerHello((hello) => ({ ...hello, random: new Uint8Array(32).fill(1) }));
  for (const [name, change] of CLIENT_CHANGES) {
    assert.deepEqual(await attacked(onClientHello(change), hide), [undefined, undefined], name);
  }
});

/** The options of two sides without TLS 1.3. The best common choice is AES-256 with x25519. */
const tls12: TlsOptions = { ...both, suites: both.suites!.filter((name) => /_WITH_/.test(name)) };

const TLS_1_2_CHANGES: readonly [string, Change<ClientHello>][] = [
  ["AES-256 left out", suitesOf(0xc02f)],
  ["RSA exchange alone", suitesOf(0x009d)],
  ["3DES alone", suitesOf(0x000a)],
  [
    "x25519 left out",
    (hello) => withExtension(hello, ExtensionType.supportedGroups, encodeSupportedGroups([0x0017])),
  ],
  ["without groups", (hello) => without(hello, ExtensionType.supportedGroups)],
  [
    "a weaker signature alone",
    (hello) => withExtension(hello, ExtensionType.signatureAlgorithms, Uint8Array.of(0, 2, 4, 1)),
  ],
  ["without the extended master secret", (hello) => without(hello, ExtensionType.extendedMasterSecret)],
  ["without ALPN", (hello) => without(hello, ExtensionType.applicationLayerProtocolNegotiation)],
  ["without record_size_limit", (hello) => without(hello, ExtensionType.recordSizeLimit)],
];

test("tls: the same holds for TLS 1.2 with ECDHE, in either hello", async () => {
  for (const info of await attacked(same, same, tls12)) {
    assert.deepEqual([info?.protocol, info?.suite, info?.group, info?.extendedMasterSecret], [
      "TLS 1.2",
      "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
      "x25519",
      true,
    ]);
  }
  for (const [name, change] of TLS_1_2_CHANGES) {
    assert.deepEqual(await attacked(onClientHello(change), same, tls12), [undefined, undefined], name);
  }
  const answers: [string, Change<ServerHello>][] = [
    ["another suite", (hello) => ({ ...hello, cipherSuite: 0xc02f })],
    ["RSA exchange", (hello) => ({ ...hello, cipherSuite: 0x009d })],
    ["no extended master secret", (hello) => ({
      ...hello,
      extensions: new Map(
        [...hello.extensions].filter(([type]) => type !== ExtensionType.extendedMasterSecret),
      ),
    })],
    ["another random", (hello) => ({ ...hello, random: new Uint8Array(32).fill(1) })],
  ];
  for (const [name, change] of answers) {
    assert.deepEqual(await attacked(same, onServerHello(change), tls12), [undefined, undefined], name);
  }
});

test("tls: a server must have secure renegotiation (RFC 5746 section 3.4)", async () => {
  for (const info of [undefined, Uint8Array.of(1, 9), Uint8Array.of(0, 0)]) {
    const change: Change<ServerHello> = (hello) => {
      const extensions = new Map(hello.extensions);
      if (info) extensions.set(ExtensionType.renegotiationInfo, info);
      else extensions.delete(ExtensionType.renegotiationInfo);
      return { ...hello, extensions };
    };
    const [near, far] = memoryPair();
    const results = await Promise.allSettled([
      clientHandshake(new Wire(changing(near, same)), { ...tls12, verifyPeer: () => {} }),
      serverHandshake(
        new Wire(changing(far, onServerHello(change))),
        offersOf({ ...tls12, credentials: [{ key: rsa2048, certificates: [certificate] }] }),
      ),
    ]);
    const [client, server] = results.map((result) => result.status === "rejected" && result.reason);
    assert.ok(server instanceof ChannelError);
    assert.equal(client.alert, info?.[0] === 0 ? "decode_error" : "handshake_failure");
  }
});

test("tls: a server marks its random if any of its credentials enables TLS 1.3 for this client", async () => {
  const credentials = { key: rsa2048, certificates: [certificate] };
  const rsa = { ...credentials, suites: ["TLS_RSA_WITH_AES_256_GCM_SHA384"] } as const;
  const ecdhe = { ...credentials, suites: ["TLS_AES_256_GCM_SHA384"] } as const;
  for (const [offered, isMarked] of [[[ecdhe, rsa], true], [[rsa], false]] as const) {
    const [near, far] = memoryPair();
    let random = "";
    const look = onServerHello((hello) => {
      random = toHex(hello.random);
      return hello;
    });
    const suites = ["TLS_RSA_WITH_AES_256_GCM_SHA384"] as const;
    await Promise.all([
      clientHandshake(new Wire(near), { suites, verifyPeer: () => {} }),
      serverHandshake(new Wire(changing(far, look)), offersOf({ ...both, credentials: offered })),
    ]);
    assert.equal(random.endsWith("444f574e47524401"), isMarked);
  }
});
