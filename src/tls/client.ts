/** The client's handshake, as RFC 5246 figure 1 draws it. */

import { concat, EMPTY } from "../bytes.ts";
import { load } from "../load.ts";
import type { Wire } from "../wire.ts";
import { fatalAlert, toChannelError } from "./alerts.ts";
import { AES_SUITES, type CipherSuite } from "./cipher_suites.ts";
import * as extensions from "./handshake/extensions.ts";
import { type Extensions, ExtensionType } from "./handshake/extensions.ts";
import { endWithAlert, HandshakeLayer } from "./handshake/layer.ts";
import {
  type CertificateRequest,
  type ClientHello,
  decodeCertificateRequest,
  decodeCertificateStatus,
  decodeEmpty,
  decodeServerHello,
  encodeCertificateVerify,
  encodeClientHello,
  HandshakeType,
  RSA_SIGN,
  type ServerHello,
} from "./handshake/messages.ts";
import {
  certificateTypesOf,
  checkCredentials,
  type Credentials,
  type PeerCredentials,
} from "./credentials/credentials.ts";
import { decodePeerCredentials, encodeCredentials, verifyPeerWith } from "./credentials/messages.ts";
import { decodeRekeyOffer, encodeRekeyOffer, keyLimits, type RekeyOffer } from "./record/limits.ts";
import { type ClientOptions, type Settings, settingsOf } from "./options.ts";
import { MAX_PLAINTEXT } from "./record/layer.ts";
import { createPremasterSecret, encodeClientKeyExchange, encryptionKeyOf } from "./key_exchange/rsa.ts";
import {
  prepareKeys,
  receiveFinished,
  type SecurityParameters,
  sendFinished,
  settleMasterSecret,
  TLS_1_2,
} from "./tls12/parameters.ts";
import { TlsSession } from "./session.ts";
import { CERTIFICATE_SCHEMES } from "./credentials/signature_schemes.ts";

/** Makes a session with the server at the other end of `wire`, or ends both with an alert. */
export async function clientHandshake(wire: Wire, options: ClientOptions): Promise<TlsSession> {
  const settings = settingsOf(options, await knownSuites(options));
  if (options.credentials) checkCredentials(options.credentials, settings.minimumKeyBits);
  const hello = clientHello(settings, options);
  const handshake = new HandshakeLayer(wire, "client", options.trace);
  try {
    return await shakeHands(handshake, settings, options, hello);
  } catch (cause) {
    const error = toChannelError(cause);
    await endWithAlert(handshake.records, error);
    throw error;
  }
}

/** 3DES is loaded only where it is named. */
async function knownSuites({ suites = [] }: ClientOptions): Promise<readonly CipherSuite[]> {
  if (!suites.includes("TLS_RSA_WITH_3DES_EDE_CBC_SHA")) return AES_SUITES;
  return await load(import("./rare.ts").then(({ EVERY_SUITE }) => EVERY_SUITE));
}

async function shakeHands(
  handshake: HandshakeLayer,
  settings: Settings,
  options: ClientOptions,
  hello: ClientHello,
): Promise<TlsSession> {
  const { random, keyLog } = settings;
  handshake.send(HandshakeType.clientHello, encodeClientHello(hello));
  await handshake.flush();

  const parameters = await receiveServerHello(handshake, settings, options, hello);
  const { server, request } = await receiveServerCredentials(handshake, parameters);
  const serverKey = encryptionKeyOf(server, settings.minimumKeyBits);
  await verifyPeerWith(options.verifyPeer, server);

  const credentials = request && identityFor(request, parameters, options.credentials);
  if (request) {
    handshake.send(
      HandshakeType.certificate,
      encodeCredentials(credentials, parameters.clientCertificateType),
    );
  }
  const premasterSecret = createPremasterSecret(hello.version, random);
  handshake.send(
    HandshakeType.clientKeyExchange,
    encodeClientKeyExchange(serverKey, premasterSecret, random),
  );
  const master = settleMasterSecret(handshake, parameters, premasterSecret, keyLog);
  if (request && credentials) await sendCertificateVerify(handshake, credentials, request);
  prepareKeys(handshake.records, "client", parameters, master, parameters.randoms, random);
  const own = sendFinished(handshake, parameters, master, "client");
  await handshake.flush();

  const theirs = await receiveFinished(handshake, parameters, master, "server");
  return new TlsSession(handshake, {
    peer: server,
    credentials,
    state: { master, verifyData: concat(own, theirs) },
    context: { key: { role: "client", serverKey }, parameters, random, keyLog },
  });
}

function clientHello(settings: Settings, options: ClientOptions): ClientHello {
  return {
    version: TLS_1_2,
    random: settings.random(32),
    sessionId: EMPTY, // nothing is ever resumed
    cipherSuites: settings.suites.map(({ id }) => id),
    compressionMethods: Uint8Array.of(0),
    extensions: offeredExtensions(settings, options),
  };
}

