/** Matches server names with certificates (RFC 9525, which obsoletes RFC 6125). */

import { equalBytes } from "../../bytes.ts";
import type { Certificate } from "./certificate.ts";
import { hostLabels } from "../names/host_name.ts";
import { readServerName } from "../names/server_name.ts";

/**
 * Returns whether a certificate is for the server with this DNS name or IP address (as text).
 *
 * Only the subjectAltName counts, never the subject (RFC 9525). DNS names are compared as A-labels, ignoring case. A `*` may
 * stand for the whole leftmost label of a name with at least two more labels (section 6.3). An IP address is compared only
 * with IP entries, byte for byte (section 6.4). A dot at the end of the server's name and the zone of an IPv6 address are
 * dropped. A name that is not ASCII never matches: pass its A-label form (`xn--…`).
 *
 * @throws {TypeError} If `serverName` is empty.
 * @example
 * ```ts
 * import { type Certificate, matchesName } from "@fesa/channel/x509";
 *
 * function isOurs(certificate: Certificate): boolean {
 *   return matchesName(certificate, "server.example");
 * }
 * ```
 */
export function matchesName(certificate: Certificate, serverName: string): boolean {
  if (serverName === "") throw new TypeError("the server's name is empty");
  const name = readServerName(serverName);
  const names = certificate.extensions.subjectAltName ?? [];
  if (name?.type === "ip") {
    return names.some(({ type, value }) => type === "ip" && equalBytes(value, name.address));
  }
  return name !== undefined &&
    names.some(({ type, value }) => type === "dns" && matchesPattern(value, name.labels));
}

/** Compares a DNS name with an entry (RFC 9525 section 6.3). A wildcard for a whole top-level domain never matches. */
function matchesPattern(pattern: string, labels: readonly string[]): boolean {
  const isWildcard = pattern.startsWith("*.");
  const fixed = hostLabels(isWildcard ? pattern.slice(2) : pattern);
  if (fixed === undefined || (isWildcard && fixed.length < 2)) return false;
  const compared = isWildcard ? labels.slice(1) : labels;
  return compared.length === fixed.length && compared.every((label, i) => label === fixed[i]);
}
