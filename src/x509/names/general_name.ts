/** Reads and encodes GeneralName (RFC 5280 section 4.2.1.6). */

import { constructed, context, der, type DerReader, TAG } from "../../asn1/mod.ts";
import { toHex } from "../../bytes.ts";
import { formatIpAddress } from "../../ip_address.ts";
import { type Name, readName } from "./name.ts";

/** A name in one of the nine forms of GeneralName. DNS names, e-mail addresses and URIs are ASCII, as in certificates. */
export type GeneralName =
  | { readonly type: "otherName"; readonly oid: string; readonly value: Uint8Array }
  | { readonly type: "email"; readonly value: string }
  | { readonly type: "dns"; readonly value: string }
  | { readonly type: "x400Address"; readonly value: Uint8Array }
  | { readonly type: "directoryName"; readonly value: Name }
  | { readonly type: "ediPartyName"; readonly value: Uint8Array }
  | { readonly type: "uri"; readonly value: string }
  | { readonly type: "ip"; readonly value: Uint8Array }
  | { readonly type: "registeredId"; readonly value: string };

/** Reads a GeneralName. `ipLengths` are the allowed lengths of IP addresses. */
export function readGeneralName(reader: DerReader, ipLengths: readonly number[] = [4, 16]): GeneralName {
  if (reader.has(context(1))) return { type: "email", value: reader.ia5String(context(1)) };
  if (reader.has(context(2))) return { type: "dns", value: reader.ia5String(context(2)) };
  if (reader.has(context(6))) return { type: "uri", value: reader.ia5String(context(6)) };
  if (reader.has(context(7))) {
    const value = reader.octetString(context(7));
    if (!ipLengths.includes(value.length)) reader.fail("has an IP address of the wrong length");
    return { type: "ip", value };
  }
  if (reader.has(context(8))) return { type: "registeredId", value: reader.oid(context(8)) };
  if (reader.has(constructed(0))) {
    return reader.within((inner): GeneralName => {
      const oid = inner.oid();
      return { type: "otherName", oid, value: inner.contents(constructed(0)) };
    }, constructed(0));
  }
  if (reader.has(constructed(3))) return { type: "x400Address", value: reader.contents(constructed(3)) };
  if (reader.has(constructed(4))) {
    return { type: "directoryName", value: reader.within((inner) => readName(inner), constructed(4)) };
  }
  if (reader.has(constructed(5))) return { type: "ediPartyName", value: reader.contents(constructed(5)) };
  return reader.fail("has a general name of an unknown form");
}

/** Reads GeneralNames, which must not be empty. */
export function readGeneralNames(reader: DerReader, tag: number = TAG.sequence): GeneralName[] {
  return reader.nonEmptySequenceOf((inner) => readGeneralName(inner), tag);
}

/** Encodes a GeneralName; throws `RangeError` for text that is not ASCII. */
export function encodeGeneralName(name: GeneralName): Uint8Array {
  switch (name.type) {
    case "otherName":
      return der.explicit(0, der.oid(name.oid), der.explicit(0, name.value));
    case "email":
      return der.implicit(1, der.ia5String(name.value));
    case "dns":
      return der.implicit(2, der.ia5String(name.value));
    case "x400Address":
      return der.explicit(3, name.value);
    case "directoryName":
      return der.explicit(4, name.value.der);
    case "ediPartyName":
      return der.explicit(5, name.value);
    case "uri":
      return der.implicit(6, der.ia5String(name.value));
    case "ip":
      return der.implicit(7, der.octetString(name.value));
    case "registeredId":
      return der.implicit(8, der.oid(name.value));
  }
}

/** Returns a name as text for people to read, in OpenSSL's format: `DNS:example.com`. */
export function generalNameText(name: GeneralName): string {
  switch (name.type) {
    case "otherName":
      return `other:${name.oid}#${toHex(name.value)}`;
    case "email":
      return `email:${visible(name.value)}`;
    case "dns":
      return `DNS:${visible(name.value)}`;
    case "directoryName":
      return `directory:${name.value}`;
    case "uri":
      return `URI:${visible(name.value)}`;
    case "ip":
      return `IP:${ipText(name.value)}`;
    case "registeredId":
      return `RID:${name.value}`;
    default:
      return `${name.type}:#${toHex(name.value)}`;
  }
}

/** Returns an IPv4 address with dots or an IPv6 address with colons (RFC 5952), with its mask if it is a name constraint. */
export function ipText(address: Uint8Array): string {
  if (address.length === 8 || address.length === 32) {
    const half = address.length / 2;
    return `${ipText(address.subarray(0, half))}/${ipText(address.subarray(half))}`;
  }
  return formatIpAddress(address);
}

/** Replaces control characters by question marks, so that the text is safe to print. */
function visible(text: string): string {
  return text.replace(/\p{Cc}/gu, "?");
}
