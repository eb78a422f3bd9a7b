/** The client's handshake of TLS 1.3 from ServerHello on, as in RFC 8446 figure 1. */

import { fatalAlert } from "../alerts.ts";
import { certificateTypesOf, type Credentials, type PeerCredentials } from "../credentials/credentials.ts";
import { areCertificatesAccepted, certificateSchemes } from "../credentials/certificate_signatures.ts";
import { signingKeyOf, verifyPeerWith } from "../credentials/peer.ts";
import { signatureSchemeFor, signContent, verifyContent } from "../credentials/signatures.ts";
import type { SignatureSchemeName } from "../credentials/signature_schemes.ts";
import {
  answeredRecordLimit,
  checkOffered,
  chosenAlpn,
  chosenClientCertificateType,
  chosenServerCertificateType,
  hasFlag,
} from "../handshake/answers.ts";
import type { ClientHandshake } from "../handshake/client_hello.ts";
import { decodeSignatureSchemes, type Extensions, ExtensionType } from "../handshake/extensions.ts";
import {
  decodeCertificateVerify,
  encodeCertificateVerify,
  HandshakeType,
  type ServerHello,
} from "../handshake/messages.ts";
import { limitRecords } from "../handshake/record_limit.ts";
import { TLS_1_3 } from "../handshake/versions.ts";
import { TlsSession } from "../session.ts";
import { decodePeerCredentials, encodeCredentials } from "./certificates.ts";
import { signedContent } from "./key_schedule.ts";
import { decodeCertificateRequest, decodeEncryptedExtensions } from "./messages.ts";
import {
  receiveFinished,
  sendFinished,
  settleApplicationSecrets,
  settleHandshakeSecrets,
  tls13Info,
  type Tls13Parameters,
} from "./parameters.ts";
import { Tls13PostHandshake } from "./post_handshake.ts";
import { Tls13Protection } from "./protection.ts";
import { isHelloRetryRequest, retry } from "./retry.ts";
import { type AcceptedHello, acceptServerHello } from "./answer.ts";

/** Runs the handshake from the server's first message on, which is a ServerHello or a HelloRetryRequest. */
export async function clientHandshake(first: ClientHandshake, answer: ServerHello): Promise<TlsSession> {
  const { layer, settings, options } = first;
  const { keyLog } = settings;
  layer.settleTls13();
  const retried = isHelloRetryRequest(answer) ? await retry(first, answer) : undefined;
  const handshake = retried?.handshake ?? first;
  const { hello } = handshake;
  const accepted = acceptServerHello(handshake, retried?.serverHello ?? answer, retried?.suite);
  const { suite } = accepted;
  const secrets = settleHandshakeSecrets(layer, suite, accepted.secret, hello.random, keyLog);
  layer.checkFlightEnd();
  layer.records.reading.use(new Tls13Protection(suite, secrets.server));
  if (hello.sessionId.length > 0 && !retried) layer.sendChangeCipherSpec(); // appendix D.4
  layer.writeUnder(new Tls13Protection(suite, secrets.client));

  const parameters = await receiveEncryptedExtensions(handshake, accepted);
  limitRecords(layer.records, parameters.recordLimits);
  const { server, request } = await receiveCertificate(handshake, parameters);
  const signatureScheme = await receiveCertificateVerify(handshake, parameters, server);
  await verifyPeerWith(options.verifyPeer, server);
  await receiveFinished(layer, suite, secrets.server);
  const application = settleApplicationSecrets(layer, suite, secrets.master, hello.random, keyLog);
  layer.records.reading.use(new Tls13Protection(suite, application.server));

  const credentials = request && await sendCredentials(handshake, parameters, request);
  sendFinished(layer, suite, secrets.client);
  layer.writeUnder(new Tls13Protection(suite, application.client));
  await layer.flush();
  return new TlsSession(layer, {
    info: tls13Info(parameters, signatureScheme, server, layer),
    credentials,
    postHandshake: (records) =>
      new Tls13PostHandshake(records, { role: "client", suite, secrets: application, rekey: settings.rekey }),
  });
}

