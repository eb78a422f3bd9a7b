import { concat } from "../../../src/bytes.ts";
import { generateEd25519Key } from "../../../src/crypto/ec/ed25519.ts";
import { randomBytes } from "../../../src/crypto/random.ts";
import { clientHandshake } from "../../../src/tls/client.ts";
import { clientHello } from "../../../src/tls/handshake/client_hello.ts";
import { encodeSignatureSchemes, ExtensionType } from "../../../src/tls/handshake/extensions.ts";
import {
  encodeClientShares,
  encodeSelectedGroup,
  encodeServerShare,
  encodeSupportedGroups,
} from "../../../src/tls/handshake/key_share.ts";
import {
  type ClientHello,
  decodeClientHello,
  encodeClientHello,
  encodeServerHello,
  HandshakeType,
  type ServerHello,
} from "../../../src/tls/handshake/messages.ts";
import {
  DOWNGRADE_TO_TLS_1_2,
  encodeSelectedVersion,
  encodeSupportedVersions,
} from "../../../src/tls/handshake/versions.ts";
import { frameMessage } from "../../../src/tls/handshake/assembler.ts";
import { type ClientOptions, settingsOf } from "../../../src/tls/options.ts";
import { ContentType } from "../../../src/tls/record/content.ts";
import { offersOf } from "../../../src/tls/credentials/offers.ts";
import { serverHandshake } from "../../../src/tls/server.ts";
import { RETRY_RANDOM } from "../../../src/tls/tls13/messages.ts";
import { memoryPair } from "../../../src/transport/memory.ts";
import { Wire } from "../../../src/wire.ts";
import { assert, channelError, test } from "../../_kit/mod.ts";
import { oneSided } from "../../_kit/replay.ts";

const { keyShare, signatureAlgorithms, supportedGroups, supportedVersions } = ExtensionType;
const key = generateEd25519Key();
const SUITE = 0x1301;
const suites = ["TLS_AES_128_GCM_SHA256"] as const;
const client: ClientOptions = {
  suites,
  groups: ["x25519", "secp256r1"],
  certificateTypes: ["raw"],
  verifyPeer: () => {},
};

/** Splits bytes into parts of at most 2^14 bytes, one for each record. */
function records(message: Uint8Array, type: number = ContentType.handshake): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let i = 0; i < message.length; i += 16_384) {
    const part = message.subarray(i, i + 16_384);
    parts.push(Uint8Array.of(type, 3, 3, part.length >> 8, part.length & 0xff), part);
  }
  return concat(...parts);
}

const hello: ClientHello = clientHello(settingsOf(client), client).hello;

/** Returns the ClientHello with other extensions. The value undefined removes an extension. */
function changed(
  changes: Record<number, Uint8Array | undefined>,
  more: Partial<ClientHello> = {},
): Uint8Array {
  const extensions = new Map(hello.extensions);
  for (const [type, data] of Object.entries(changes)) {
    if (data === undefined) extensions.delete(Number(type));
    else extensions.set(Number(type), data);
  }
  return frameMessage(HandshakeType.clientHello, encodeClientHello({ ...hello, ...more, extensions }));
}

/** Returns a server's reaction to these bytes, followed by the end of the stream. */
async function serverError(...bytes: readonly Uint8Array[]): Promise<string | undefined> {
  const offers = offersOf({ suites, groups: ["x25519", "secp256r1"], credentials: [{ key }] });
  const error = await channelError(() => serverHandshake(new Wire(oneSided([concat(...bytes)])), offers));
  return error.code === "truncated" ? "truncated" : error.alert;
}

const share = (group: number, bytes: Uint8Array) => encodeClientShares([{ group, share: bytes }]);

