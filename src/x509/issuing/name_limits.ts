/** The names that a new CA may certify, as nameConstraints of its certificate (RFC 5280 section 4.2.1.10). */

import { der } from "../../asn1/mod.ts";
import { parseIpRange } from "../../ip_address.ts";
import { EXTENSION_OIDS } from "../certificate/extensions.ts";
import { encodeGeneralName, type GeneralName } from "../names/general_name.ts";
import { hostLabels } from "../names/host_name.ts";
import { extension } from "./encode.ts";

/**
 * Limits on the names that a CA may certify. A limit is a domain with its subdomains, such as `firm.example`, or an address
 * range, such as `10.0.0.0/8`.
 */
export interface NameLimits {
  /** The names that the CA may certify. If the list is not empty, it may certify no others. */
  readonly permittedNames?: readonly string[] | undefined;
  /** The names that the CA may not certify. */
  readonly excludedNames?: readonly string[] | undefined;
}

/**
 * The subtrees of all names. If only some forms of name have permitted names, the other forms must be excluded, because they
 * would be unrestricted otherwise.
 */
const EVERYTHING: readonly GeneralName[] = [
  { type: "dns", value: "" },
  { type: "ip", value: new Uint8Array(8) },
  { type: "ip", value: new Uint8Array(32) },
];

/** Returns the encoded extension in a list, which is empty if there are no limits. */
export function nameConstraints({ permittedNames = [], excludedNames = [] }: NameLimits): Uint8Array[] {
  const permitted = permittedNames.map(parseNameLimit);
  const excluded = excludedNames.map(parseNameLimit);
  if (permitted.length > 0) {
    excluded.push(...EVERYTHING.filter(({ type }) => permitted.every((name) => name.type !== type)));
  }
  const fields = [...subtrees(0, permitted), ...subtrees(1, excluded)];
  return fields.length === 0
    ? []
    : [extension(EXTENSION_OIDS.nameConstraints, true, der.sequence(...fields))];
}

/**
 * Reads a domain or a range of addresses, optionally prefixed with `dns:` or `ip:`.
 *
 * @throws {RangeError} If it is neither.
 */
export function parseNameLimit(text: string): GeneralName {
  const [, kind, value] = /^(?:(dns|ip):)?(.*)$/is.exec(text)!;
  const range = kind?.toLowerCase() === "dns" ? undefined : parseIpRange(value);
  if (range !== undefined) {
    const mask = range.address.map((_, i) => 0xff00 >> Math.min(8, Math.max(0, range.bits - 8 * i)));
    return { type: "ip", value: Uint8Array.of(...range.address.map((byte, i) => byte & mask[i]), ...mask) };
  }
  if (kind?.toLowerCase() === "ip" || hostLabels(value) === undefined) {
    throw new RangeError(`not a domain or a range of addresses: ${text}`);
  }
  return { type: "dns", value };
}

function subtrees(number: number, names: readonly GeneralName[]): Uint8Array[] {
  if (names.length === 0) return [];
  return [der.implicit(number, der.sequence(...names.map((name) => der.sequence(encodeGeneralName(name)))))];
}
