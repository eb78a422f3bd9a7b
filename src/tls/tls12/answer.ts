/** Checking ServerHello against the ClientHello that it answers (RFC 5246 section 7.4.1.3). */

import { fatalAlert } from "../alerts.ts";
import {
  answeredRecordLimit,
  checkOffered,
  chosenAlpn,
  chosenClientCertificateType,
  chosenServerCertificateType,
  hasFlag,
} from "../handshake/answers.ts";
import type { ClientHandshake } from "../handshake/client_hello.ts";
import * as extensions from "../handshake/extensions.ts";
import { type Extensions, ExtensionType } from "../handshake/extensions.ts";
import type { ServerHello } from "../handshake/messages.ts";
import { TLS_1_2 } from "../handshake/versions.ts";
import type { Tls12Suite } from "./cipher_suites.ts";
import { type SecurityParameters, settleExtendedMasterSecret } from "./parameters.ts";
import { decodeRekeyOffer, keyLimits, type RekeyOffer } from "./rekey_extension.ts";

/** Returns what the two hello messages agree on. */
export function acceptServerHello(
  { settings, options, hello }: ClientHandshake,
  answer: ServerHello,
): SecurityParameters {
  const suite = settings.tls12Suites.find(({ id }) => id === answer.cipherSuite);
  if (suite === undefined || answer.compressionMethod !== 0) {
    throw fatalAlert("illegal_parameter", "the server chose a suite or compression that was not offered");
  }
  const answers = answer.extensions;
  checkOffered(hello.extensions, answers);
  hasFlag(answers, ExtensionType.serverName, "server_name");
  checkSecureRenegotiation(answers);
  checkPointFormats(answers);
  const encryptThenMac = hasFlag(answers, ExtensionType.encryptThenMac, "encrypt_then_mac");
  if (encryptThenMac && !suite.cbc) {
    throw fatalAlert("illegal_parameter", "encrypt_then_mac is for CBC suites alone"); // RFC 7366 section 3
  }
  return {
    suite,
    randoms: { client: hello.random, server: answer.random },
    extendedMasterSecret: settleExtendedMasterSecret(
      settings.extendedMasterSecret,
      hasFlag(answers, ExtensionType.extendedMasterSecret, "extended_master_secret"),
    ),
    encryptThenMac,
    serverName: options.serverName,
    alpnProtocol: chosenAlpn(settings, answers),
    serverCertificateType: chosenServerCertificateType(options, answers),
    clientCertificateType: chosenClientCertificateType(options, answers),
    certificateStatus: hasFlag(answers, ExtensionType.statusRequest, "status_request"),
    recordLimits: answeredRecordLimit(settings, answers, TLS_1_2),
    keyLimits: keyLimits(suite.keyLimit, settings.rekey, rekeyOffer(suite, answers)),
  };
}

/** Reads the server's fesa_rekey, which is allowed only with RSA key exchange and the extended master secret. */
function rekeyOffer({ keyExchange }: Tls12Suite, answers: Extensions): RekeyOffer | undefined {
  const data = answers.get(ExtensionType.rekey);
  if (data === undefined) return undefined;
  const offer = decodeRekeyOffer(data);
  if (!offer || keyExchange.name !== "RSA" || !answers.has(ExtensionType.extendedMasterSecret)) {
    throw fatalAlert("illegal_parameter", "the server's answer to fesa_rekey is not allowed");
  }
  return offer;
}

/** Requires uncompressed points, if the server sent ec_point_formats (RFC 8422 section 5.2). */
function checkPointFormats(answers: Extensions): void {
  const formats = answers.get(ExtensionType.ecPointFormats);
  if (formats && !extensions.takesUncompressedPoints(formats)) {
    throw fatalAlert("illegal_parameter", "the server does not accept uncompressed points");
  }
}

/** A server that does not signal RFC 5746 could be renegotiating after an attacker's prefix (section 4.1). */
function checkSecureRenegotiation(answers: Extensions): void {
  const info = answers.get(ExtensionType.renegotiationInfo);
  if (info === undefined) {
    throw fatalAlert("handshake_failure", "the server does not support secure renegotiation (RFC 5746)");
  }
  extensions.checkRenegotiationInfo(info);
}
