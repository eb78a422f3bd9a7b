/** The credentials of a server, and which of them a client gets to see. */

import { EMPTY } from "../../bytes.ts";
import { matchesName } from "../../x509/certificate/server_name.ts";
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
import type { KeyExchange } from "../key_exchange/key_exchange.ts";
import { certificateTypesOf, checkCredentials, type Credentials, publicKeyOf } from "./credentials.ts";

/** One of a server's credentials, with what goes for its sessions. */
export interface Offer {
  readonly credentials: ServerCredentials;
  readonly settings: Settings;
  readonly clientAuthentication: ClientAuthentication | undefined;
}

/**
 * Returns what a server of these options offers, which holds for every connection.
 *
 * @throws {RangeError} If a number is out of its range, or a key is too short.
 * @throws {TypeError} If another option makes no sense, or no client could be served.
 */
export function offersOf(options: ServerOptions): readonly Offer[] {
  if (options.credentials.length === 0) throw new TypeError("credentials is empty");
  return options.credentials.map((credentials) => {
    const chosen = Object.entries(credentials).filter(([, choice]) => choice !== undefined);
    const choices: ServerOptions = { ...options, ...Object.fromEntries(chosen) };
    const settings = settingsOf(choices);
    checkCredentials(credentials, settings.minimumKeyBits);
    return { credentials, settings, clientAuthentication: choices.clientAuthentication };
  });
}

/** Whether these credentials can do this key exchange: by the type of the key, and by what its certificate allows. */
export function canExchangeKeys(credentials: Credentials, { fits, keyUsage }: KeyExchange): boolean {
  const allowed = credentials.certificates?.[0]?.extensions.keyUsage;
  return fits(publicKeyOf(credentials)) && (allowed === undefined || allowed.has(keyUsage));
}

/** Whether a client could have had TLS 1.3. */
export function enablesTls13(offers: readonly Offer[]): boolean {
  return offers.some(({ settings }) => settings.tls13Suites.length > 0);
}

/**
 * Chooses the credentials for a client: of the type that it prefers, by name, and among equals the first. The certificate
 * around a raw key comes last, since it is there for clients that know no raw keys.
 */
export function chooseOffer<Candidate extends Offer>(
  candidates: readonly Candidate[],
  hello: ClientHello,
  serverName: string | undefined,
  answer: Answer,
): { readonly offer: Candidate; readonly certificateType: CertificateType } {
  const data = hello.extensions.get(ExtensionType.serverCertificateType);
  const accepted = data === undefined ? ["x509" as const] : extensions.decodeCertificateTypes(data);
  for (const type of accepted) {
    const able = candidates.filter(({ credentials }) => certificateTypesOf(credentials).includes(type));
    if (able.length === 0) continue;
    if (data !== undefined) {
      answer.set(ExtensionType.serverCertificateType, extensions.encodeCertificateType(type));
    }
    if (type === "raw") return { offer: able[0], certificateType: type };
    const named = able.find(({ credentials }) => hasName(credentials, serverName));
    if (named !== undefined) answer.set(ExtensionType.serverName, EMPTY); // RFC 6066 section 3
    const certified = able.find(({ credentials }) => !certificateTypesOf(credentials).includes("raw"));
    return { offer: named ?? certified ?? able[0], certificateType: type };
  }
  throw fatalAlert(
    "unsupported_certificate",
    "the client takes no type of credentials that this server has",
    "not_offered",
  );
}

function hasName({ certificates = [] }: Credentials, serverName: string | undefined): boolean {
  return serverName !== undefined && certificates.length > 0 && matchesName(certificates[0], serverName);
}
