/**
 * Checks a server's extensions against the client's offer. TLS 1.2 has them in ServerHello, TLS 1.3 in EncryptedExtensions.
 */

import { fatalAlert } from "../alerts.ts";
import { certificateTypesOf } from "../credentials/credentials.ts";
import type { ClientOptions, Settings } from "../options.ts";
import { MAX_PLAINTEXT } from "../record/content.ts";
import * as extensions from "./extensions.ts";
import { type CertificateType, type Extensions, ExtensionType } from "./extensions.ts";
import { contentLimit, offeredRecordLimit, type RecordLimits } from "./record_limit.ts";
import { TLS_1_3 } from "./versions.ts";
import { readEmpty } from "./reader.ts";

/**
 * Refuses extensions that were not offered or are not allowed in the message. The only exception is the cookie of
 * HelloRetryRequest, which is never offered (RFC 8446 section 4.2.2).
 */
export function checkOffered(offer: Extensions, answers: Extensions, allowed?: readonly number[]): void {
  for (const type of answers.keys()) {
    const isFirstCookie = type === ExtensionType.cookie && allowed?.includes(type);
    if (!offer.has(type) && !isFirstCookie) {
      throw fatalAlert(
        "unsupported_extension",
        `the server answers extension ${type}, which was not offered`,
      );
    }
    if (allowed !== undefined && !allowed.includes(type)) {
      throw fatalAlert("illegal_parameter", `extension ${type} is not allowed in this message`);
    }
  }
}

/** Returns whether the server answered with an extension that has no contents. */
export function hasFlag(answers: Extensions, type: number, name: string): boolean {
  const data = answers.get(type);
  if (data !== undefined) readEmpty(name, data);
  return data !== undefined;
}

/** Returns the application protocol that the server chose, if any (RFC 7301). */
export function chosenAlpn({ alpnProtocols }: Settings, answers: Extensions): string | undefined {
  const data = answers.get(ExtensionType.applicationLayerProtocolNegotiation);
  if (data === undefined) return undefined;
  const chosen = extensions.decodeAlpn(data);
  if (chosen.length !== 1 || !alpnProtocols.includes(chosen[0])) {
    throw fatalAlert("illegal_parameter", "the server chose an application protocol that was not offered");
  }
  return chosen[0];
}

/** Returns the type of credentials that the server will show (RFC 7250). */
export function chosenServerCertificateType(
  { certificateTypes = ["x509"] }: ClientOptions,
  answers: Extensions,
): CertificateType {
  const data = answers.get(ExtensionType.serverCertificateType);
  const type = data === undefined ? "x509" : extensions.decodeCertificateType(data);
  if (!certificateTypes.includes(type)) {
    throw data === undefined
      ? fatalAlert("unsupported_certificate", "the server has no raw public key to show", "not_offered")
      : fatalAlert("illegal_parameter", "the server chose a certificate type that was not offered");
  }
  return type;
}

/** Returns the type of credentials that the server requests from this client, if it requests any (RFC 7250). */
export function chosenClientCertificateType(
  { credentials }: ClientOptions,
  answers: Extensions,
): CertificateType {
  const data = answers.get(ExtensionType.clientCertificateType);
  if (data === undefined) return "x509";
  const type = extensions.decodeCertificateType(data);
  if (credentials === undefined || !certificateTypesOf(credentials).includes(type)) {
    throw fatalAlert("illegal_parameter", "the server chose a certificate type that was not offered");
  }
  return type;
}

/** Returns the limits of records, if the server sent record_size_limit. */
export function answeredRecordLimit(
  settings: Settings,
  answers: Extensions,
  version: number,
): RecordLimits | undefined {
  const data = answers.get(ExtensionType.recordSizeLimit);
  if (data === undefined) return undefined;
  const own = version === TLS_1_3
    ? settings.recordSizeLimit
    : Math.min(offeredRecordLimit(settings), MAX_PLAINTEXT);
  return { own, peer: contentLimit(data, version) };
}
