/** The server's choices from a ClientHello that do not depend on the version. Response extensions are added to `answer`. */

import { fatalAlert } from "../alerts.ts";
import type { ClientAuthentication, Settings } from "../options.ts";
import * as extensions from "./extensions.ts";
import { type CertificateType, ExtensionType } from "./extensions.ts";
import type { ClientHello } from "./messages.ts";
import { contentLimit, recordLimitFor, type RecordLimits } from "./record_limit.ts";

/** The extensions of a server's response, while they are collected. */
export type Answer = Map<number, Uint8Array>;

/** Returns the host name in the client's server_name, if any (RFC 6066 section 3). */
export function requestedName(hello: ClientHello): string | undefined {
  const data = hello.extensions.get(ExtensionType.serverName);
  return data && extensions.decodeServerName(data);
}

/** Returns whether the client accepts a stapled OCSP response (RFC 6066 section 8). */
export function takesOcspResponse({ extensions: offered }: ClientHello): boolean {
  const data = offered.get(ExtensionType.statusRequest);
  return data !== undefined && extensions.asksForOcsp(data);
}

/**
 * Chooses the application protocol by the server's preference (RFC 7301 section 3.2). A server without protocols ignores the
 * extension.
 */
export function chooseAlpn(
  { alpnProtocols }: Settings,
  hello: ClientHello,
  answer: Answer,
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

/**
 * Returns the type of credentials to request from the client (RFC 7250 section 4.2), or undefined if none are requested. If
 * credentials are optional, none are requested from a client without an accepted type.
 */
export function chooseClientCertificateType(
  authentication: ClientAuthentication | undefined,
  hello: ClientHello,
  answer: Answer,
): CertificateType | undefined {
  if (authentication === undefined) return undefined;
  const { certificateTypes = ["x509"], required = true } = authentication;
  const data = hello.extensions.get(ExtensionType.clientCertificateType);
  const offered = data === undefined ? ["x509" as const] : extensions.decodeCertificateTypes(data);
  const type = certificateTypes.find((type) => offered.includes(type));
  if (type === undefined && required) {
    throw fatalAlert(
      "unsupported_certificate",
      "the client has no credentials of a type that is asked for",
      "not_offered",
    );
  }
  if (data !== undefined && type !== undefined) {
    answer.set(ExtensionType.clientCertificateType, extensions.encodeCertificateType(type));
  }
  return type;
}

/** Answers the client's record_size_limit with the server's (RFC 8449). */
export function answerRecordLimit(
  { recordSizeLimit }: Settings,
  hello: ClientHello,
  answer: Answer,
  version: number,
): RecordLimits | undefined {
  const data = hello.extensions.get(ExtensionType.recordSizeLimit);
  if (data === undefined) return undefined;
  const own = recordLimitFor(recordSizeLimit, version);
  answer.set(ExtensionType.recordSizeLimit, extensions.encodeRecordSizeLimit(own));
  return { own: recordSizeLimit, peer: contentLimit(data, version) };
}
