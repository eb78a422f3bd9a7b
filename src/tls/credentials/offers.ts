/** The offers of a server, and the choice among them for a client. */

import { EMPTY } from "../../bytes.ts";
import type { ChannelError } from "../../errors.ts";
import { matchesName } from "../../x509/certificate/matches_name.ts";
import { fatalAlert } from "../alerts.ts";
import * as extensions from "../handshake/extensions.ts";
import { type CertificateType, ExtensionType } from "../handshake/extensions.ts";
import type { ClientHello } from "../handshake/messages.ts";
import type { Answer } from "../handshake/negotiation.ts";
import {
  type ClientAuthentication,
  type ServerCredentials,
  type ServerOptions,
  type Settings,
  settingsOf,
} from "../options.ts";
import { areCertificatesAccepted, certificateSchemes } from "./certificate_signatures.ts";
import type { KeyExchange } from "../key_exchange/key_exchange.ts";
import {
  allowsUsage,
  certificateTypesOf,
  checkCredentials,
  type Credentials,
  publicKeyOf,
} from "./credentials.ts";

/** An offer of a server: credentials, with the settings of the sessions that use them. */
export interface Offer {
  readonly credentials: ServerCredentials;
  readonly settings: Settings;
  readonly clientAuthentication: ClientAuthentication | undefined;
}

/**
 * Returns the offers of a server with these options. They are the same for every connection.
 *
 * @throws {RangeError} If a number is out of its range, or a key is too short.
 * @throws {TypeError} If another option is invalid, or no client could be served.
 */
export function offersOf(options: ServerOptions): readonly Offer[] {
  if (options.credentials.length === 0) throw new TypeError("credentials is empty");
  return options.credentials.map((credentials) => {
    const chosen = Object.entries(credentials).filter(([, choice]) => choice !== undefined);
    const choices: ServerOptions = { ...options, ...Object.fromEntries(chosen) };
    const settings = settingsOf(choices);
    checkCredentials(credentials, settings.minimumKeyBits);
    checkUsable(credentials, settings);
    return { credentials, settings, clientAuthentication: choices.clientAuthentication };
  });
}

/** Refuses credentials that do not fit any of the enabled cipher suites. */
function checkUsable(credentials: Credentials, { tls13Suites, tls12Suites }: Settings): void {
  const signs = tls13Suites.length > 0 && allowsUsage(credentials, "digitalSignature");
  if (signs || tls12Suites.some(({ keyExchange }) => canExchangeKeys(credentials, keyExchange))) return;
  const exchange =
    tls13Suites.length === 0 && tls12Suites.every(({ keyExchange: { name } }) => name === "RSA")
      ? "RSA key exchange needs an RSA key, and a certificate that allows keyEncipherment"
      : "the key, or the keyUsage of its certificate, does not fit any cipher suite that is enabled";
  throw new TypeError(`these credentials cannot be used: ${exchange}`);
}

/** Returns whether the type of the key and the key usage of its certificate fit a key exchange. */
export function canExchangeKeys(credentials: Credentials, { fits, keyUsage }: KeyExchange): boolean {
  return fits(publicKeyOf(credentials)) && allowsUsage(credentials, keyUsage);
}

/** Returns whether TLS 1.3 is enabled for any of the offers. */
export function enablesTls13(offers: readonly Offer[]): boolean {
  return offers.some(({ settings }) => settings.tls13Suites.length > 0);
}

/** The application protocol with which a CA validates a tls-alpn-01 challenge (RFC 8737 section 6.2). */
export const ACME_TLS = "acme-tls/1";

/**
 * Returns the candidates for a client, before the version is chosen: the offers with one type of credentials. Of the types
 * for which there is a cipher suite in common, this is the one that the client prefers.
 */
