/** The client's handshake of TLS 1.2 from ServerHello on, as in RFC 5246 figure 1. */

import { concat } from "../../bytes.ts";
import type { TlsOperations } from "../../crypto/operations.ts";
import { fatalAlert } from "../alerts.ts";
import { areCertificatesAccepted } from "../credentials/certificate_signatures.ts";
import {
  certificateTypesOf,
  type Credentials,
  type PeerCredentials,
  publicKeyOf,
} from "../credentials/credentials.ts";
import { verifyPeerWith } from "../credentials/peer.ts";
import { signatureSchemeFor, signContent } from "../credentials/signatures.ts";
import type { ClientHandshake } from "../handshake/client_hello.ts";
import type { HandshakeLayer } from "../handshake/layer.ts";
import {
  decodeCertificateStatus,
  encodeCertificateVerify,
  HandshakeType,
  type ServerHello,
} from "../handshake/messages.ts";
import { limitRecords } from "../handshake/record_limit.ts";
import { readEmpty } from "../handshake/reader.ts";
import { TLS_1_2 } from "../handshake/versions.ts";
import { withCredentialsHint } from "../hints.ts";
import { TlsSession } from "../session.ts";
import { acceptServerHello } from "./answer.ts";
import { decodePeerCredentials, encodeCredentials } from "./certificates.ts";
import { type CertificateRequest, decodeCertificateRequest, ECDSA_SIGN, RSA_SIGN } from "./messages.ts";
import {
  prepareKeys,
  receiveFinished,
  type SecurityParameters,
  sendFinished,
  settleMasterSecret,
  tls12Info,
} from "./parameters.ts";
import { Tls12PostHandshake } from "./post_handshake.ts";

/** Runs the handshake from the server's ServerHello on. */
export async function clientHandshake(
  handshake: ClientHandshake,
  serverHello: ServerHello,
): Promise<TlsSession> {
  const { layer, settings, options, hello } = handshake;
  const { random, keyLog, minimumKeyBits, groups, operations } = settings;
  const parameters = acceptServerHello(handshake, serverHello);
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
  limitRecords(layer.records, parameters.recordLimits);
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

/** The contents of the server's messages from Certificate to ServerHelloDone. */
interface ServerFlight {
  readonly server: PeerCredentials;
  readonly serverKeyExchange: Uint8Array | undefined;
  /** The server's CertificateRequest, if it sent one. */
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
 * Returns the client's credentials if the server accepts them. The server must accept their type, the signature schemes of
 * the certificates, and a scheme with which the key can sign.
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
