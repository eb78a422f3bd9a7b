/** Checks the options of `certificate` and `key` before anything is sent. */

import { checkOptions, isBytes, wrongType } from "../../../check.ts";
import { hostNameToSend } from "../../../x509/names/server_name.ts";
import type { KeyTrust } from "../key/trust.ts";
import type { ClientTrust, TlsSettingOptions } from "./options.ts";

/** Refuses a server name that is not a host name or IP address, such as one with a scheme or port. */
export function checkServerName(serverName: unknown): void {
  if (typeof serverName !== "string") {
    throw wrongType("serverName", "a DNS name or an IP address", serverName);
  }
  hostNameToSend(serverName, "serverName");
}

/** Refuses common options of both sides that have the wrong type. */
export function checkTlsSetting(
  { minimumKeyBits, ordinaryPeers, rekey, keyLog }: TlsSettingOptions,
): void {
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
export function checkClients(clients: ClientTrust | undefined): void {
  if (clients === undefined) return;
  checkOptions("clients", clients);
  if ("roots" in clients === "trust" in clients) {
    throw new TypeError("clients must have either roots or trust");
  }
  if ("trust" in clients) checkKeyTrust(clients.trust);
}

/** Refuses an OCSP response that is not a Uint8Array. */
export function checkOcspResponse(response: unknown): void {
  if (response !== undefined && !isBytes(response)) throw wrongType("ocspResponse", "a Uint8Array", response);
}