export function offersFor(all: readonly Offer[], hello: ClientHello): readonly Offer[] {
  const offers = withoutOthersAnswers(all, hello);
  const common = offers.filter(({ settings: { tls13Suites, tls12Suites } }) =>
    [...tls13Suites, ...tls12Suites].some(({ id }) => hello.cipherSuites.includes(id))
  );
  if (common.length === 0) throw fatalAlert("handshake_failure", "there is no cipher suite in common");
  for (const type of acceptedTypes(hello)) {
    const isOfType = ({ credentials }: Offer) => certificateTypesOf(credentials).includes(type);
    if (common.some(isOfType)) return offers.filter(isOfType);
  }
  throw noCommonType();
}

/**
 * Separates answers to challenges from other offers: a client that offers only this protocol is a CA and gets only answers;
 * any other client gets none of them (RFC 8737 section 3).
 */
function withoutOthersAnswers(offers: readonly Offer[], hello: ClientHello): readonly Offer[] {
  const isAnswer = ({ settings }: Offer) => settings.alpnProtocols.includes(ACME_TLS);
  if (!offers.some(isAnswer)) return offers;
  const alpn = hello.extensions.get(ExtensionType.applicationLayerProtocolNegotiation);
  const protocols = alpn === undefined ? [] : extensions.decodeAlpn(alpn);
  const isCa = protocols.length === 1 && protocols[0] === ACME_TLS;
  const fitting = offers.filter((offer) => isAnswer(offer) === isCa);
  if (fitting.length > 0) return fitting;
  throw fatalAlert("no_application_protocol", "this server only answers a CA's challenge");
}

/** Returns the types of credentials that the client accepts, the most preferred first (RFC 7250 section 4.1). */
function acceptedTypes({ extensions: offered }: ClientHello): readonly CertificateType[] {
  const data = offered.get(ExtensionType.serverCertificateType);
  return data === undefined ? ["x509"] : extensions.decodeCertificateTypes(data);
}

/**
 * Chooses the offer for a client by, in this order, the type that the client prefers, the server name, the signature schemes
 * of the certificates, and the order of the offers. A certificate that only accompanies a raw key comes last, since it is
 * for clients without support for raw keys.
 */
export function chooseOffer<Candidate extends Offer>(
  candidates: readonly Candidate[],
  hello: ClientHello,
  serverName: string | undefined,
  answer: Answer,
): { readonly offer: Candidate; readonly certificateType: CertificateType } {
  for (const type of acceptedTypes(hello)) {
    const able = candidates.filter(({ credentials }) => certificateTypesOf(credentials).includes(type));
    if (able.length === 0) continue;
    if (hello.extensions.has(ExtensionType.serverCertificateType)) {
      answer.set(ExtensionType.serverCertificateType, extensions.encodeCertificateType(type));
    }
    if (type === "raw") return { offer: able[0], certificateType: type };
    const preferred = acceptedFirst(able, hello);
    const named = preferred.find(({ credentials }) => hasName(credentials, serverName));
    if (named !== undefined) answer.set(ExtensionType.serverName, EMPTY); // RFC 6066 section 3
    const certified = preferred.find(({ credentials }) => !certificateTypesOf(credentials).includes("raw"));
    return { offer: named ?? certified ?? preferred[0], certificateType: type };
  }
  throw noCommonType();
}

/**
 * Puts offers with accepted certificate signatures first. A chain that the client does not accept is still better than none
 * (RFC 8446 section 4.4.2.2).
 */
function acceptedFirst<Candidate extends Offer>(
  candidates: readonly Candidate[],
  hello: ClientHello,
): readonly Candidate[] {
  const accepted = certificateSchemes(hello.extensions);
  if (accepted === undefined) return candidates;
  const isAccepted = ({ credentials }: Candidate) => areCertificatesAccepted(credentials, accepted);
  return [...candidates.filter(isAccepted), ...candidates.filter((candidate) => !isAccepted(candidate))];
}

function noCommonType(): ChannelError {
  const message = "the client accepts no type of credentials that this server has";
  return fatalAlert("unsupported_certificate", message, "not_offered");
}

function hasName({ certificates = [] }: Credentials, serverName: string | undefined): boolean {
  return serverName !== undefined && certificates.length > 0 && matchesName(certificates[0], serverName);
}