/** The extensions that are allowed in EncryptedExtensions (section 4.2). */
const ENCRYPTED_EXTENSIONS: readonly number[] = [
  ExtensionType.serverName,
  ExtensionType.supportedGroups,
  ExtensionType.applicationLayerProtocolNegotiation,
  ExtensionType.clientCertificateType,
  ExtensionType.serverCertificateType,
  ExtensionType.recordSizeLimit,
];

async function receiveEncryptedExtensions(
  { layer, settings, options, hello }: ClientHandshake,
  { suite, group }: AcceptedHello,
): Promise<Tls13Parameters> {
  const { body } = await layer.receive(HandshakeType.encryptedExtensions);
  const answers = decodeEncryptedExtensions(body);
  checkOffered(hello.extensions, answers, ENCRYPTED_EXTENSIONS);
  hasFlag(answers, ExtensionType.serverName, "server_name");
  return {
    suite,
    group,
    serverName: options.serverName,
    alpnProtocol: chosenAlpn(settings, answers),
    serverCertificateType: chosenServerCertificateType(options, answers),
    clientCertificateType: chosenClientCertificateType(options, answers),
    recordLimits: answeredRecordLimit(settings, answers, TLS_1_3),
  };
}

/** Receives the server's credentials and, if the server requests the client's, the extensions of CertificateRequest. */
async function receiveCertificate(
  { layer, hello }: ClientHandshake,
  { serverCertificateType, serverName }: Tls13Parameters,
): Promise<{ server: PeerCredentials; request: Extensions | undefined }> {
  const { certificate, certificateRequest } = HandshakeType;
  let message = await layer.receive(certificateRequest, certificate);
  let request: Extensions | undefined;
  if (message.type === certificateRequest) {
    request = decodeCertificateRequest(message.body);
    message = await layer.receive(certificate);
  }
  const server = decodePeerCredentials(message.body, serverCertificateType, hello.extensions, serverName);
  if (server === undefined) throw fatalAlert("decode_error", "the server shows no credentials");
  return { server, request };
}

async function receiveCertificateVerify(
  { layer, settings }: ClientHandshake,
  { suite }: Tls13Parameters,
  server: PeerCredentials,
): Promise<SignatureSchemeName> {
  const key = signingKeyOf(server, settings.minimumKeyBits);
  const content = signedContent("server", layer.transcript.hash(suite.hash));
  const { body } = await layer.receive(HandshakeType.certificateVerify);
  return verifyContent(key, decodeCertificateVerify(body), content, TLS_1_3, settings.operations).name;
}

/** Sends the client's credentials in response to CertificateRequest if the server accepts them, else an empty list. */
async function sendCredentials(
  { layer, settings, options }: ClientHandshake,
  { suite, clientCertificateType }: Tls13Parameters,
  request: Extensions,
): Promise<Credentials | undefined> {
  const accepted = request.get(ExtensionType.signatureAlgorithms);
  if (accepted === undefined) {
    throw fatalAlert("missing_extension", "CertificateRequest has no signature_algorithms");
  }
  const { credentials } = options;
  const shown = credentials && certificateTypesOf(credentials).includes(clientCertificateType) &&
    (clientCertificateType === "raw" || areCertificatesAccepted(credentials, certificateSchemes(request)!));
  const scheme = shown && signatureSchemeFor(credentials, decodeSignatureSchemes(accepted), TLS_1_3);
  const staple = request.has(ExtensionType.statusRequest);
  layer.send(
    HandshakeType.certificate,
    encodeCredentials(scheme ? credentials : undefined, clientCertificateType, staple),
  );
  if (!scheme) return undefined;
  const content = signedContent("client", layer.transcript.hash(suite.hash));
  const signature = await signContent(credentials, scheme, content, settings.operations);
  layer.send(HandshakeType.certificateVerify, encodeCertificateVerify(scheme.id, signature));
  return credentials;
}
