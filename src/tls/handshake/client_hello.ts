/** The ClientHello of a client: one message that offers every version. */

import { EMPTY } from "../../bytes.ts";
import { certificateTypesOf } from "../credentials/credentials.ts";
import { CERTIFICATE_SCHEMES } from "../credentials/signature_schemes.ts";
import type { ClientOptions, Settings } from "../options.ts";
import { encodeRekeyOffer } from "../tls12/rekey_extension.ts";
import * as extensions from "./extensions.ts";
import { type Extensions, ExtensionType } from "./extensions.ts";
import type { HandshakeLayer } from "./layer.ts";
import { type ClientHello, TLS_1_2 } from "./messages.ts";

/** What the handshake of a version goes on from, once the ClientHello was sent. */
export interface ClientHandshake {
  readonly layer: HandshakeLayer;
  readonly settings: Settings;
  readonly options: ClientOptions;
  readonly hello: ClientHello;
}

/** Makes the ClientHello that these options ask for. */
export function clientHello(settings: Settings, options: ClientOptions): ClientHello {
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
