/**
 * AlgorithmIdentifier (RFC 5280 section 4.1.1.2), and the names of algorithms for errors, including unsupported algorithms.
 */

import { der, type DerReader, TAG } from "../../asn1/mod.ts";
import { equalBytes } from "../../bytes.ts";
import type { HashName } from "../../crypto/hash.ts";
import {
  ECDSA_WITH_SHA1,
  ECDSA_WITH_SHA256,
  ECDSA_WITH_SHA384,
  ECDSA_WITH_SHA512,
  ID_EC_PUBLIC_KEY,
  ID_ED25519,
  ID_RSASSA_PSS,
  RSA_ENCRYPTION,
  SECP256R1,
  SECP384R1,
  SECP521R1,
  SHA1_WITH_RSA_ENCRYPTION,
  SHA256_WITH_RSA_ENCRYPTION,
  SHA384_WITH_RSA_ENCRYPTION,
  SHA512_WITH_RSA_ENCRYPTION,
} from "../oids.ts";

/** An algorithm with the encoding of its parameters. */
export interface AlgorithmIdentifier {
  /** The object identifier, in dotted form. */
  readonly oid: string;
  /** The encoding of the parameters; undefined if they are absent. */
  readonly parameters: Uint8Array | undefined;
}

/** Reads an AlgorithmIdentifier. */
export function readAlgorithm(reader: DerReader, tag?: number): AlgorithmIdentifier {
  return reader.within((inner) => ({
    oid: inner.oid(),
    parameters: inner.done ? undefined : inner.any().encoding,
  }), tag);
}

/** Returns whether the parameters are a NULL. */
export function hasNullParameters(algorithm: AlgorithmIdentifier): boolean {
  const { parameters } = algorithm;
  return parameters?.length === 2 && parameters[0] === TAG.null && parameters[1] === 0;
}

/** Returns whether two identifiers are the same, parameters included. */
export function sameAlgorithm(a: AlgorithmIdentifier, b: AlgorithmIdentifier): boolean {
  if (a.oid !== b.oid) return false;
  if (a.parameters === undefined || b.parameters === undefined) return a.parameters === b.parameters;
  return equalBytes(a.parameters, b.parameters);
}

/** Hash functions by their object identifiers (RFC 3279 section 2.2.1, RFC 4055 section 2.1). */
export const HASH_OIDS: ReadonlyMap<string, HashName> = new Map<string, HashName>([
  ["1.3.14.3.2.26", "SHA-1"],
  ["2.16.840.1.101.3.4.2.1", "SHA-256"],
  ["2.16.840.1.101.3.4.2.2", "SHA-384"],
  ["2.16.840.1.101.3.4.2.3", "SHA-512"],
]);

/** Encodes the AlgorithmIdentifier of a hash function, with NULL as its parameters. */
export function encodeHashAlgorithm(name: HashName): Uint8Array {
  return der.sequence(der.oid(oidByName(HASH_OIDS, name)), der.nul());
}

/**
 * Returns the object identifier of a name in a table of names by their identifiers.
 *
 * @throws {TypeError} If the table does not have the name.
 */
export function oidByName<Name extends string>(names: ReadonlyMap<string, Name>, name: Name): string {
  for (const [oid, other] of names) if (other === name) return oid;
  throw new TypeError(`${name} is not supported here`);
}

const NAMES: ReadonlyMap<string, string> = new Map([
  [RSA_ENCRYPTION, "RSA"],
  ["1.2.840.113549.1.1.2", "MD2 with RSA"],
  ["1.2.840.113549.1.1.4", "MD5 with RSA"],
  [SHA1_WITH_RSA_ENCRYPTION, "SHA-1 with RSA"],
  ["1.2.840.113549.1.1.7", "RSAES-OAEP"],
  [ID_RSASSA_PSS, "RSASSA-PSS"],
  [SHA256_WITH_RSA_ENCRYPTION, "SHA-256 with RSA"],
  [SHA384_WITH_RSA_ENCRYPTION, "SHA-384 with RSA"],
  [SHA512_WITH_RSA_ENCRYPTION, "SHA-512 with RSA"],
  ["1.2.840.113549.1.1.14", "SHA-224 with RSA"],
  [ID_EC_PUBLIC_KEY, "EC"],
  ["1.2.840.10045.3.1.1", "P-192"],
  [SECP256R1, "P-256"],
  ["1.3.132.0.33", "P-224"],
  [SECP384R1, "P-384"],
  [SECP521R1, "P-521"],
  ["1.3.132.0.10", "secp256k1"],
  ["1.3.36.3.3.2.8.1.1.7", "brainpoolP256r1"],
  ["1.3.36.3.3.2.8.1.1.11", "brainpoolP384r1"],
  ["1.3.36.3.3.2.8.1.1.13", "brainpoolP512r1"],
  [ECDSA_WITH_SHA1, "ECDSA with SHA-1"],
  ["1.2.840.10045.4.3.1", "ECDSA with SHA-224"],
  [ECDSA_WITH_SHA256, "ECDSA with SHA-256"],
  [ECDSA_WITH_SHA384, "ECDSA with SHA-384"],
  [ECDSA_WITH_SHA512, "ECDSA with SHA-512"],
  ["1.2.840.10040.4.1", "DSA"],
  ["1.2.840.10040.4.3", "DSA with SHA-1"],
  ["2.16.840.1.101.3.4.3.2", "DSA with SHA-256"],
  ["1.2.840.10046.2.1", "Diffie-Hellman"],
  ["1.3.101.110", "X25519"],
  ["1.3.101.111", "X448"],
  [ID_ED25519, "Ed25519"],
  ["1.3.101.113", "Ed448"],
  ["1.2.156.10197.1.501", "SM2 with SM3"],
  ["2.16.840.1.101.3.4.3.17", "ML-DSA-44"],
  ["2.16.840.1.101.3.4.3.18", "ML-DSA-65"],
  ["2.16.840.1.101.3.4.3.19", "ML-DSA-87"],
]);

/** Returns the common name of an algorithm or curve, or its object identifier if the name is unknown. */
export function algorithmName(oid: string): string {
  return NAMES.get(oid) ?? oid;
}
