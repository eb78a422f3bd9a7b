/** The server's choices for a ClientHello that offers TLS 1.3 (RFC 8446 section 4.1.1). */

import { equalBytes } from "../../bytes.ts";
import { fatalAlert } from "../alerts.ts";
import { chooseOffer, type Offer } from "../credentials/offers.ts";
import type { TlsSignatureScheme } from "../credentials/signature_schemes.ts";
import { signatureSchemeFor } from "../credentials/signatures.ts";
import { decodeSignatureSchemes, ExtensionType } from "../handshake/extensions.ts";
import {
  decodeClientShares,
  decodeSupportedGroups,
  encodeSelectedGroup,
  type KeyShareEntry,
} from "../handshake/key_share.ts";
import type { HandshakeLayer } from "../handshake/layer.ts";
import {
  type ClientHello,
  decodeClientHello,
  encodeServerHello,
  HandshakeType,
} from "../handshake/messages.ts";
import {
  type Answer,
  answerRecordLimit,
  chooseAlpn,
  chooseClientCertificateType,
  requestedName,
} from "../handshake/negotiation.ts";
import { encodeSelectedVersion, TLS_1_2, TLS_1_3 } from "../handshake/versions.ts";
import type { ClientAuthentication } from "../options.ts";
import type { NamedGroup } from "../key_exchange/named_group.ts";
import type { Tls13Suite } from "./cipher_suites.ts";
import { RETRY_RANDOM } from "./messages.ts";
import type { Tls13Parameters } from "./parameters.ts";

/** The choices of a server. */
export interface Negotiated {
  readonly offer: Offer;
  /** How the client is authenticated; undefined if no credentials are requested. */
  readonly clientAuthentication: ClientAuthentication | undefined;
  readonly suite: Tls13Suite;
  readonly scheme: TlsSignatureScheme;
  readonly group: NamedGroup;
  /** The client's public value in the group, if the ClientHello has one. */
  readonly share: Uint8Array | undefined;
  readonly parameters: Tls13Parameters;
  /** The extensions for EncryptedExtensions. */
  readonly answer: Answer;
}

/** Chooses the credentials, cipher suite, signature scheme, group and extensions. */
export function negotiate(offers: readonly Offer[], hello: ClientHello): Negotiated {
  if (hello.compressionMethods.length !== 1 || hello.compressionMethods[0] !== 0) {
    throw fatalAlert("illegal_parameter", "the client offers compression");
  }
  const answer: Answer = new Map();
  const serverName = requestedName(hello);
  const candidates = withCommonScheme(withCommonSuite(offers, hello), hello);
  const { offer, certificateType } = chooseOffer(candidates, hello, serverName, answer);
  const { settings, suite, scheme } = offer;
  const clientCertificateType = chooseClientCertificateType(offer.clientAuthentication, hello, answer);
  const { group, share } = chooseGroup(settings.groups, hello);
  const parameters: Tls13Parameters = {
    suite,
    group,
    serverName,
    alpnProtocol: chooseAlpn(settings, hello, answer),
    serverCertificateType: certificateType,
    clientCertificateType: clientCertificateType ?? "x509",
    recordLimits: answerRecordLimit(settings, hello, answer, TLS_1_3),
  };
  const clientAuthentication = clientCertificateType && offer.clientAuthentication;
  return { offer, clientAuthentication, suite, scheme, group, share, parameters, answer };
}

/** Returns the server's offers, each with its most preferred suite that the client supports. */
function withCommonSuite(
  offers: readonly Offer[],
  { cipherSuites }: ClientHello,
): readonly (Offer & { readonly suite: Tls13Suite })[] {
  const candidates = offers.flatMap((offer) => {
    const suite = offer.settings.tls13Suites.find(({ id }) => cipherSuites.includes(id));
    return suite ? [{ ...offer, suite }] : [];
  });
  if (candidates.length === 0) throw fatalAlert("handshake_failure", "there is no cipher suite in common");
  return candidates;
}

/** Returns the offers whose key can sign with a scheme that the client accepts. */
function withCommonScheme<Candidate extends Offer>(
  offers: readonly Candidate[],
  hello: ClientHello,
): readonly (Candidate & { readonly scheme: TlsSignatureScheme })[] {
  const accepted = decodeSignatureSchemes(
    required(hello, ExtensionType.signatureAlgorithms, "signature_algorithms"),
  );
  const candidates = offers.flatMap((offer) => {
    const scheme = signatureSchemeFor(offer.credentials, accepted, TLS_1_3);
    return scheme ? [{ ...offer, scheme }] : [];
  });
  if (candidates.length === 0) {
    throw fatalAlert("handshake_failure", "there is no signature scheme in common");
  }
  return candidates;
}

