/** The server's handshake, as RFC 5246 figure 1 draws it. */

import { concat, EMPTY } from "../bytes.ts";
import type { Wire } from "../wire.ts";
import { matchesName } from "../x509/certificate/server_name.ts";
import { fatalAlert, toChannelError } from "./alerts.ts";
import { type CipherSuite, FALLBACK_SCSV, RENEGOTIATION_SCSV } from "./cipher_suites.ts";
import { EVERY_SUITE } from "./every_suite.ts";
import * as extensions from "./handshake/extensions.ts";
import { type CertificateType, type Extensions, ExtensionType } from "./handshake/extensions.ts";
import { endWithAlert, HandshakeLayer } from "./handshake/layer.ts";
import {
  type ClientHello,
  decodeCertificateVerify,
  decodeClientHello,
  encodeCertificateRequest,
  encodeCertificateStatus,
  encodeServerHello,
  HandshakeType,
  RSA_SIGN,
} from "./handshake/messages.ts";
import {
  certificateTypesOf,
  checkCredentials,
  type Credentials,
  type PeerCredentials,
} from "./credentials/credentials.ts";
import {
  decodePeerCredentials,
  encodeCredentials,
  rsaKeyOf,
  verifyPeerWith,
} from "./credentials/messages.ts";
import { decodeRekeyOffer, encodeRekeyOffer, keyLimits, type RekeyOffer } from "./record/limits.ts";
import {
  type ClientAuthentication,
  type ServerCredentials,
  type ServerOptions,
  type Settings,
  settingsOf,
} from "./options.ts";
import { MAX_PLAINTEXT } from "./record/layer.ts";
import { receivePremasterSecret } from "./key_exchange/rsa.ts";
import {
  prepareKeys,
  receiveFinished,
  type SecurityParameters,
  sendFinished,
  settleMasterSecret,
  TLS_1_2,
} from "./tls12/parameters.ts";
import { TlsSession } from "./session.ts";
import { VERIFY_SCHEMES } from "./credentials/signature_schemes.ts";
import { verifyTranscript } from "./credentials/signatures.ts";

/** One of a server's credentials, with what goes for its sessions. */
export interface Offer {
  readonly credentials: ServerCredentials;
  readonly settings: Settings;
  readonly clientAuthentication: ClientAuthentication | undefined;
}

/**
 * What a server of these options offers. It holds for every connection.
 *
 * @throws {RangeError} A size makes no sense, or a key is too short.
 * @throws {TypeError} Something else makes no sense, or could serve no client.
 */
export function offersOf(options: ServerOptions): readonly Offer[] {
  if (options.credentials.length === 0) throw new TypeError("a server needs an credentials");
  return options.credentials.map((credentials) => {
    const chosen = Object.entries(credentials).filter(([, choice]) => choice !== undefined);
    const choices: ServerOptions = { ...options, ...Object.fromEntries(chosen) };
    const settings = settingsOf(choices, EVERY_SUITE);
    checkCredentials(credentials, settings.minimumKeyBits);
    return { credentials, settings, clientAuthentication: choices.clientAuthentication };
  });
}

/** Makes a session with the client at the other end of `wire`, or ends both with an alert. */
export async function serverHandshake(
  wire: Wire,
  offers: readonly Offer[],
  trace?: ServerOptions["trace"],
): Promise<TlsSession> {
  const handshake = new HandshakeLayer(wire, "server", trace);
  try {
    return await shakeHands(handshake, offers);
  } catch (cause) {
    const error = toChannelError(cause);
    await endWithAlert(handshake.records, error);
    throw error;
  }
}

