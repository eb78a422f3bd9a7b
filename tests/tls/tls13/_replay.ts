/**
 * Replays either side of a trace of RFC 8448. The choices of this side are those of the trace; everything else is computed.
 */
import { bytesToBigInt, modInverse } from "../../../src/bigint.ts";
import { concat, fromHex, toHex } from "../../../src/bytes.ts";
import { sha256 } from "../../../src/crypto/hash.ts";
import { applyMask } from "../../../src/crypto/rsa/mgf1.ts";
import { type RsaPrivateKey, signPss } from "../../../src/crypto/rsa/mod.ts";
import { publicOperation } from "../../../src/crypto/rsa/raw.ts";
import type { Credentials, KeyOperations } from "../../../src/tls/credentials/credentials.ts";
import { offersOf } from "../../../src/tls/credentials/offers.ts";
import { type HandshakeMessage, MessageAssembler } from "../../../src/tls/handshake/assembler.ts";
import { ExtensionType } from "../../../src/tls/handshake/extensions.ts";
import { decodeClientShares, decodeServerShare } from "../../../src/tls/handshake/key_share.ts";
import type { HandshakeLayer, Role } from "../../../src/tls/handshake/layer.ts";
import {
  decodeCertificateVerify,
  decodeClientHello,
  decodeServerHello,
  encodeClientHello,
  HandshakeType,
} from "../../../src/tls/handshake/messages.ts";
import { Transcript } from "../../../src/tls/handshake/transcript.ts";
import { tlsOperations } from "../../../src/platform/tls_operations.ts";
import { namedGroups } from "../../../src/tls/key_exchange/groups.ts";
import type { NamedGroup } from "../../../src/tls/key_exchange/named_group.ts";
import { settingsOf } from "../../../src/tls/options.ts";
import { ContentType, type TlsRecord } from "../../../src/tls/record/content.ts";
import type { TlsSession } from "../../../src/tls/session.ts";
import { decodeCertificate } from "../../../src/tls/tls13/messages.ts";
import { tls13Suites } from "../../../src/tls/tls13/cipher_suites.ts";
import { clientHandshake } from "../../../src/tls/tls13/client.ts";
import { handshakeSecrets } from "../../../src/tls/tls13/key_schedule.ts";
import { Tls13Protection } from "../../../src/tls/tls13/protection.ts";
import { serverHandshake } from "../../../src/tls/tls13/server.ts";
import { Wire } from "../../../src/wire.ts";
import { parseCertificate } from "../../../src/x509/certificate/certificate.ts";
import { assert } from "../../_kit/mod.ts";
import { collector, fixedTransport, ScriptedLayer, scriptedRandom, signedBefore } from "../../_kit/script.ts";
import { sentBy, SERVER_PRIMES, type Trace } from "./_rfc8448.ts";

const SUITE = tls13Suites(tlsOperations("pure")).find(({ name }) => name === "TLS_AES_128_GCM_SHA256")!;

/** Returns the messages of a trace, including the encrypted handshake messages. */
export interface Opened {
  readonly client: readonly HandshakeMessage[];
  readonly server: readonly HandshakeMessage[];
  readonly group: NamedGroup;
}

/** Decrypts the handshake records with the keys in the trace. */
export function open(trace: Trace): Opened {
  const plain = trace.records.filter(([, hex]) => hex.startsWith("16"));
  const transcript = new Transcript();
  const messages = plain.map(([role, hex]) => {
    const [message] = messagesIn([fromHex(hex).subarray(5)]);
    transcript.add(message.bytes);
    if (plain.length > 2 && message.type === HandshakeType.serverHello && transcript.bytes().length < 400) {
      transcript.hashFirst(sha256); // the first ServerHello is a HelloRetryRequest
    }
    return { role, message };
  });
  const serverShare = decodeServerShare(
    decodeServerHello(messages.at(-1)!.message.body).extensions.get(ExtensionType.keyShare)!,
  );
  const group = namedGroups(tlsOperations("pure")).find(({ id }) => id === serverShare.group)!;
  const own = group.generate(() => fromHex(trace.clientKeys.at(-1)!));
  const secrets = handshakeSecrets(sha256, own.finish(serverShare.share), transcript.hash(sha256));
  const sealed = (role: Role) => {
    const record = trace.records.find(([sender, hex]) => sender === role && hex.startsWith("17"))!;
    const { fragment } = new Tls13Protection(SUITE, secrets[role])
      .open(0, ContentType.applicationData, fromHex(record[1]).subarray(5)) as TlsRecord;
    return messagesIn([fragment]);
  };
  const plainOf = (sender: Role) =>
    messages.filter(({ role }) => role === sender).map(({ message }) => message);
  return {
    client: [...plainOf("client"), ...sealed("client")],
    server: [...plainOf("server"), ...sealed("server")],
    group,
  };
}

function messagesIn(fragments: readonly Uint8Array[]): HandshakeMessage[] {
  const assembler = new MessageAssembler();
  fragments.forEach((fragment) => assembler.push(fragment));
  const messages: HandshakeMessage[] = [];
  for (let message = assembler.next(); message; message = assembler.next()) messages.push(message);
  assert.ok(assembler.empty);
  return messages;
}

