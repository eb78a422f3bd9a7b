/** The server's handshake of TLS 1.2 from the ClientHello on, as in RFC 5246 figure 1. */

import { concat, EMPTY } from "../../bytes.ts";
import { fatalAlert, NO_CREDENTIALS } from "../alerts.ts";
import type { PeerCredentials } from "../credentials/credentials.ts";
import { signingKeyOf, verifyPeerWith } from "../credentials/peer.ts";
import { CERTIFICATE_SCHEMES } from "../credentials/signature_schemes.ts";
import { verifyContent } from "../credentials/signatures.ts";
import type { HandshakeLayer } from "../handshake/layer.ts";
import {
  decodeCertificateVerify,
  encodeCertificateStatus,
  encodeServerHello,
  HandshakeType,
} from "../handshake/messages.ts";
import { limitRecords } from "../handshake/record_limit.ts";
import type { Answer } from "../handshake/negotiation.ts";
import type { ServerHandshake } from "../handshake/server_handshake.ts";
import { TLS_1_2 } from "../handshake/versions.ts";
import type { ClientAuthentication, Settings } from "../options.ts";
import { TlsSession } from "../session.ts";
import { decodePeerCredentials, encodeCredentials } from "./certificates.ts";
import { ECDSA_SIGN, encodeCertificateRequest, RSA_SIGN } from "./messages.ts";
import { negotiate } from "./negotiation.ts";
import {
  prepareKeys,
  receiveFinished,
  type SecurityParameters,
  sendFinished,
  settleMasterSecret,
  tls12Info,
} from "./parameters.ts";
import { Tls12PostHandshake } from "./post_handshake.ts";

/** Runs the handshake from the client's ClientHello on. */
export async function serverHandshake({ layer, offers, hello }: ServerHandshake): Promise<TlsSession> {
  const { parameters, offer, client: support, clientAuthentication, answer } = negotiate(offers, hello);
  const { credentials, settings } = offer;
  const { random, keyLog, operations } = settings;

  layer.send(HandshakeType.serverHello, serverHello(parameters, answer));
  layer.send(HandshakeType.certificate, encodeCredentials(credentials, parameters.serverCertificateType));
  if (parameters.certificateStatus) {
    layer.send(HandshakeType.certificateStatus, encodeCertificateStatus(credentials.ocspResponse!));
  }
  const exchange = await parameters.suite.keyExchange.server({
    clientVersion: hello.version,
    randoms: parameters.randoms,
    groups: settings.groups,
    operations,
    random,
    credentials,
    client: support,
  });
  if (exchange.serverKeyExchange) layer.send(HandshakeType.serverKeyExchange, exchange.serverKeyExchange);
  if (clientAuthentication) sendCertificateRequest(layer);
  layer.send(HandshakeType.serverHelloDone, EMPTY);
  await layer.flush();

  const client = clientAuthentication &&
    await receiveClientCredentials(layer, parameters, clientAuthentication);
  const { body } = await layer.receive(HandshakeType.clientKeyExchange);
  const premasterSecret = await exchange.receive(body);
  const master = settleMasterSecret(layer, parameters, premasterSecret, keyLog);
  if (clientAuthentication && client) {
    await receiveCertificateVerify(layer, client, settings);
    await verifyPeerWith(clientAuthentication.verifyPeer, client);
  }
  prepareKeys(layer.records, "server", parameters, master, parameters.randoms, random);
  limitRecords(layer.records, parameters.recordLimits);
  const theirs = await receiveFinished(layer, parameters, master, "client");

  const own = sendFinished(layer, parameters, master, "server");
  await layer.flush();
  const context = { keyExchange: { role: "server", side: exchange }, parameters, random, keyLog } as const;
  return new TlsSession(layer, {
    info: tls12Info(parameters, exchange.info, client, layer),
    credentials,
    postHandshake: (records, warnings) =>
      new Tls12PostHandshake(records, warnings, context, { master, verifyData: concat(theirs, own) }),
  });
}

function serverHello({ suite, randoms }: SecurityParameters, answer: Answer): Uint8Array {
  return encodeServerHello({
    version: TLS_1_2,
    random: randoms.server,
    sessionId: EMPTY, // sessions are never resumed
    cipherSuite: suite.id,
    compressionMethod: 0,
    extensions: answer,
  });
}

function sendCertificateRequest(layer: HandshakeLayer): void {
  const request = {
    certificateTypes: Uint8Array.of(ECDSA_SIGN, RSA_SIGN),
    signatureSchemes: CERTIFICATE_SCHEMES,
    authorities: [],
  };
  layer.send(HandshakeType.certificateRequest, encodeCertificateRequest(request));
}

async function receiveClientCredentials(
  layer: HandshakeLayer,
  { clientCertificateType }: SecurityParameters,
  { required = true }: ClientAuthentication,
): Promise<PeerCredentials | undefined> {
  const { body } = await layer.receive(HandshakeType.certificate);
  const client = decodePeerCredentials(clientCertificateType, body);
  if (client === undefined && required) {
    throw fatalAlert("handshake_failure", NO_CREDENTIALS, "untrusted");
  }
  return client;
}

async function receiveCertificateVerify(
  layer: HandshakeLayer,
  client: PeerCredentials,
  { minimumKeyBits, operations }: Settings,
): Promise<void> {
  const signed = layer.transcript.bytes();
  const { body } = await layer.receive(HandshakeType.certificateVerify);
  verifyContent(
    signingKeyOf(client, minimumKeyBits),
    decodeCertificateVerify(body),
    signed,
    TLS_1_2,
    operations,
  );
}