async function shakeHands(handshake: HandshakeLayer, offers: readonly Offer[]): Promise<TlsSession> {
  const { body } = await handshake.receive(HandshakeType.clientHello);
  const hello = decodeClientHello(body);
  checkVersion(hello);
  handshake.records.versionSettled = true;
  const { parameters, offer: { credentials, settings, clientAuthentication }, answer } = settle(
    offers,
    hello,
  );
  const { random, keyLog } = settings;

  handshake.send(HandshakeType.serverHello, serverHello(parameters, answer));
  handshake.send(HandshakeType.certificate, encodeCredentials(credentials, parameters.serverCertificateType));
  if (parameters.certificateStatus) {
    handshake.send(HandshakeType.certificateStatus, encodeCertificateStatus(credentials.ocspResponse!));
  }
  if (clientAuthentication) sendCertificateRequest(handshake);
  handshake.send(HandshakeType.serverHelloDone, EMPTY);
  await handshake.flush();

  const client = clientAuthentication &&
    await receiveClientCredentials(handshake, parameters, clientAuthentication);
  const keyExchange = await handshake.receive(HandshakeType.clientKeyExchange);
  const premasterSecret = await receivePremasterSecret(credentials, keyExchange.body, hello.version, random);
  const master = settleMasterSecret(handshake, parameters, premasterSecret, keyLog);
  if (clientAuthentication && client) {
    await receiveCertificateVerify(handshake, client, settings);
    await verifyPeerWith(clientAuthentication.verifyPeer, client);
  }
  prepareKeys(handshake.records, "server", parameters, master, parameters.randoms, random);
  const theirs = await receiveFinished(handshake, parameters, master, "client");

  const own = sendFinished(handshake, parameters, master, "server");
  await handshake.flush();
  return new TlsSession(handshake, {
    peer: client,
    credentials,
    state: { master, verifyData: concat(theirs, own) },
    context: {
      key: {
        role: "server",
        receivePremasterSecret: (body) => receivePremasterSecret(credentials, body, TLS_1_2, random),
      },
      parameters,
      random,
      keyLog,
    },
  });
}

/** RFC 5246 appendix E.1, and RFC 7507 section 3. */
function checkVersion({ version, cipherSuites }: ClientHello): void {
  if (version >= TLS_1_2) return;
  if (cipherSuites.includes(FALLBACK_SCSV)) {
    throw fatalAlert("inappropriate_fallback", "the client fell back to a version below TLS 1.2");
  }
  throw fatalAlert("protocol_version", "the client does not do TLS 1.2");
}

/** What the server makes of a ClientHello. */
interface Settlement {
  readonly parameters: SecurityParameters;
  readonly offer: Offer;
  /** The extensions of the ServerHello. */
  readonly answer: Extensions;
}

function settle(offers: readonly Offer[], hello: ClientHello): Settlement {
  if (!hello.compressionMethods.includes(0)) {
    throw fatalAlert("illegal_parameter", "the client does not offer to leave compression out");
  }
  const answer = new Map<number, Uint8Array>();
  answerRenegotiationInfo(hello, answer);
  const serverName = requestedName(hello);
  const [offer, type] = chooseOffer(withCommonSuite(offers, hello), hello, serverName, answer);
  const { suite, credentials, settings, clientAuthentication } = offer;
  const parameters: SecurityParameters = {
    suite,
    randoms: { client: hello.random, server: settings.random(32) },
    extendedMasterSecret: settings.extendedMasterSecret &&
      answerFlag(hello, ExtensionType.extendedMasterSecret, "extended_master_secret", answer),
    encryptThenMac: settings.encryptThenMac && suite.cbc &&
      answerFlag(hello, ExtensionType.encryptThenMac, "encrypt_then_mac", answer),
    serverName,
    alpnProtocol: chooseAlpn(settings, hello, answer),
    serverCertificateType: type,
    clientCertificateType: chooseClientType(clientAuthentication, hello, answer),
    certificateStatus: type === "x509" && answerStatusRequest(credentials, hello, answer),
    recordLimits: answerRecordLimit(settings, hello, answer),
    keyLimits: keyLimits(suite.keyLimit, settings.rekey, answerRekey(settings, hello, answer)),
  };
  return { parameters, offer, answer };
}

function serverHello({ suite, randoms }: SecurityParameters, answer: Extensions): Uint8Array {
  return encodeServerHello({
    version: TLS_1_2,
    random: randoms.server,
    sessionId: EMPTY, // nothing is ever resumed
    cipherSuite: suite.id,
    compressionMethod: 0,
    extensions: answer,
  });
}

