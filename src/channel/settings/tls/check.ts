/** Checks of the options of `certificate` and `key`, before anything touches the wire. */

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

/** Refuses options of the wrong type that both sides have. */
export function checkTlsSetting(
  { minimumKeyBits, ordinaryPeers, rekey, keyLog }: TlsSettingOptions,
): void {
  if (minimumKeyBits !== undefined && typeof minimumKeyBits !== "number") {
    throw wrongType("minimumKeyBits", "a number", minimumKeyBits);
  }
  if (ordinaryPeers !== undefined && typeof ordinaryPeers !== "boolean") {
    throw wrongType("ordinaryPeers", "true or false", ordinaryPeers);
  }
  if (rekey !== undefined) checkOptions("rekey", rekey);
  if (keyLog !== undefined && typeof keyLog !== "function") throw wrongType("keyLog", "a function", keyLog);
}

/** Refuses a `trust` that is neither a check nor `"anyone"`. */
export function checkKeyTrust(trust: KeyTrust | undefined): void {
  if (trust === "anyone") return;
  const hint = typeof trust === "string" ? "pin(…) makes a check of a pin" : "";
  if (typeof trust !== "object" || trust === null || typeof trust.check !== "function") {
    throw wrongType("trust", 'pin(…), firstUse(…), a check of your own or "anyone"', trust, hint);
  }
}

/** Refuses `clients` options that have neither `roots` nor `trust`, or both. */
export function checkClients(clients: ClientTrust | undefined): void {
  if (clients === undefined) return;
  checkOptions("clients", clients);
  if ("roots" in clients === "trust" in clients) throw new TypeError("clients has either roots or trust");
  if ("trust" in clients) checkKeyTrust(clients.trust);
}

/** Refuses a stapled response that is not bytes. */
export function checkOcspResponse(response: unknown): void {
  if (response !== undefined && !isBytes(response)) throw wrongType("ocspResponse", "a Uint8Array", response);
}