test("tls 1.3 server: ClientHellos that are accepted, and those that are refused", async () => {
  const cases: [string, Uint8Array][] = [
    ["truncated", changed({})],
    ["truncated", changed({}, { version: 0x0301 })], // supported_versions counts
    ["missing_extension", changed({ [signatureAlgorithms]: undefined })],
    ["missing_extension", changed({ [supportedGroups]: undefined })],
    ["missing_extension", changed({ [keyShare]: undefined })],
    ["decode_error", changed({ [signatureAlgorithms]: Uint8Array.of(0, 0) })],
    ["decode_error", changed({ [signatureAlgorithms]: Uint8Array.of(0, 3, 8, 7, 8) })],
    ["decode_error", changed({ [supportedGroups]: Uint8Array.of(0, 0) })],
    ["decode_error", changed({ [supportedVersions]: Uint8Array.of(0) })],
    ["decode_error", changed({ [supportedVersions]: Uint8Array.of(3, 3, 4, 3) })],
    ["decode_error", changed({ [keyShare]: Uint8Array.of(0, 4, 0, 0x1d, 0, 0) })],
    ["protocol_version", changed({ [supportedVersions]: encodeSupportedVersions([0x0303, 0x7f1c]) })],
    ["protocol_version", changed({ [supportedVersions]: undefined })],
    ["handshake_failure", changed({}, { cipherSuites: [0x1302, 0x1303] })],
    ["handshake_failure", changed({ [signatureAlgorithms]: encodeSignatureSchemes([0x0804, 0x0403]) })],
    [
      "handshake_failure",
      changed({ [supportedGroups]: encodeSupportedGroups([0x0018]), [keyShare]: Uint8Array.of(0, 0) }),
    ],
    ["illegal_parameter", changed({}, { compressionMethods: Uint8Array.of(0, 1) })],
    ["illegal_parameter", changed({ [supportedGroups]: encodeSupportedGroups([0x0017]) })],
    ["illegal_parameter", changed({ [keyShare]: share(0x1d, new Uint8Array(31).fill(9)) })],
    ["illegal_parameter", changed({ [keyShare]: share(0x1d, new Uint8Array(32)) })], // of small order
    ["illegal_parameter", changed({ [keyShare]: share(0x17, new Uint8Array(65).fill(4)) })], // not on the curve
    [
      "illegal_parameter",
      changed({
        [keyShare]: encodeClientShares(
          [1, 2].map((fill) => ({ group: 0x1d, share: new Uint8Array(32).fill(fill) })),
        ),
      }),
    ],
  ];
  for (const [expected, message] of cases) assert.equal(await serverError(records(message)), expected);
  assert.equal(await serverError(records(concat(changed({}), Uint8Array.of(20)))), "unexpected_message");
});

test("tls 1.3 server: GREASE (RFC 8701) and the largest possible ClientHello", async () => {
  const grease = changed({
    0x1a1a: new Uint8Array(0),
    0x2a2a: Uint8Array.of(0),
    [supportedVersions]: encodeSupportedVersions([0x3a3a, 0x0304]),
    [supportedGroups]: encodeSupportedGroups([0x4a4a, 0x001d]),
    [signatureAlgorithms]: encodeSignatureSchemes([0x5a5a, 0x0807]),
    [keyShare]: encodeClientShares([
      { group: 0x4a4a, share: Uint8Array.of(0) },
      { group: 0x1d, share: settingsOf(client).groups[0].generate(randomBytes).share },
    ]),
  }, { cipherSuites: [0x6a6a, SUITE] });
  assert.equal(await serverError(records(grease)), "truncated");

  const length = [...hello.extensions].reduce((sum, [, { length }]) => sum + 4 + length, 0);
  const cipherSuites = [...Array(32_766).fill(0x6a6a), SUITE];
  const largest = changed({ 0x1a1a: new Uint8Array(65_535 - length - 4) }, {
    cipherSuites,
    compressionMethods: Uint8Array.of(0),
  });
  assert.equal(largest.length, 4 + 131_396 - 254); // TLS 1.3 has one compression method
  assert.equal(await serverError(records(largest)), "truncated");
});

test("tls 1.3 server: as many groups and key shares as possible", async () => {
  const [x25519] = settingsOf(client).groups;
  const own = { group: x25519.id, share: x25519.generate(randomBytes).share };
  const others = Array.from({ length: 9_000 }, (_, i) => ({ group: 0x4000 + i, share: Uint8Array.of(i) }));
  const groups = encodeSupportedGroups([...others.map(({ group }) => group), own.group]);
  const asked = (...shares: (typeof own)[]) =>
    serverError(records(changed({ [supportedGroups]: groups, [keyShare]: encodeClientShares(shares) })));
  assert.equal(await asked(...others, own), "truncated");
  assert.equal(await asked(...others, others[0]), "illegal_parameter");
  assert.equal(await asked(...others, { ...own, group: 0x3fff }), "illegal_parameter"); // which it does not support
});

