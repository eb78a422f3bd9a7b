/** Checks the options of `certificate` and `key` before anything is sent. */

import { checkNames, checkOptions, isBytes, wrongType } from "../../../check.ts";
import { hostNameToSend } from "../../../x509/names/server_name.ts";
import type { CertificateClient, CertificateServer } from "../certificate/options.ts";
import type { KeyClient, KeyServer } from "../key/options.ts";
import type { KeyTrust } from "../key/trust.ts";
import type { ClientTrust, OwnKey, TlsSettingOptions } from "./options.ts";

const TRUST = {
  roots: true,
  crls: true,
  revocation: true,
  crlIssuers: true,
  maximumAgeDays: true,
  trust: true,
} as const;

const OWN_KEY = { key: true, certificates: true } as const;

const COMMON = {
  setting: true,
  algorithm: true,
  keyExchange: true,
  compression: true,
  minimumKeyBits: true,
  ordinaryPeers: true,
  rekey: true,
  keyLog: true,
} as const;

/** Refuses options of a client that have an unknown name or the wrong type. */
export function checkTlsClient(security: CertificateClient | KeyClient): void {
  checkNames("security", security, { ...COMMON, ...TRUST, credentials: true, serverName: true });
  checkTlsSetting(security);
  const { serverName, credentials } = security;
  if (serverName !== undefined) checkServerName(serverName);
  if (credentials === undefined) return;
  checkOptions("credentials", credentials);
  checkNames<OwnKey>("credentials", credentials, OWN_KEY);
}

/** Refuses options of a server that are missing, or have an unknown name or the wrong type. */
export function checkTlsServer(offer: CertificateServer | KeyServer): void {
  checkNames("security[…]", offer, { ...COMMON, ...OWN_KEY, clients: true, ocspResponse: true });
  checkTlsSetting(offer);
  checkClients(offer.clients);
  if (offer.setting === "key") return;
  const { ocspResponse, certificates } = offer;
  if (ocspResponse !== undefined && !isBytes(ocspResponse)) {
    throw wrongType("ocspResponse", "a Uint8Array", ocspResponse);
  }
  if (certificates === undefined) throw new TypeError("the setting certificate needs certificates");
}

/** Refuses a server name that is not a host name or IP address, such as one with a scheme or port. */
function checkServerName(serverName: unknown): void {
  if (typeof serverName !== "string") {
    throw wrongType("serverName", "a DNS name or an IP address", serverName);
  }
  hostNameToSend(serverName, "serverName");
}

function checkTlsSetting({ minimumKeyBits, ordinaryPeers, rekey, keyLog }: TlsSettingOptions): void {
  if (minimumKeyBits !== undefined && typeof minimumKeyBits !== "number") {
    throw wrongType("minimumKeyBits", "a number", minimumKeyBits);
  }
  checkOrdinaryPeers(ordinaryPeers);
  if (rekey !== undefined) checkOptions("rekey", rekey);
  if (keyLog !== undefined && typeof keyLog !== "function") throw wrongType("keyLog", "a function", keyLog);
}

function checkOrdinaryPeers(value: unknown): void {
  if (value === undefined || typeof value === "boolean") return;
  if (!Array.isArray(value)) {
    throw wrongType("ordinaryPeers", "true, false or a list of ALPN protocols", value);
  }
  if (value.length === 0) throw new TypeError("ordinaryPeers is an empty list");
  const wrong = value.find((name) => !isOrdinaryProtocol(name));
  if (wrong !== undefined) {
    throw new TypeError(`ordinaryPeers: ${String(wrong)} is not an ALPN protocol of ordinary peers`);
  }
}

/**
 * Returns whether a name is an ALPN protocol name of 1 to 255 bytes (RFC 7301 section 3.1) that is neither this library's
 * nor that of ACME (RFC 8737).
 */
export function isOrdinaryProtocol(name: unknown): boolean {
  return typeof name === "string" && /^[!-~]{1,255}$/.test(name) && !/^(?:fesa|acme-tls)\//.test(name);
}

/** Refuses an option `trust` that is neither a check nor `"anyone"`. */
export function checkKeyTrust(trust: KeyTrust | undefined): void {
  if (trust === "anyone") return;
  const hint = typeof trust === "string" ? "pin(…) turns a pin into a check" : "";
  if (typeof trust !== "object" || trust === null || typeof trust.check !== "function") {
    throw wrongType("trust", 'pin(…), firstUse(…), a check of your own or "anyone"', trust, hint);
  }
}

/** Refuses an option `clients` unless it has exactly one of `roots` and `trust`. */
function checkClients(clients: ClientTrust | undefined): void {
  if (clients === undefined) return;
  checkOptions("clients", clients);
  checkNames("clients", clients, TRUST);
  if ("roots" in clients === "trust" in clients) {
    throw new TypeError("clients must have either roots or trust");
  }
  if ("trust" in clients) checkKeyTrust(clients.trust);
}