/** RFC 5746 section 3.6. A client that signals nothing is safe here too, since nothing is ever renegotiated. */
function answerRenegotiationInfo(hello: ClientHello, answer: Map<number, Uint8Array>): void {
  const info = hello.extensions.get(ExtensionType.renegotiationInfo);
  if (info !== undefined) extensions.checkRenegotiationInfo(info);
  if (info !== undefined || hello.cipherSuites.includes(RENEGOTIATION_SCSV)) {
    answer.set(ExtensionType.renegotiationInfo, extensions.INITIAL_RENEGOTIATION_INFO);
  }
}

/** An offer, and the best of its suites that the client offers too. */
interface Candidate extends Offer {
  readonly suite: CipherSuite;
}

/** The offers that have a suite which the client offers: one may be there for AES, and another for 3DES. */
function withCommonSuite(offers: readonly Offer[], { cipherSuites }: ClientHello): readonly Candidate[] {
  const candidates = offers.flatMap((offer) => {
    const suite = offer.settings.suites.find(({ id }) => cipherSuites.includes(id));
    return suite ? [{ ...offer, suite }] : [];
  });
  if (candidates.length === 0) throw fatalAlert("handshake_failure", "there is no cipher suite in common");
  return candidates;
}

function requestedName(hello: ClientHello): string | undefined {
  const data = hello.extensions.get(ExtensionType.serverName);
  return data && extensions.decodeServerName(data);
}

/**
 * The first offer in the form of credentials that the client likes best, and that form. Among certificates, one that has
 * the name is best; the one of a key that is also shown without is last, since it is there for the key.
 */
function chooseOffer(
  candidates: readonly Candidate[],
  hello: ClientHello,
  serverName: string | undefined,
  answer: Map<number, Uint8Array>,
): [Candidate, CertificateType] {
  const data = hello.extensions.get(ExtensionType.serverCertificateType);
  const accepted = data === undefined ? ["x509" as const] : extensions.decodeCertificateTypes(data);
  for (const type of accepted) {
    const able = candidates.filter(({ credentials }) => certificateTypesOf(credentials).includes(type));
    if (able.length === 0) continue;
    if (data !== undefined) {
      answer.set(ExtensionType.serverCertificateType, extensions.encodeCertificateType(type));
    }
    if (type === "raw") return [able[0], type];
    const named = able.find(({ credentials }) => hasName(credentials, serverName));
    if (named !== undefined) answer.set(ExtensionType.serverName, EMPTY); // RFC 6066 section 3
    const certified = able.find(({ credentials }) => !certificateTypesOf(credentials).includes("raw"));
    return [named ?? certified ?? able[0], type];
  }
  throw fatalAlert(
    "unsupported_certificate",
    "the client takes no form of credentials that this server has",
    "not_offered",
  );
}

function hasName({ certificates = [] }: Credentials, serverName: string | undefined): boolean {
  return serverName !== undefined && certificates.length > 0 && matchesName(certificates[0], serverName);
}

function answerFlag(
  hello: ClientHello,
  type: number,
  name: string,
  answer: Map<number, Uint8Array>,
): boolean {
  const data = hello.extensions.get(type);
  if (data === undefined) return false;
  extensions.decodeFlag(name, data);
  answer.set(type, EMPTY);
  return true;
}

/** RFC 6066 section 8: answered only where there is a response to staple. */
function answerStatusRequest(
  { ocspResponse }: Credentials,
  { extensions: offered }: ClientHello,
  answer: Map<number, Uint8Array>,
): boolean {
  const data = offered.get(ExtensionType.statusRequest);
  if (data === undefined || !extensions.asksForOcsp(data) || ocspResponse === undefined) return false;
  answer.set(ExtensionType.statusRequest, EMPTY);
  return true;
}