test("tls 1.3 server: the second ClientHello is the first one, with the share that was asked for", async () => {
  const secp256r1 = settingsOf(client).groups[1].generate(randomBytes).share;
  const first = changed({ [keyShare]: Uint8Array.of(0, 0), [ExtensionType.earlyData]: new Uint8Array(0) });
  const second = { [keyShare]: share(0x1d, settingsOf(client).groups[0].generate(randomBytes).share) };
  const early = records(new Uint8Array(1000), ContentType.applicationData);
  const ccs = records(Uint8Array.of(1), ContentType.changeCipherSpec);
  const answer = (...bytes: Uint8Array[]) => serverError(records(first), ...bytes);
  assert.equal(await answer(records(changed(second))), "truncated");
  assert.equal(await answer(ccs, early, early, records(changed(second))), "truncated");
  assert.equal(await answer(...Array(70).fill(early)), "unexpected_message");
  const empty = Uint8Array.of(ContentType.applicationData, 3, 3, 0, 0); // as early data it would have no end
  assert.equal(await answer(...Array(13_000).fill(empty), records(changed(second))), "truncated");
  assert.equal(await answer(...Array(13_200).fill(empty)), "unexpected_message");
  assert.equal(await answer(...Array(20).fill(ccs)), "unexpected_message");
  assert.equal(
    await answer(records(changed({ ...second, [ExtensionType.padding]: new Uint8Array(9) }))),
    "truncated",
  );
  const wrong: Uint8Array[] = [
    changed({}, { random: new Uint8Array(32) }),
    changed(second, { sessionId: new Uint8Array(32) }),
    changed(second, { cipherSuites: [SUITE, 0x1302] }),
    changed({ ...second, [signatureAlgorithms]: encodeSignatureSchemes([0x0807]) }),
    changed({ ...second, 0x1a1a: new Uint8Array(0) }),
    changed({ [keyShare]: Uint8Array.of(0, 0) }),
    changed({ [keyShare]: share(0x17, secp256r1) }),
    changed({
      [keyShare]: encodeClientShares([{ group: 0x1d, share: new Uint8Array(32).fill(9) }, {
        group: 0x17,
        share: secp256r1,
      }]),
    }),
  ];
  for (const message of wrong) assert.equal(await answer(records(message)), "illegal_parameter");
  assert.equal(await answer(records(concat(changed(second), Uint8Array.of(1)))), "unexpected_message");
});

/** Returns the client's reaction to the responses to its ClientHellos. */
async function clientError(
  options: Partial<ClientOptions>,
  ...answers: ((hello: ClientHello) => Partial<ServerHello>)[]
): Promise<string | undefined> {
  const [near, far] = memoryPair();
  const wire = new Wire(far);
  const error = channelError(() => clientHandshake(new Wire(near), { ...client, ...options }));
  for (const answer of answers) {
    let header = await wire.take(5);
    while (header[0] !== ContentType.handshake) {
      await wire.take(header[4]);
      header = await wire.take(5);
    }
    const body = (await wire.take(header[3] << 8 | header[4])).subarray(4);
    const message = encodeServerHello({
      ...serverHello(decodeClientHello(body)),
      ...answer(decodeClientHello(body)),
    });
    await wire.write(records(frameMessage(HandshakeType.serverHello, message)));
  }
  await wire.end().catch(() => {}); // the client has gone already
  const { alert, code } = await error;
  return code === "truncated" ? "truncated" : alert;
}

function serverHello({ sessionId }: ClientHello): ServerHello {
  return {
    ...{
      version: 0x0303,
      random: new Uint8Array(32).fill(7),
      sessionId,
      cipherSuite: SUITE,
      compressionMethod: 0,
    },
    extensions: new Map([
      [
        keyShare,
        encodeServerShare({ group: 0x1d, share: settingsOf(client).groups[0].generate(randomBytes).share }),
      ],
      [supportedVersions, encodeSelectedVersion(0x0304)],
    ]),
  };
}

/** Returns a ServerHello with other extensions. */
function answering(changes: Record<number, Uint8Array | undefined>) {
  return (hello: ClientHello): Partial<ServerHello> => {
    const extensions = new Map(serverHello(hello).extensions);
    for (const [type, data] of Object.entries(changes)) {
      if (data === undefined) extensions.delete(Number(type));
      else extensions.set(Number(type), data);
    }
    return { extensions };
  };
}

/** Returns a HelloRetryRequest. */
function retrying(changes: Record<number, Uint8Array | undefined>) {
  return (hello: ClientHello): Partial<ServerHello> => ({
    ...answering(changes)(hello),
    random: RETRY_RANDOM,
  });
}

