/** The client's handshake of TLS 1.2, from ServerHello on, as RFC 5246 figure 1 draws it. */

import { concat } from "../../bytes.ts";
import type { TlsOperations } from "../../crypto/operations.ts";
import { fatalAlert } from "../alerts.ts";
import {
  certificateTypesOf,
  type Credentials,
  type PeerCredentials,
  publicKeyOf,
} from "../credentials/credentials.ts";
import { withCredentialsHint } from "../hints.ts";
import { areCertificatesAccepted } from "../credentials/certificate_signatures.ts";
import { decodePeerCredentials, encodeCredentials, verifyPeerWith } from "../credentials/messages.ts";
import { signatureSchemeFor, signContent } from "../credentials/signatures.ts";
import {
  answeredRecordLimit,
  checkOffered,
  chosenAlpn,
  chosenClientCertificateType,
  chosenServerCertificateType,
  hasFlag,
} from "../handshake/answers.ts";
import type { ClientHandshake } from "../handshake/client_hello.ts";
import * as extensions from "../handshake/extensions.ts";
import { type Extensions, ExtensionType } from "../handshake/extensions.ts";
import type { HandshakeLayer } from "../handshake/layer.ts";
import {
  type CertificateRequest,
  decodeCertificateRequest,
  decodeCertificateStatus,
  ECDSA_SIGN,
  encodeCertificateVerify,
  HandshakeType,
  RSA_SIGN,
  type ServerHello,
} from "../handshake/messages.ts";
import { readEmpty } from "../handshake/reader.ts";
import { TLS_1_2 } from "../handshake/versions.ts";
import { TlsSession } from "../session.ts";
import type { Tls12Suite } from "./cipher_suites.ts";
import {
  prepareKeys,
  receiveFinished,
  type SecurityParameters,
  sendFinished,
  settleExtendedMasterSecret,
  settleMasterSecret,
  tls12Info,
} from "./parameters.ts";
import { Tls12PostHandshake } from "./post_handshake.ts";
import { decodeRekeyOffer, keyLimits, type RekeyOffer } from "./rekey_extension.ts";

/** Continues from the server's ServerHello. */
export async function clientHandshake(
  handshake: ClientHandshake,
  serverHello: ServerHello,
): Promise<TlsSession> {
  const { layer, settings, options, hello } = handshake;
  const { random, keyLog, minimumKeyBits, groups, operations } = settings;
  const parameters = settle(handshake, serverHello);
  const { server, serverKeyExchange, request } = await receiveServerFlight(layer, parameters);
  const exchange = parameters.suite.keyExchange.client({
    clientVersion: hello.version,
    randoms: parameters.randoms,
    groups,
    operations,
    random,
    server,
    serverKeyExchange,
    minimumKeyBits,
  });
  await verifyPeerWith(options.verifyPeer, server);

  const credentials = request && credentialsFor(request, parameters, options.credentials);
  if (request) {
    layer.send(HandshakeType.certificate, encodeCredentials(credentials, parameters.clientCertificateType));
  }
  const { clientKeyExchange, premasterSecret } = exchange.respond();
  layer.send(HandshakeType.clientKeyExchange, clientKeyExchange);
  const master = settleMasterSecret(layer, parameters, premasterSecret, keyLog);
  if (request && credentials) await sendCertificateVerify(layer, credentials, request, operations);
  prepareKeys(layer.records, "client", parameters, master, parameters.randoms, random);
  const own = sendFinished(layer, parameters, master, "client");
  await layer.flush();

  const theirs = await receiveFinished(layer, parameters, master, "server").catch((error) => {
    throw request && !credentials ? withCredentialsHint(error) : error;
  });
  const context = { keyExchange: { role: "client", side: exchange }, parameters, random, keyLog } as const;
  return new TlsSession(layer, {
    info: tls12Info(parameters, exchange.info, server, layer),
    credentials,
    postHandshake: (records, warnings) =>
      new Tls12PostHandshake(records, warnings, context, { master, verifyData: concat(own, theirs) }),
  });
}

/** Checks the server's answer against the offer. */
function settle({ settings, options, hello }: ClientHandshake, answer: ServerHello): SecurityParameters {
  const suite = settings.tls12Suites.find(({ id }) => id === answer.cipherSuite);
  if (suite === undefined || answer.compressionMethod !== 0) {
    throw fatalAlert("illegal_parameter", "the server chose a suite or compression that was not offered");
  }
  const answers = answer.extensions;
  checkOffered(hello.extensions, answers);
  hasFlag(answers, ExtensionType.serverName, "server_name");
  checkSecureRenegotiation(answers);
  checkPointFormats(answers);
  const encryptThenMac = hasFlag(answers, ExtensionType.encryptThenMac, "encrypt_then_mac");
  if (encryptThenMac && !suite.cbc) {
    throw fatalAlert("illegal_parameter", "encrypt_then_mac is for CBC suites alone"); // RFC 7366 section 3
  }
  return {
    suite,
    randoms: { client: hello.random, server: answer.random },
    extendedMasterSecret: settleExtendedMasterSecret(
      settings.extendedMasterSecret,
      hasFlag(answers, ExtensionType.extendedMasterSecret, "extended_master_secret"),
    ),
    encryptThenMac,
    serverName: options.serverName,
    alpnProtocol: chosenAlpn(settings, answers),
    serverCertificateType: chosenServerCertificateType(options, answers),
    clientCertificateType: chosenClientCertificateType(options, answers),
    certificateStatus: hasFlag(answers, ExtensionType.statusRequest, "status_request"),
    recordLimits: answeredRecordLimit(settings, answers, TLS_1_2),
    keyLimits: keyLimits(suite.keyLimit, settings.rekey, rekeyOffer(suite, answers)),
  };
}