function offeredExtensions(settings: Settings, options: ClientOptions): Extensions {
  const { serverName, certificateTypes = ["x509"], credentials } = options;
  const offer = new Map<number, Uint8Array>();
  if (serverName !== undefined && !isIpAddress(serverName)) {
    offer.set(ExtensionType.serverName, extensions.encodeServerName(serverName));
  }
  if (certificateTypes[0] === "x509") offer.set(ExtensionType.statusRequest, extensions.OCSP_STATUS_REQUEST);
  offer.set(ExtensionType.signatureAlgorithms, extensions.encodeSignatureSchemes(CERTIFICATE_SCHEMES));
  if (settings.alpnProtocols.length > 0) {
    offer.set(
      ExtensionType.applicationLayerProtocolNegotiation,
      extensions.encodeAlpn(settings.alpnProtocols),
    );
  }
  const ownTypes = credentials ? certificateTypesOf(credentials) : [];
  if (ownTypes.includes("raw")) {
    offer.set(ExtensionType.clientCertificateType, extensions.encodeCertificateTypes(ownTypes));
  }
  if (certificateTypes.includes("raw")) {
    offer.set(ExtensionType.serverCertificateType, extensions.encodeCertificateTypes(certificateTypes));
  }
  if (settings.encryptThenMac && settings.suites.some(({ cbc }) => cbc)) {
    offer.set(ExtensionType.encryptThenMac, EMPTY);
  }
  if (settings.extendedMasterSecret) {
    offer.set(ExtensionType.extendedMasterSecret, EMPTY);
    offer.set(ExtensionType.rekey, encodeRekeyOffer(settings.rekey));
  }
  offer.set(ExtensionType.recordSizeLimit, extensions.encodeRecordSizeLimit(settings.recordSizeLimit));
  offer.set(ExtensionType.renegotiationInfo, extensions.INITIAL_RENEGOTIATION_INFO);
  return offer;
}

/** RFC 6066 section 3 leaves literal addresses out of server_name. */
function isIpAddress(name: string): boolean {
  return name.includes(":") || /^\d+(\.\d+){3}$/.test(name);
}

async function receiveServerHello(
  handshake: HandshakeLayer,
  settings: Settings,
  options: ClientOptions,
  offer: ClientHello,
): Promise<SecurityParameters> {
  const { body } = await handshake.receive(HandshakeType.serverHello);
  const hello = decodeServerHello(body);
  if (hello.version !== TLS_1_2) {
    throw fatalAlert("protocol_version", "the server wants another version than TLS 1.2");
  }
  handshake.records.versionSettled = true;
  return settle(settings, options, offer, hello);
}

/** Holds the server's answer to what was offered. */
function settle(
  settings: Settings,
  options: ClientOptions,
  offer: ClientHello,
  hello: ServerHello,
): SecurityParameters {
  const suite = settings.suites.find(({ id }) => id === hello.cipherSuite);
  if (suite === undefined || hello.compressionMethod !== 0) {
    throw fatalAlert("illegal_parameter", "the server chose a suite or compression that was not offered");
  }
  for (const type of hello.extensions.keys()) {
    if (!offer.extensions.has(type)) {
      throw fatalAlert(
        "unsupported_extension",
        `the server answers to extension ${type}, which was not offered`,
      );
    }
  }
  const serverName = hello.extensions.get(ExtensionType.serverName);
  if (serverName) extensions.decodeFlag("server_name", serverName);
  checkSecureRenegotiation(hello);
  const encryptThenMac = flag(hello, ExtensionType.encryptThenMac, "encrypt_then_mac");
  if (encryptThenMac && !suite.cbc) {
    throw fatalAlert("illegal_parameter", "encrypt_then_mac is for CBC suites alone"); // RFC 7366 section 3
  }
  return {
    suite,
    randoms: { client: offer.random, server: hello.random },
    extendedMasterSecret: flag(hello, ExtensionType.extendedMasterSecret, "extended_master_secret"),
    encryptThenMac,
    serverName: options.serverName,
    alpnProtocol: chosenAlpn(settings, hello),
    serverCertificateType: chosenServerCertificateType(options, hello),
    clientCertificateType: chosenClientCertificateType(options, hello),
    certificateStatus: flag(hello, ExtensionType.statusRequest, "status_request"),
    recordLimits: recordLimits(settings, hello),
    keyLimits: keyLimits(suite.keyLimit, settings.rekey, rekeyOffer(hello)),
  };
}

/** The server's side of rekeying, which rests on the extended master secret. */
function rekeyOffer({ extensions: answers }: ServerHello): RekeyOffer | undefined {
  const data = answers.get(ExtensionType.rekey);
  const offer = data && decodeRekeyOffer(data);
  if (data && !(offer && answers.has(ExtensionType.extendedMasterSecret))) {
    throw fatalAlert("illegal_parameter", "the server answers fesa_rekey as it may not");
  }
  return offer;
}