test("tls 1.3 client: ServerHellos that are accepted, and those that are refused", async () => {
  const cases: [string, (hello: ClientHello) => Partial<ServerHello>][] = [
    ["truncated", () => ({})],
    ["illegal_parameter", () => ({ version: 0x0304 })],
    ["illegal_parameter", () => ({ sessionId: new Uint8Array(32) })],
    ["illegal_parameter", () => ({ sessionId: new Uint8Array(0) })],
    ["illegal_parameter", () => ({ cipherSuite: 0x1302 })],
    ["illegal_parameter", () => ({ compressionMethod: 1 })],
    ["illegal_parameter", answering({ [supportedVersions]: encodeSelectedVersion(0x0303) })],
    ["illegal_parameter", answering({ [supportedVersions]: encodeSelectedVersion(0x7f1c) })],
    ["protocol_version", answering({ [supportedVersions]: undefined })],
    ["missing_extension", answering({ [keyShare]: undefined })],
    ["unsupported_extension", answering({ [ExtensionType.preSharedKey]: Uint8Array.of(0, 0) })],
    ["unsupported_extension", answering({ [ExtensionType.cookie]: Uint8Array.of(0, 1, 7) })],
    ["illegal_parameter", answering({ [ExtensionType.recordSizeLimit]: Uint8Array.of(0x40, 1) })],
    [
      "illegal_parameter",
      answering({ [keyShare]: encodeServerShare({ group: 0x17, share: new Uint8Array(65) }) }),
    ],
    [
      "illegal_parameter",
      answering({ [keyShare]: encodeServerShare({ group: 0x1d, share: new Uint8Array(33) }) }),
    ],
    [
      "illegal_parameter",
      answering({ [keyShare]: encodeServerShare({ group: 0x1d, share: new Uint8Array(32) }) }),
    ],
    ["decode_error", answering({ [keyShare]: Uint8Array.of(0, 0x1d) })],
  ];
  for (const [expected, answer] of cases) assert.equal(await clientError({}, answer), expected, `${answer}`);
});

test("tls 1.3 client: HelloRetryRequests that are accepted, and those that are refused", async () => {
  const cookie = { [ExtensionType.cookie]: Uint8Array.of(0, 2, 7, 7) };
  const group = { [keyShare]: encodeSelectedGroup(0x17) };
  let seen: ClientHello | undefined;
  const accept = (hello: ClientHello): Partial<ServerHello> => {
    seen = hello;
    const extensions = new Map(serverHello(hello).extensions);
    const secp256r1 = settingsOf(client).groups[1].generate(randomBytes).share;
    return { extensions: extensions.set(keyShare, encodeServerShare({ group: 0x17, share: secp256r1 })) };
  };
  assert.equal(await clientError({}, retrying({ ...group, ...cookie }), accept), "truncated");
  assert.deepEqual(seen?.extensions.get(ExtensionType.cookie), Uint8Array.of(0, 2, 7, 7));
  assert.equal(
    await clientError({}, retrying({ ...cookie, [keyShare]: undefined }), () => ({})),
    "truncated",
  );
  const cases: [string, ...((hello: ClientHello) => Partial<ServerHello>)[]][] = [
    ["illegal_parameter", retrying({ [keyShare]: undefined })], // no change
    ["illegal_parameter", retrying({ [keyShare]: encodeSelectedGroup(0x1d) })], // has a share
    ["illegal_parameter", retrying({ [keyShare]: encodeSelectedGroup(0x18) })], // was not offered
    ["decode_error", retrying({ ...group, [ExtensionType.cookie]: Uint8Array.of(0, 0) })],
    ["unexpected_message", retrying(group), retrying(group)],
    ["illegal_parameter", retrying(group), () => ({})], // of another group
    ["unsupported_extension", retrying({ ...group, 99: new Uint8Array(0) })],
  ];
  for (const [expected, ...answers] of cases) assert.equal(await clientError({}, ...answers), expected);
  const both = { suites: ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384"] } as const;
  const other = (hello: ClientHello) => ({ ...accept(hello), cipherSuite: 0x1302 });
  assert.equal(await clientError(both, retrying(group), other), "illegal_parameter");
});

test("tls 1.3 client: a ServerHello of TLS 1.2 shows that TLS 1.3 was removed from the offer", async () => {
  const options = {
    suites: ["TLS_AES_128_GCM_SHA256", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"],
    certificateTypes: ["x509"],
  } as const;
  const tls12 = {
    cipherSuite: 0xc02f,
    sessionId: new Uint8Array(0),
    extensions: new Map([[0xff01, Uint8Array.of(0)]]),
  };
  const end = (bytes: Uint8Array) => concat(new Uint8Array(32 - bytes.length), bytes);
  const below = DOWNGRADE_TO_TLS_1_2.slice();
  below[7] = 0;
  assert.equal(await clientError(options, () => tls12), "truncated");
  assert.equal(
    await clientError(options, () => ({ ...tls12, random: end(DOWNGRADE_TO_TLS_1_2) })),
    "illegal_parameter",
  );
  assert.equal(await clientError(options, () => ({ ...tls12, random: end(below) })), "illegal_parameter");
  assert.equal(await clientError(options, ({ sessionId }) => ({ ...tls12, sessionId })), "illegal_parameter");
  assert.equal(await clientError(options, () => ({ ...tls12, version: 0x0302 })), "protocol_version");
  assert.equal(await clientError({}, () => tls12), "protocol_version", "TLS 1.2 was not offered");
});
