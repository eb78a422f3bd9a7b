/** The server's handshake of TLS 1.2, from the ClientHello on, as RFC 5246 figure 1 draws it. */

import { concat, EMPTY } from "../../bytes.ts";
import { fatalAlert, NO_CREDENTIALS } from "../alerts.ts";
import { RENEGOTIATION_SCSV } from "../cipher_suites.ts";
import type { PeerCredentials } from "../credentials/credentials.ts";
import {
  decodePeerCredentials,
  encodeCredentials,
  signingKeyOf,
  verifyPeerWith,
} from "../credentials/messages.ts";
import { canExchangeKeys, chooseOffer, enablesTls13, type Offer } from "../credentials/offers.ts";
import { CERTIFICATE_SCHEMES } from "../credentials/signature_schemes.ts";
import { verifyContent } from "../credentials/signatures.ts";
import * as extensions from "../handshake/extensions.ts";
import { ExtensionType } from "../handshake/extensions.ts";
import type { ServerHandshake } from "../handshake/server_handshake.ts";
import type { HandshakeLayer } from "../handshake/layer.ts";
import {
  type ClientHello,
  decodeCertificateVerify,
  ECDSA_SIGN,
  encodeCertificateRequest,
  encodeCertificateStatus,
  encodeServerHello,
  HandshakeType,
  RSA_SIGN,
} from "../handshake/messages.ts";
import {
  type Answer,
  answerFlag,
  answerRecordLimit,
  chooseAlpn,
  chooseClientCertificateType,
  clientSupport,
  requestedName,
  takesOcspResponse,
} from "../handshake/negotiation.ts";
import type { ClientAuthentication, Settings } from "../options.ts";
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
import { decodeRekeyOffer, encodeRekeyOffer, keyLimits, type RekeyOffer } from "./rekey_extension.ts";
import { DOWNGRADE_TO_TLS_1_2, TLS_1_2 } from "../handshake/versions.ts";

/** Answers the client's ClientHello. */
export async function serverHandshake({ layer, offers, hello }: ServerHandshake): Promise<TlsSession> {
  const { parameters, offer: { credentials, settings }, clientAuthentication, answer } = settle(
    offers,
    hello,
  );
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
    client: clientSupport(hello),
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

/** What the server chooses for a ClientHello. */
interface Settlement {
  readonly parameters: SecurityParameters;
  readonly offer: Offer;
  /** How the client is authenticated, if it is asked. */
  readonly clientAuthentication: ClientAuthentication | undefined;
  /** The extensions of the ServerHello. */
  readonly answer: Answer;
}

function settle(offers: readonly Offer[], hello: ClientHello): Settlement {
  if (!hello.compressionMethods.includes(0)) {
    throw fatalAlert("illegal_parameter", "the client does not offer the null compression method");
  }
  const answer: Answer = new Map();
  answerRenegotiationInfo(hello, answer);
  const serverName = requestedName(hello);
  const { offer, certificateType } = chooseOffer(withCommonSuite(offers, hello), hello, serverName, answer);
  const { suite, credentials, settings } = offer;
  const clientCertificateType = chooseClientCertificateType(offer.clientAuthentication, hello, answer);
  const parameters: SecurityParameters = {
    suite,
    randoms: { client: hello.random, server: serverRandom(settings, enablesTls13(offers)) },
    extendedMasterSecret: settings.extendedMasterSecret !== false && settleExtendedMasterSecret(
      settings.extendedMasterSecret,
      answerFlag(hello, ExtensionType.extendedMasterSecret, "extended_master_secret", answer),
    ),
    encryptThenMac: settings.encryptThenMac && suite.cbc &&
      answerFlag(hello, ExtensionType.encryptThenMac, "encrypt_then_mac", answer),
    serverName,
    alpnProtocol: chooseAlpn(settings, hello, answer),
    serverCertificateType: certificateType,
    clientCertificateType: clientCertificateType ?? "x509",
    certificateStatus: certificateType === "x509" && credentials.ocspResponse !== undefined &&
      takesOcspResponse(hello),
    recordLimits: answerRecordLimit(settings, hello, answer, TLS_1_2),
    keyLimits: keyLimits(suite.keyLimit, settings.rekey, answerRekey(offer, hello, answer)),
  };
  if (suite.keyExchange.name === "ECDHE" && hello.extensions.has(ExtensionType.ecPointFormats)) {
    answer.set(ExtensionType.ecPointFormats, extensions.UNCOMPRESSED_POINTS);
  }
  if (parameters.certificateStatus) answer.set(ExtensionType.statusRequest, EMPTY);
  const clientAuthentication = clientCertificateType && offer.clientAuthentication;
  return { parameters, offer, clientAuthentication, answer };
}

/** Marks the random if TLS 1.3 is enabled, so that the client can detect a downgrade (RFC 8446 section 4.1.3). */
function serverRandom({ random }: Settings, enablesTls13: boolean): Uint8Array {
  return enablesTls13 ? concat(random(24), DOWNGRADE_TO_TLS_1_2) : random(32);
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

/** RFC 5746 section 3.6. A client without the signal is safe too, since sessions are never renegotiated. */
function answerRenegotiationInfo(hello: ClientHello, answer: Answer): void {
  const info = hello.extensions.get(ExtensionType.renegotiationInfo);
  if (info !== undefined) extensions.checkRenegotiationInfo(info);
  if (info !== undefined || hello.cipherSuites.includes(RENEGOTIATION_SCSV)) {
    answer.set(ExtensionType.renegotiationInfo, extensions.INITIAL_RENEGOTIATION_INFO);
  }
}

/** An offer, and the most preferred of its suites that the client offers too. */
interface Candidate extends Offer {
  readonly suite: Tls12Suite;
}

/** Returns the offers that share a suite with the client, if the suite's key exchange fits the offer's key and the client. */
function withCommonSuite(offers: readonly Offer[], hello: ClientHello): readonly Candidate[] {
  const client = clientSupport(hello);
  const candidates = offers.flatMap((offer) => {
    const { credentials, settings: { tls12Suites, groups } } = offer;
    const suite = tls12Suites.find(({ id, keyExchange }) =>
      hello.cipherSuites.includes(id) && canExchangeKeys(credentials, keyExchange) &&
      keyExchange.isPossible({ credentials, client, groups })
    );
    return suite ? [{ ...offer, suite }] : [];
  });
  if (candidates.length === 0) throw fatalAlert("handshake_failure", "there is no cipher suite in common");
  return candidates;
}

/** Answers rekeying only with RSA key exchange, which it repeats, and the extended master secret, which it relies on. */
function answerRekey(
  { suite, settings }: Candidate,
  hello: ClientHello,
  answer: Answer,
): RekeyOffer | undefined {
  const data = hello.extensions.get(ExtensionType.rekey);
  const offer = data && decodeRekeyOffer(data);
  const possible = suite.keyExchange.name === "RSA" && answer.has(ExtensionType.extendedMasterSecret);
  if (offer === undefined || !possible) return undefined;
  answer.set(ExtensionType.rekey, encodeRekeyOffer(settings.rekey));
  return offer;
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