/** The result of a replay. */
export interface Replayed {
  readonly session: TlsSession;
  readonly layer: HandshakeLayer;
  readonly written: () => Uint8Array;
  readonly secrets: Readonly<Record<string, string>>;
}

/** Replays the client with the bytes of the trace's server. */
export async function replayClient(trace: Trace, opened: Opened): Promise<Replayed> {
  const { transport, written } = fixedTransport(concat(...sentBy(trace, "server")));
  const { secrets, keyLog } = collector();
  const hello = decodeClientHello(opened.client[0].body);
  const [offered] = decodeClientShares(hello.extensions.get(ExtensionType.keyShare)!);
  const group = namedGroups(tlsOperations("pure")).find(({ id }) => id === offered.group)!;
  const exchange = group.generate(() => fromHex(trace.clientKeys[0]));
  assert.equal(toHex(exchange.share), toHex(offered.share));
  const credentials = recordedCredentials(opened.client);
  const options = {
    suites: [SUITE.name],
    minimumKeyBits: 1024,
    keyLog,
    random: scriptedRandom(trace.clientKeys.slice(1)),
    verifyPeer: () => {},
    ...(credentials && { credentials }),
  };
  const script = opened.client.filter(({ type }) => type === HandshakeType.clientHello);
  const layer = new ScriptedLayer(new Wire(transport), "client", script);
  layer.send(HandshakeType.clientHello, encodeClientHello(hello));
  await layer.flush();
  const { body } = await layer.receive(HandshakeType.serverHello);
  const session = await clientHandshake(
    { layer, settings: settingsOf(options), options, hello, shares: [{ group, exchange }] },
    decodeServerHello(body),
  );
  return { session, layer, written, secrets };
}

/** Replays the server with the bytes of the trace's client. */
export async function replayServer(trace: Trace, opened: Opened): Promise<Replayed> {
  const { transport, written } = fixedTransport(concat(...sentBy(trace, "client")));
  const { secrets, keyLog } = collector();
  const asks = opened.server.some(({ type }) => type === HandshakeType.certificateRequest);
  const offers = offersOf({
    suites: [SUITE.name],
    groups: [opened.group.name],
    minimumKeyBits: 1024,
    keyLog,
    random: scriptedRandom(trace.serverKeys),
    credentials: [asks ? recordedCredentials(opened.server)! : rsaCredentials(opened.server)],
    ...(asks && { clientAuthentication: { verifyPeer: () => {} } }),
  });
  const choices: readonly number[] = [
    HandshakeType.serverHello,
    HandshakeType.encryptedExtensions,
    HandshakeType.certificateRequest,
  ];
  const script = opened.server.filter(({ type }) => choices.includes(type));
  const layer = new ScriptedLayer(new Wire(transport), "server", script);
  const { body } = await layer.receive(HandshakeType.clientHello);
  const session = await serverHandshake({ layer, offers, hello: decodeClientHello(body) });
  return { session, layer, written, secrets };
}

function findMessage(messages: readonly HandshakeMessage[], type: number): HandshakeMessage | undefined {
  return messages.find((message) => message.type === type);
}

/** Credentials whose private key is not in the RFC. */
function recordedCredentials(messages: readonly HandshakeMessage[]): Credentials | undefined {
  const certificate = findMessage(messages, HandshakeType.certificate);
  if (certificate === undefined) return undefined;
  const [{ data }] = decodeCertificate(certificate.body);
  const { signature } = decodeCertificateVerify(findMessage(messages, HandshakeType.certificateVerify)!.body);
  return signedBefore(parseCertificate(data), signature);
}

/** The server's RSA key, which signs with the salt of the recorded signature. */
function rsaCredentials(messages: readonly HandshakeMessage[]): Credentials {
  const [p, q] = SERVER_PRIMES.map((hex) => bytesToBigInt(fromHex(hex)));
  const e = 65_537n;
  const d = modInverse(e, (p - 1n) * (q - 1n))!;
  const key: RsaPrivateKey = {
    ...{ type: "rsa", n: p * q, e, d, p, q },
    ...{ dp: d % (p - 1n), dq: d % (q - 1n), qi: modInverse(q, p)! },
  };
  const [{ data }] = decodeCertificate(findMessage(messages, HandshakeType.certificate)!.body);
  const { signature } = decodeCertificateVerify(findMessage(messages, HandshakeType.certificateVerify)!.body);
  const salt = saltOf(publicOperation(key, signature)!);
  const operations: KeyOperations = {
    publicKey: { type: "rsa", n: key.n, e },
    sign(scheme, content) {
      assert.deepEqual(scheme, { type: "rsa-pss", hash: "SHA-256", saltLength: 32 });
      const random = (length: number) =>
        length === salt.length ? salt : crypto.getRandomValues(new Uint8Array(length));
      return Promise.resolve(signPss(key, content, { hash: "SHA-256", random }));
    },
  };
  return { key: operations, certificates: [parseCertificate(data)] };
}

/** The salt in an encoded message (RFC 8017 section 9.1.2). */
function saltOf(encoded: Uint8Array): Uint8Array {
  const digest = encoded.slice(-33, -1);
  const data = encoded.slice(0, -33);
  applyMask(sha256, digest, data);
  return data.slice(-32);
}
