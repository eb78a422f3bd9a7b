/** The server's handshake of TLS 1.3 from the ClientHello on, as in RFC 8446 figure 1. */

import { fatalAlert, NO_CREDENTIALS } from "../alerts.ts";
import type { PeerCredentials } from "../credentials/credentials.ts";
import { signingKeyOf, verifyPeerWith } from "../credentials/peer.ts";
import { CERTIFICATE_SCHEMES } from "../credentials/signature_schemes.ts";
import { signContent, verifyContent } from "../credentials/signatures.ts";
import { encodeSignatureSchemes, type Extensions, ExtensionType } from "../handshake/extensions.ts";
import { encodeServerShare } from "../handshake/key_share.ts";
import type { HandshakeLayer } from "../handshake/layer.ts";
import {
  type ClientHello,
  decodeCertificateVerify,
  encodeCertificateVerify,
  encodeServerHello,
  HandshakeType,
} from "../handshake/messages.ts";
import { limitRecords } from "../handshake/record_limit.ts";
import { takesOcspResponse } from "../handshake/negotiation.ts";
import type { ServerHandshake } from "../handshake/server_handshake.ts";
import { encodeSelectedVersion, TLS_1_2, TLS_1_3 } from "../handshake/versions.ts";
import type { ClientAuthentication, Settings } from "../options.ts";
import { MAX_PLAINTEXT } from "../record/content.ts";
import { TlsSession } from "../session.ts";
import { decodePeerCredentials, encodeCredentials } from "./certificates.ts";
import type { Tls13Suite } from "./cipher_suites.ts";
import { signedContent } from "./key_schedule.ts";
import { encodeCertificateRequest, encodeEncryptedExtensions } from "./messages.ts";
import { chooseShare, negotiate, requestRetry } from "./negotiation.ts";
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

/**
 * The most early data that is dropped, in bytes. This server issues no tickets, so early data can only be intended for
 * another server.
 */
const MAX_EARLY_DATA = 4 * MAX_PLAINTEXT;

/** Runs the handshake from the client's ClientHello on. */
export async function serverHandshake({ layer, offers, hello: first }: ServerHandshake): Promise<TlsSession> {
  layer.settleTls13();
  const negotiated = negotiate(offers, first);
  const { suite, group, offer: { credentials, settings }, scheme } = negotiated;
  const { clientAuthentication, parameters, answer } = negotiated;
  const { random, keyLog } = settings;
  if (first.extensions.has(ExtensionType.earlyData)) layer.records.reading.earlyData = MAX_EARLY_DATA;
  const hello = negotiated.share ? first : await requestRetry(layer, first, suite, group);
  const { share, secret } = group.respond(negotiated.share ?? chooseShare(hello, group), random);

  layer.send(HandshakeType.serverHello, serverHello(hello, settings, suite, { group: group.id, share }));
  if (hello.sessionId.length > 0 && negotiated.share) layer.sendChangeCipherSpec(); // appendix D.4
  const secrets = settleHandshakeSecrets(layer, suite, secret, hello.random, keyLog);
  layer.writeUnder(new Tls13Protection(suite, secrets.server));
  layer.records.reading.use(new Tls13Protection(suite, secrets.client));
  layer.records.reading.plaintextAlerts = true;
  limitRecords(layer.records, parameters.recordLimits);

  layer.send(HandshakeType.encryptedExtensions, encodeEncryptedExtensions(answer));
  const request = clientAuthentication && certificateRequest();
  if (request) layer.send(HandshakeType.certificateRequest, encodeCertificateRequest(request));
  layer.send(
    HandshakeType.certificate,
    encodeCredentials(credentials, parameters.serverCertificateType, takesOcspResponse(hello)),
  );
  const content = signedContent("server", layer.transcript.hash(suite.hash));
  const signature = await signContent(credentials, scheme, content, settings.operations);
  layer.send(HandshakeType.certificateVerify, encodeCertificateVerify(scheme.id, signature));
  sendFinished(layer, suite, secrets.server);
  const application = settleApplicationSecrets(layer, suite, secrets.master, hello.random, keyLog);
  layer.writeUnder(new Tls13Protection(suite, application.server));
  await layer.flush();

  const client = clientAuthentication && request &&
    await receiveCredentials(layer, parameters, settings, clientAuthentication, request);
  await receiveFinished(layer, suite, secrets.client);
  layer.records.reading.use(new Tls13Protection(suite, application.client));
  return new TlsSession(layer, {
    info: tls13Info(parameters, scheme.name, client, layer),
    credentials,
    postHandshake: (records) =>
      new Tls13PostHandshake(records, { role: "server", suite, secrets: application, rekey: settings.rekey }),
  });
}

function serverHello(
  { sessionId }: ClientHello,
  { random }: Settings,
  suite: Tls13Suite,
  share: { readonly group: number; readonly share: Uint8Array },
): Uint8Array {
  return encodeServerHello({
    version: TLS_1_2,
    random: random(32),
    sessionId,
    cipherSuite: suite.id,
    compressionMethod: 0,
    extensions: new Map([
      [ExtensionType.keyShare, encodeServerShare(share)],
      [ExtensionType.supportedVersions, encodeSelectedVersion(TLS_1_3)],
    ]),
  });
}

function certificateRequest(): Extensions {
  const schemes = encodeSignatureSchemes(CERTIFICATE_SCHEMES);
  return new Map([
    [ExtensionType.signatureAlgorithms, schemes],
    [ExtensionType.signatureAlgorithmsCert, schemes],
  ]);
}

/** Receives the client's credentials, if it shows any, and checks its CertificateVerify. */
async function receiveCredentials(
  layer: HandshakeLayer,
  { suite, clientCertificateType }: Tls13Parameters,
  { minimumKeyBits, operations }: Settings,
  { verifyPeer, required = true }: ClientAuthentication,
  request: Extensions,
): Promise<PeerCredentials | undefined> {
  const { body } = await layer.receive(HandshakeType.certificate);
  const client = decodePeerCredentials(body, clientCertificateType, request);
  if (client === undefined) {
    if (required) throw fatalAlert("certificate_required", NO_CREDENTIALS, "untrusted");
    return undefined;
  }
  const key = signingKeyOf(client, minimumKeyBits);
  const content = signedContent("client", layer.transcript.hash(suite.hash));
  const proof = await layer.receive(HandshakeType.certificateVerify);
  verifyContent(key, decodeCertificateVerify(proof.body), content, TLS_1_3, operations);
  await verifyPeerWith(verifyPeer, client);
  return client;
}