/** A server that does not signal RFC 5746 could be renegotiating behind an attacker's prefix (section 4.1). */
function checkSecureRenegotiation({ extensions: answers }: ServerHello): void {
  const info = answers.get(ExtensionType.renegotiationInfo);
  if (info === undefined) {
    throw fatalAlert("handshake_failure", "the server does not do secure renegotiation (RFC 5746)");
  }
  extensions.checkRenegotiationInfo(info);
}

function flag({ extensions: answers }: ServerHello, type: number, name: string): boolean {
  const data = answers.get(type);
  if (data !== undefined) extensions.decodeFlag(name, data);
  return data !== undefined;
}

function chosenAlpn({ alpnProtocols }: Settings, { extensions: answers }: ServerHello): string | undefined {
  const data = answers.get(ExtensionType.applicationLayerProtocolNegotiation);
  if (data === undefined) return undefined;
  const chosen = extensions.decodeAlpn(data);
  if (chosen.length !== 1 || !alpnProtocols.includes(chosen[0])) {
    throw fatalAlert("illegal_parameter", "the server chose an application protocol that was not offered");
  }
  return chosen[0];
}

function chosenServerCertificateType(
  { certificateTypes = ["x509"] }: ClientOptions,
  { extensions: answers }: ServerHello,
): extensions.CertificateType {
  const data = answers.get(ExtensionType.serverCertificateType);
  const type = data === undefined ? "x509" : extensions.decodeCertificateType(data);
  if (!certificateTypes.includes(type)) {
    throw data === undefined
      ? fatalAlert("unsupported_certificate", "the server has no raw public key to show", "not_offered")
      : fatalAlert("illegal_parameter", "the server chose a certificate type that was not offered");
  }
  return type;
}

function chosenClientCertificateType(
  { credentials }: ClientOptions,
  { extensions: answers }: ServerHello,
): extensions.CertificateType {
  const data = answers.get(ExtensionType.clientCertificateType);
  if (data === undefined) return "x509";
  const type = extensions.decodeCertificateType(data);
  if (credentials === undefined || !certificateTypesOf(credentials).includes(type)) {
    throw fatalAlert("illegal_parameter", "the server chose a certificate type that was not offered");
  }
  return type;
}

function recordLimits(
  { recordSizeLimit }: Settings,
  { extensions: answers }: ServerHello,
): SecurityParameters["recordLimits"] {
  const data = answers.get(ExtensionType.recordSizeLimit);
  if (data === undefined) return undefined;
  return { own: recordSizeLimit, peer: Math.min(extensions.decodeRecordSizeLimit(data), MAX_PLAINTEXT) };
}

/** What the server shows of itself, and its question who the client is, where it asks: all up to ServerHelloDone. */
async function receiveServerCredentials(
  handshake: HandshakeLayer,
  { serverCertificateType, serverName, certificateStatus: mayStaple }: SecurityParameters,
): Promise<{ server: PeerCredentials; request: CertificateRequest | undefined }> {
  const { certificate, certificateStatus, certificateRequest, serverHelloDone } = HandshakeType;
  const { body } = await handshake.receive(certificate);
  let server = decodePeerCredentials(serverCertificateType, body, serverName);
  if (server === undefined) throw fatalAlert("decode_error", "the server's certificate chain is empty");

  const rest = [certificateRequest, serverHelloDone];
  let message = await handshake.receive(...(mayStaple ? [certificateStatus, ...rest] : rest));
  if (message.type === certificateStatus) {
    const ocspResponse = decodeCertificateStatus(message.body);
    if (server.type === "x509") server = { ...server, ocspResponse };
    message = await handshake.receive(...rest);
  }
  let request: CertificateRequest | undefined;
  if (message.type === certificateRequest) {
    request = decodeCertificateRequest(message.body);
    message = await handshake.receive(serverHelloDone);
  }
  decodeEmpty("ServerHelloDone", message.body);
  return { server, request };
}

/** The credentials to show, if this client has one of the kind the server asks for. */
function identityFor(
  { certificateTypes }: CertificateRequest,
  { clientCertificateType }: SecurityParameters,
  credentials: Credentials | undefined,
): Credentials | undefined {
  if (credentials === undefined || !certificateTypes.includes(RSA_SIGN)) return undefined;
  return certificateTypesOf(credentials).includes(clientCertificateType) ? credentials : undefined;
}

async function sendCertificateVerify(
  handshake: HandshakeLayer,
  credentials: Credentials,
  { signatureSchemes }: CertificateRequest,
): Promise<void> {
  const signTranscript = await load(import("./rare.ts").then(({ signTranscript }) => signTranscript));
  const { scheme, signature } = await signTranscript(
    credentials,
    signatureSchemes,
    handshake.transcript.bytes(),
  );
  handshake.send(HandshakeType.certificateVerify, encodeCertificateVerify(scheme, signature));
}
