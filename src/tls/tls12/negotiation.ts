/** The server's choices for a ClientHello in TLS 1.2. The extensions of ServerHello are added to `answer`. */

import { concat, EMPTY } from "../../bytes.ts";
import { fatalAlert } from "../alerts.ts";
import { RENEGOTIATION_SCSV } from "../cipher_suites.ts";
import { canExchangeKeys, chooseOffer, enablesTls13, type Offer } from "../credentials/offers.ts";
import * as extensions from "../handshake/extensions.ts";
import { ExtensionType } from "../handshake/extensions.ts";
import { decodeSupportedGroups } from "../handshake/key_share.ts";
import type { ClientHello } from "../handshake/messages.ts";
import {
  type Answer,
  answerRecordLimit,
  chooseAlpn,
  chooseClientCertificateType,
  requestedName,
  takesOcspResponse,
} from "../handshake/negotiation.ts";
import { readEmpty } from "../handshake/reader.ts";
import { DOWNGRADE_TO_TLS_1_2, TLS_1_2 } from "../handshake/versions.ts";
import type { ClientSupport } from "../key_exchange/key_exchange.ts";
import type { ClientAuthentication, Settings } from "../options.ts";
import type { Tls12Suite } from "./cipher_suites.ts";
import { type SecurityParameters, settleExtendedMasterSecret } from "./parameters.ts";
import { decodeRekeyOffer, encodeRekeyOffer, keyLimits, type RekeyOffer } from "./rekey_extension.ts";

/** The choices of a server. */
export interface Negotiated {
  readonly parameters: SecurityParameters;
  readonly offer: Offer;
  /** What the client supports for key exchange. */
  readonly client: ClientSupport;
  /** How the client is authenticated; undefined if no credentials are requested. */
  readonly clientAuthentication: ClientAuthentication | undefined;
  /** The extensions of the ServerHello. */
  readonly answer: Answer;
}

/** Chooses the credentials, suite and extensions. */
export function negotiate(offers: readonly Offer[], hello: ClientHello): Negotiated {
  if (!hello.compressionMethods.includes(0)) {
    throw fatalAlert("illegal_parameter", "the client does not offer the null compression method");
  }
  const answer: Answer = new Map();
  answerRenegotiationInfo(hello, answer);
  const serverName = requestedName(hello);
  const client = clientSupport(hello);
  const candidates = withCommonSuite(offers, hello, client);
  const { offer, certificateType } = chooseOffer(candidates, hello, serverName, answer);
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
  return { parameters, offer, client, clientAuthentication, answer };
}

/**
 * Returns the server's random. If TLS 1.3 is enabled, its last bytes let the client detect a downgrade (RFC 8446 section
 * 4.1.3).
 */
function serverRandom({ random }: Settings, enablesTls13: boolean): Uint8Array {
  return enablesTls13 ? concat(random(24), DOWNGRADE_TO_TLS_1_2) : random(32);
}

/**
 * Answers renegotiation_info (RFC 5746 section 3.6). A client without it is safe too, since sessions are never renegotiated.
 */
function answerRenegotiationInfo(hello: ClientHello, answer: Answer): void {
  const info = hello.extensions.get(ExtensionType.renegotiationInfo);
  if (info !== undefined) extensions.checkRenegotiationInfo(info);
  if (info !== undefined || hello.cipherSuites.includes(RENEGOTIATION_SCSV)) {
    answer.set(ExtensionType.renegotiationInfo, extensions.INITIAL_RENEGOTIATION_INFO);
  }
}

/** An offer of the server, with its most preferred suite that the client supports. */
interface Candidate extends Offer {
  readonly suite: Tls12Suite;
}

/**
 * Returns the offers that have a suite in common with the client. The offer's key and the client must also support the key
 * exchange of that suite.
 */
function withCommonSuite(
  offers: readonly Offer[],
  hello: ClientHello,
  client: ClientSupport,
): readonly Candidate[] {
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

/**
 * Answers fesa_rekey only with RSA key exchange, which rekeying repeats, and with the extended master secret, on which it
 * relies.
 */
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

/** Answers an extension without contents if the client offers it. Returns whether the client does. */
function answerFlag(hello: ClientHello, type: number, name: string, answer: Answer): boolean {
  const data = hello.extensions.get(type);
  if (data === undefined) return false;
  readEmpty(name, data);
  answer.set(type, EMPTY);
  return true;
}

/**
 * Returns what the client supports for key exchange. A client without signature_algorithms supports only SHA-1, which is
 * never used here.
 */
function clientSupport({ extensions: offered }: ClientHello): ClientSupport {
  const groups = offered.get(ExtensionType.supportedGroups);
  const schemes = offered.get(ExtensionType.signatureAlgorithms);
  const formats = offered.get(ExtensionType.ecPointFormats);
  return {
    groups: groups && decodeSupportedGroups(groups),
    signatureSchemes: schemes ? extensions.decodeSignatureSchemes(schemes) : [],
    uncompressedPoints: formats === undefined || extensions.takesUncompressedPoints(formats),
  };
}