/**
 * Returns the most preferred group for which the client sent a key share. If there is none, returns the most preferred group
 * that the client supports.
 */
function chooseGroup(
  groups: readonly NamedGroup[],
  hello: ClientHello,
): { readonly group: NamedGroup; readonly share: Uint8Array | undefined } {
  const data = required(hello, ExtensionType.supportedGroups, "supported_groups");
  const supported = new Set(decodeSupportedGroups(data));
  const shares = sharesOf(hello);
  if (shares.some(({ group }) => !supported.has(group))) {
    throw fatalAlert("illegal_parameter", "a key share is for a group that is not in supported_groups");
  }
  const common = groups.filter(({ id }) => supported.has(id));
  if (common.length === 0) throw fatalAlert("handshake_failure", "there is no named group in common");
  for (const group of common) {
    const found = shares.find((entry) => entry.group === group.id);
    if (found) return { group, share: found.share };
  }
  return { group: common[0], share: undefined };
}

function sharesOf(hello: ClientHello): KeyShareEntry[] {
  return decodeClientShares(required(hello, ExtensionType.keyShare, "key_share"));
}

/** Returns the data of an extension that section 9.2 makes mandatory. */
function required({ extensions }: ClientHello, type: number, name: string): Uint8Array {
  const data = extensions.get(type);
  if (data === undefined) throw fatalAlert("missing_extension", `the ClientHello has no ${name}`);
  return data;
}

/** Requests a key share for this group with a HelloRetryRequest (section 4.1.4), and returns the second ClientHello. */
export async function requestRetry(
  layer: HandshakeLayer,
  first: ClientHello,
  suite: Tls13Suite,
  group: NamedGroup,
): Promise<ClientHello> {
  layer.transcript.hashFirst(suite.hash);
  const request = encodeServerHello({
    version: TLS_1_2,
    random: RETRY_RANDOM,
    sessionId: first.sessionId,
    cipherSuite: suite.id,
    compressionMethod: 0,
    extensions: new Map([
      [ExtensionType.keyShare, encodeSelectedGroup(group.id)],
      [ExtensionType.supportedVersions, encodeSelectedVersion(TLS_1_3)],
    ]),
  });
  layer.send(HandshakeType.serverHello, request);
  if (first.sessionId.length > 0) layer.sendChangeCipherSpec(); // appendix D.4
  await layer.flush();
  const { body } = await layer.receive(HandshakeType.clientHello);
  layer.checkFlightEnd();
  layer.records.reading.earlyData = 0;
  const second = decodeClientHello(body);
  if (!isSecondTry(first, second)) {
    throw fatalAlert("illegal_parameter", "the second ClientHello differs from the first one");
  }
  return second;
}

/** The extensions that may change in a second ClientHello (section 4.1.2), including padding (RFC 7685). */
const MAY_CHANGE: readonly number[] = [
  ExtensionType.keyShare,
  ExtensionType.cookie,
  ExtensionType.earlyData,
  ExtensionType.preSharedKey,
  ExtensionType.padding,
];

function isSecondTry(first: ClientHello, second: ClientHello): boolean {
  const kept = ({ extensions }: ClientHello) =>
    [...extensions].filter(([type]) => !MAY_CHANGE.includes(type)).sort(([a], [b]) => a - b);
  const [before, after] = [kept(first), kept(second)];
  return first.version === second.version && equalBytes(first.random, second.random) &&
    equalBytes(first.sessionId, second.sessionId) &&
    first.cipherSuites.join() === second.cipherSuites.join() &&
    equalBytes(first.compressionMethods, second.compressionMethods) &&
    before.length === after.length &&
    before.every(([type, data], i) => after[i][0] === type && equalBytes(after[i][1], data));
}

/** Returns the key share of a second ClientHello, which must have exactly one, for the requested group. */
export function chooseShare(hello: ClientHello, group: NamedGroup): Uint8Array {
  const shares = sharesOf(hello);
  if (shares.length !== 1 || shares[0].group !== group.id) {
    throw fatalAlert(
      "illegal_parameter",
      "the second ClientHello does not have the key share that was asked for",
    );
  }
  return shares[0].share;
}
