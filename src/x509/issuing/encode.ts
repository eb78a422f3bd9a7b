/** Encodes extensions (RFC 5280 section 4.2) and signatures of certificates, requests and CRLs. */

import { context, der } from "../../asn1/mod.ts";
import { sha256 } from "../../crypto/hash.ts";
import { EXTENSION_OIDS, KEY_USAGES } from "../certificate/extensions.ts";
import type { KeyUsage } from "../certificate/extensions.ts";
import { encodeGeneralName } from "../names/general_name.ts";
import type { GeneralName } from "../names/general_name.ts";
import type { PrivateKey } from "../keys/private_key.ts";
import { sign } from "../keys/signature.ts";
import { encodeSignatureScheme, schemeOfKey } from "../keys/signature_scheme.ts";

/** The hash function of a new signature. */
export type SignatureHash = "SHA-256" | "SHA-384" | "SHA-512";

/** Returns the AlgorithmIdentifier of the signature that {@link signed} makes. */
export function signatureAlgorithm(key: PrivateKey, hash?: SignatureHash): Uint8Array {
  return encodeSignatureScheme(schemeOfKey(key, hash));
}

/** Signs, and returns a SEQUENCE of the signed part, the algorithm and the signature (RFC 5280 section 4.1.1). */
export function signed(toBeSigned: Uint8Array, key: PrivateKey, hash?: SignatureHash): Uint8Array {
  const signature = sign(key, schemeOfKey(key, hash), toBeSigned);
  return der.sequence(toBeSigned, signatureAlgorithm(key, hash), der.bitString(signature));
}

/** Encodes an Extension (RFC 5280 section 4.1.2.9). */
export function extension(oid: string, critical: boolean, value: Uint8Array): Uint8Array {
  return der.sequence(der.oid(oid), ...(critical ? [der.boolean(true)] : []), der.octetString(value));
}

/** Encodes basicConstraints (RFC 5280 section 4.2.1.9). */
export function basicConstraints(ca: boolean, pathLength?: number): Uint8Array {
  const fields = ca ? [der.boolean(true)] : [];
  if (pathLength !== undefined) fields.push(der.integer(pathLength));
  return extension(EXTENSION_OIDS.basicConstraints, true, der.sequence(...fields));
}

/** Encodes keyUsage (RFC 5280 section 4.2.1.3). */
export function keyUsage(usages: Iterable<KeyUsage>): Uint8Array {
  const bits = Array.from(usages, (usage) => KEY_USAGES.indexOf(usage));
  return extension(EXTENSION_OIDS.keyUsage, true, der.namedBits(bits));
}

/** Encodes extKeyUsage (RFC 5280 section 4.2.1.12), from object identifiers. */
export function extendedKeyUsage(purposes: readonly string[]): Uint8Array {
  return extension(EXTENSION_OIDS.extendedKeyUsage, false, der.sequence(...purposes.map(der.oid)));
}

/** Encodes subjectAltName. It is critical if the subject's name is empty (RFC 5280 section 4.2.1.6). */
export function subjectAltName(names: readonly GeneralName[], subject: Uint8Array): Uint8Array {
  const value = der.sequence(...names.map(encodeGeneralName));
  return extension(EXTENSION_OIDS.subjectAltName, isEmptyName(subject), value);
}

/** Returns whether the encoding of a Name is an empty SEQUENCE. */
export function isEmptyName(name: Uint8Array): boolean {
  return name.length === 2;
}

/** Encodes subjectKeyIdentifier (RFC 5280 section 4.2.1.2). */
export function subjectKeyIdentifier(identifier: Uint8Array): Uint8Array {
  return extension(EXTENSION_OIDS.subjectKeyIdentifier, false, der.octetString(identifier));
}

/** Encodes authorityKeyIdentifier (RFC 5280 section 4.2.1.1). */
export function authorityKeyIdentifier(identifier: Uint8Array): Uint8Array {
  const value = der.sequence(der.element(context(0), identifier));
  return extension(EXTENSION_OIDS.authorityKeyIdentifier, false, value);
}

/** Returns a key's identifier: the leftmost 160 bits of the SHA-256 of its SubjectPublicKeyInfo (RFC 7093 section 2, method 4). */
export function keyIdentifier(spki: Uint8Array): Uint8Array {
  return sha256(spki).subarray(0, 20);
}
