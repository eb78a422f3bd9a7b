/** Makes the ClientHello, which offers all enabled versions. */

import { EMPTY } from "../../bytes.ts";
import { hostNameToSend } from "../../x509/names/server_name.ts";
import { certificateTypesOf } from "../credentials/credentials.ts";
import { CERTIFICATE_SCHEMES } from "../credentials/signature_schemes.ts";
import type { KeyExchange } from "../key_exchange/key_exchange.ts";
import type { OfferedGroup } from "../key_exchange/named_group.ts";
import type { ClientOptions, Settings } from "../options.ts";
import { encodeRekeyOffer } from "../tls12/rekey_extension.ts";
import * as extensions from "./extensions.ts";
import { ExtensionType } from "./extensions.ts";
import { encodeClientShares, encodeSupportedGroups, type KeyShareEntry } from "./key_share.ts";
import type { HandshakeLayer } from "./layer.ts";
import type { ClientHello } from "./messages.ts";
import { offeredRecordLimit } from "./record_limit.ts";
import { encodeSupportedVersions, TLS_1_2, TLS_1_3 } from "./versions.ts";

/** The state from which the handshake of a version continues after the ClientHello. */
export interface ClientHandshake {
  readonly layer: HandshakeLayer;
  readonly settings: Settings;
  readonly options: ClientOptions;
  readonly hello: ClientHello;
  /** The key exchanges whose public values are in the ClientHello. */
  readonly shares: readonly OfferedGroup[];
}

/** Makes the ClientHello for these options. */
export function clientHello(
  settings: Settings,
  options: ClientOptions,
): Pick<ClientHandshake, "hello" | "shares"> {
  const { random, tls13Suites, tls12Suites } = settings;
  const hello = {
    version: TLS_1_2,
    random: random(32),
    // Sessions are never resumed. With TLS 1.3 the session id is for compatibility with middleboxes (RFC 8446 appendix D.4).
    sessionId: tls13Suites.length > 0 ? random(32) : EMPTY,
    cipherSuites: [...tls13Suites, ...tls12Suites].map(({ id }) => id),
    compressionMethods: Uint8Array.of(0),
  };
  const shares = tls13Suites.length > 0 ? offeredShares(settings) : [];
  const offer = new Map<number, Uint8Array>();
  offerCommon(offer, settings, options);
  if (tls12Suites.length > 0) offerTls12(offer, settings);
  if (tls13Suites.length > 0) offerTls13(offer, settings, shares);
  return { hello: { ...hello, extensions: offer }, shares };
}

/** Begins the key exchanges whose public values are sent in the ClientHello, before the server has chosen a group. */
function offeredShares({ groups, random }: Settings): OfferedGroup[] {
  const [group] = groups;
  const exchange = group.generate(random);
  const { fallback } = exchange;
  return [{ group, exchange }, ...(fallback && groups.includes(fallback.group) ? [fallback] : [])];
}

function offerCommon(offer: Map<number, Uint8Array>, settings: Settings, options: ClientOptions): void {
  const { serverName, certificateTypes = ["x509"], credentials } = options;
  const hostName = serverName === undefined ? undefined : hostNameToSend(serverName, "serverName");
  if (hostName !== undefined) offer.set(ExtensionType.serverName, extensions.encodeServerName(hostName));
  if (certificateTypes[0] === "x509") offer.set(ExtensionType.statusRequest, extensions.OCSP_STATUS_REQUEST);
  offer.set(ExtensionType.signatureAlgorithms, extensions.encodeSignatureSchemes(CERTIFICATE_SCHEMES));
  offer.set(ExtensionType.signatureAlgorithmsCert, extensions.encodeSignatureSchemes(CERTIFICATE_SCHEMES));
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
  offer.set(ExtensionType.recordSizeLimit, extensions.encodeRecordSizeLimit(offeredRecordLimit(settings)));
}

function offerTls12(offer: Map<number, Uint8Array>, settings: Settings): void {
  if (settings.encryptThenMac && settings.tls12Suites.some(({ cbc }) => cbc)) {
    offer.set(ExtensionType.encryptThenMac, EMPTY);
  }
  const hasExchange = (wanted: KeyExchange["name"]) =>
    settings.tls12Suites.some(({ keyExchange }) => keyExchange.name === wanted);
  if (hasExchange("ECDHE")) {
    const groups = settings.groups.filter(({ tls13Only }) => !tls13Only);
    offer.set(ExtensionType.supportedGroups, encodeSupportedGroups(groups.map(({ id }) => id)));
    offer.set(ExtensionType.ecPointFormats, extensions.UNCOMPRESSED_POINTS);
  }
  if (settings.extendedMasterSecret) {
    offer.set(ExtensionType.extendedMasterSecret, EMPTY);
    if (hasExchange("RSA")) offer.set(ExtensionType.rekey, encodeRekeyOffer(settings.rekey));
  }
  offer.set(ExtensionType.renegotiationInfo, extensions.INITIAL_RENEGOTIATION_INFO);
}

function offerTls13(
  offer: Map<number, Uint8Array>,
  { groups, tls12Suites }: Settings,
  shares: readonly OfferedGroup[],
): void {
  const versions = tls12Suites.length > 0 ? [TLS_1_3, TLS_1_2] : [TLS_1_3];
  offer.set(ExtensionType.supportedVersions, encodeSupportedVersions(versions));
  offer.set(ExtensionType.supportedGroups, encodeSupportedGroups(groups.map(({ id }) => id)));
  offer.set(ExtensionType.keyShare, encodeClientShares(shares.map(shareEntry)));
}

/** Returns the entry in key_share for an offered group. */
export function shareEntry({ group, exchange }: OfferedGroup): KeyShareEntry {
  return { group: group.id, share: exchange.share };
}