/** RFC 7301 section 3.2: the server's preference counts. Without protocols of its own it ignores the offer. */
function chooseAlpn(
  { alpnProtocols }: Settings,
  hello: ClientHello,
  answer: Map<number, Uint8Array>,
): string | undefined {
  const data = hello.extensions.get(ExtensionType.applicationLayerProtocolNegotiation);
  if (data === undefined || alpnProtocols.length === 0) return undefined;
  const offered = extensions.decodeAlpn(data);
  const chosen = alpnProtocols.find((protocol) => offered.includes(protocol));
  if (chosen === undefined) {
    throw fatalAlert("no_application_protocol", "there is no application protocol in common");
  }
  answer.set(ExtensionType.applicationLayerProtocolNegotiation, extensions.encodeAlpn([chosen]));
  return chosen;
}

/** RFC 7250 section 4.2: answered only where the client will be asked who it is. */
function chooseClientType(
  authentication: ClientAuthentication | undefined,
  hello: ClientHello,
  answer: Map<number, Uint8Array>,
): CertificateType {
  if (authentication === undefined) return "x509";
  const { certificateTypes = ["x509"], required = true } = authentication;
  const data = hello.extensions.get(ExtensionType.clientCertificateType);
  const offered = data === undefined ? ["x509" as const] : extensions.decodeCertificateTypes(data);
  const type = certificateTypes.find((type) => offered.includes(type));
  if (type === undefined && required) {
    throw fatalAlert(
      "unsupported_certificate",
      "the client has no form of credentials that is asked for",
      "not_offered",
    );
  }
  if (data !== undefined && type !== undefined) {
    answer.set(ExtensionType.clientCertificateType, extensions.encodeCertificateType(type));
  }
  return type ?? "x509";
}

function answerRecordLimit(
  { recordSizeLimit }: Settings,
  hello: ClientHello,
  answer: Map<number, Uint8Array>,
): SecurityParameters["recordLimits"] {
  const data = hello.extensions.get(ExtensionType.recordSizeLimit);
  if (data === undefined) return undefined;
  const peer = Math.min(extensions.decodeRecordSizeLimit(data), MAX_PLAINTEXT);
  answer.set(ExtensionType.recordSizeLimit, extensions.encodeRecordSizeLimit(recordSizeLimit));
  return { own: recordSizeLimit, peer };
}

/** Rekeying rests on the extended master secret, so it is answered only beside that. */
function answerRekey(
  { rekey }: Settings,
  hello: ClientHello,
  answer: Map<number, Uint8Array>,
): RekeyOffer | undefined {
  const data = hello.extensions.get(ExtensionType.rekey);
  const offer = data && decodeRekeyOffer(data);
  if (offer === undefined || !answer.has(ExtensionType.extendedMasterSecret)) return undefined;
  answer.set(ExtensionType.rekey, encodeRekeyOffer(rekey));
  return offer;
}

function sendCertificateRequest(handshake: HandshakeLayer): void {
  const request = {
    certificateTypes: Uint8Array.of(RSA_SIGN),
    signatureSchemes: VERIFY_SCHEMES,
    authorities: [],
  };
  handshake.send(HandshakeType.certificateRequest, encodeCertificateRequest(request));
}

async function receiveClientCredentials(
  handshake: HandshakeLayer,
  { clientCertificateType }: SecurityParameters,
  { required = true }: ClientAuthentication,
): Promise<PeerCredentials | undefined> {
  const { body } = await handshake.receive(HandshakeType.certificate);
  const credentials = decodePeerCredentials(clientCertificateType, body);
  if (credentials === undefined && required) {
    throw fatalAlert("handshake_failure", "the client does not say who it is", "untrusted");
  }
  return credentials;
}

async function receiveCertificateVerify(
  handshake: HandshakeLayer,
  client: PeerCredentials,
  { minimumKeyBits }: Settings,
): Promise<void> {
  const signed = handshake.transcript.bytes();
  const { body } = await handshake.receive(HandshakeType.certificateVerify);
  const { scheme, signature } = decodeCertificateVerify(body);
  verifyTranscript(rsaKeyOf(client, minimumKeyBits), scheme, signature, signed);
}