/** Reads the server's answer on rekeying, which repeats RSA key exchange and relies on the extended master secret. */
function rekeyOffer({ keyExchange }: Tls12Suite, answers: Extensions): RekeyOffer | undefined {
  const data = answers.get(ExtensionType.rekey);
  if (data === undefined) return undefined;
  const offer = decodeRekeyOffer(data);
  if (!offer || keyExchange.name !== "RSA" || !answers.has(ExtensionType.extendedMasterSecret)) {
    throw fatalAlert("illegal_parameter", "the server's answer to fesa_rekey is not allowed");
  }
  return offer;
}

/** RFC 8422 section 5.2. */
function checkPointFormats(answers: Extensions): void {
  const formats = answers.get(ExtensionType.ecPointFormats);
  if (formats && !extensions.takesUncompressedPoints(formats)) {
    throw fatalAlert("illegal_parameter", "the server does not accept uncompressed points");
  }
}

/** A server that does not signal RFC 5746 could be renegotiating after an attacker's prefix (section 4.1). */
function checkSecureRenegotiation(answers: Extensions): void {
  const info = answers.get(ExtensionType.renegotiationInfo);
  if (info === undefined) {
    throw fatalAlert("handshake_failure", "the server does not support secure renegotiation (RFC 5746)");
  }
  extensions.checkRenegotiationInfo(info);
}

/** The server's messages from Certificate to ServerHelloDone. */
interface ServerFlight {
  readonly server: PeerCredentials;
  readonly serverKeyExchange: Uint8Array | undefined;
  /** The server's CertificateRequest, if it sends one. */
  readonly request: CertificateRequest | undefined;
}

async function receiveServerFlight(
  layer: HandshakeLayer,
  { suite, serverCertificateType, serverName, certificateStatus: mayStaple }: SecurityParameters,
): Promise<ServerFlight> {
  const { certificate, certificateStatus, certificateRequest, serverHelloDone } = HandshakeType;
  const { body } = await layer.receive(certificate);
  let server = decodePeerCredentials(serverCertificateType, body, serverName);
  if (server === undefined) throw fatalAlert("decode_error", "the server shows no credentials");

  const last = [certificateRequest, serverHelloDone];
  const next = suite.keyExchange.hasServerKeyExchange ? [HandshakeType.serverKeyExchange] : last;
  let message = await layer.receive(...(mayStaple ? [certificateStatus, ...next] : next));
  if (message.type === certificateStatus) {
    const ocspResponse = decodeCertificateStatus(message.body);
    if (server.type === "x509") server = { ...server, ocspResponse };
    message = await layer.receive(...next);
  }
  let serverKeyExchange: Uint8Array | undefined;
  if (message.type === HandshakeType.serverKeyExchange) {
    serverKeyExchange = message.body;
    message = await layer.receive(...last);
  }
  let request: CertificateRequest | undefined;
  if (message.type === certificateRequest) {
    request = decodeCertificateRequest(message.body);
    message = await layer.receive(serverHelloDone);
  }
  readEmpty("ServerHelloDone", message.body);
  return { server, serverKeyExchange, request };
}

/**
 * Returns the credentials to show, if this client has some that the server accepts: by their type, and by the schemes with which
 * the certificates are signed and the key signs.
 */
function credentialsFor(
  { certificateTypes, signatureSchemes }: CertificateRequest,
  { clientCertificateType }: SecurityParameters,
  credentials: Credentials | undefined,
): Credentials | undefined {
  if (credentials === undefined || !certificateTypesOf(credentials).includes(clientCertificateType)) {
    return undefined;
  }
  const isAccepted = clientCertificateType === "raw" ||
    areCertificatesAccepted(credentials, signatureSchemes);
  if (!isAccepted) return undefined;
  const { type } = publicKeyOf(credentials);
  if (!certificateTypes.includes(type === "rsa" || type === "rsa-pss" ? RSA_SIGN : ECDSA_SIGN)) {
    return undefined;
  }
  return signatureSchemeFor(credentials, signatureSchemes, TLS_1_2) && credentials;
}

async function sendCertificateVerify(
  layer: HandshakeLayer,
  credentials: Credentials,
  { signatureSchemes }: CertificateRequest,
  operations: TlsOperations,
): Promise<void> {
  const scheme = signatureSchemeFor(credentials, signatureSchemes, TLS_1_2)!;
  const signature = await signContent(credentials, scheme, layer.transcript.bytes(), operations);
  layer.send(HandshakeType.certificateVerify, encodeCertificateVerify(scheme.id, signature));
}
