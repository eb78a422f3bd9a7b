/** Parses subject alternative names from text, for new certificates. */

import type { GeneralName } from "./general_name.ts";
import { parseIpAddress } from "../../ip_address.ts";
import { hostLabels } from "./host_name.ts";

/**
 * Parses `dns:host.example`, `ip:192.0.2.1`, `email:user@host.example` or `uri:https://host.example/`. The prefix may be in
 * capitals, as OpenSSL writes it. Text without a prefix is an IP address if it parses as one, else a DNS name.
 *
 * @throws {RangeError} If the text is anything else.
 */
export function parseAlternativeName(text: string): GeneralName {
  const [, written, value] = /^(?:(dns|ip|email|uri):)?(.*)$/is.exec(text)!;
  const prefix = written?.toLowerCase();
  const address = prefix === undefined || prefix === "ip" ? parseIpAddress(value) : undefined;
  const name: GeneralName = address !== undefined
    ? { type: "ip", value: address }
    : { type: (prefix ?? "dns") as "dns" | "email" | "uri", value };
  if (!isUsableName(name)) throw new RangeError(`not a subject alternative name: ${text}`);
  return name;
}

/**
 * Returns whether a name may be in a new certificate. It must be a well-formed DNS name (its leftmost label may be `*`), IP
 * address, e-mail address or URI.
 */
export function isUsableName(name: GeneralName): boolean {
  switch (name.type) {
    case "dns":
      return name.value.startsWith("*.") ? labelCount(name.value.slice(2)) >= 2 : labelCount(name.value) > 0;
    case "ip":
      return name.value.length === 4 || name.value.length === 16;
    case "email":
      return /^[!-?A-~]{1,64}@[^@]+$/.test(name.value) &&
        labelCount(name.value.split("@")[1]) > 0;
    case "uri":
      return /^[!-~]+$/.test(name.value) && URL.canParse(name.value);
    default:
      return false;
  }
}

/** Returns how many labels a DNS name has; 0 if the text is not a DNS name. */
function labelCount(text: string): number {
  return hostLabels(text)?.length ?? 0;
}
