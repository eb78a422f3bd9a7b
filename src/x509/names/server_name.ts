/** Parses the name of a server to connect to: a DNS name or an IP address. */

import { hostLabels } from "./host_name.ts";
import { parseIpAddress } from "../../ip_address.ts";

/** A server's name, as in certificates. */
export type ServerName =
  | { readonly type: "ip"; readonly address: Uint8Array }
  | { readonly type: "dns"; readonly labels: readonly string[] };

/**
 * Parses a DNS name in ASCII, optionally with a dot at its end, or an IP address, optionally in brackets. An IPv6 address
 * may have a zone (RFC 4007 section 11). The zone is dropped, since it has a meaning only on this machine.
 *
 * @returns The name, or undefined if the text is neither.
 */
export function readServerName(text: string): ServerName | undefined {
  const bare = text.replace(/^\[(.*)\]$/s, "$1");
  const address = parseIpAddress(bare.includes(":") ? bare.replace(/%[^%\s\]]+$/, "") : bare);
  if (address !== undefined) return { type: "ip", address };
  const labels = hostLabels(text.replace(/\.$/, ""));
  return labels && { type: "dns", labels };
}

/**
 * Returns the HostName that a client sends in server_name (RFC 6066 section 3): the DNS name without a dot at its end.
 * Returns undefined for an IP address, which must not be sent.
 *
 * @param option The name of the option, for errors: `serverName`.
 * @throws {TypeError} If the text is neither a DNS name nor an IP address. The message says what to write instead.
 */
export function hostNameToSend(text: string, option: string): string | undefined {
  const name = readServerName(text);
  if (name === undefined) {
    throw new TypeError(`${option}: ${JSON.stringify(text)} is not a DNS name or an IP address${hint(text)}`);
  }
  return name.type === "ip" ? undefined : text.replace(/\.$/, "");
}

/** Returns a suggestion if the text is something that is often mistaken for a server's name, such as a URL. */
function hint(text: string): string {
  if (!/[^0-9.]/.test(text) || /[\s\0]/.test(text)) return "";
  const url = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `https://${text}`;
  if (!URL.canParse(url)) return "";
  // The URL parser normalizes hosts only in URLs of known schemes.
  const { hostname } = new URL(url.replace(/^[^:]+/, "https"));
  const isBetter = hostname !== text && readServerName(hostname) !== undefined;
  return isBetter ? `: use ${JSON.stringify(hostname)}` : "";
}
