/** SIGNED, the structure of certificates, requests, revocation lists and OCSP responses (RFC 5280 section 4.1.1). */

import { type DerReader, TAG } from "../../asn1/mod.ts";
import { type AlgorithmIdentifier, readAlgorithm, sameAlgorithm } from "../keys/algorithm.ts";

/** A signed structure. */
export interface Signed {
  /** The encoding of the part that is signed. */
  readonly tbs: Uint8Array;
  /** The algorithm of the signature. */
  readonly signatureAlgorithm: AlgorithmIdentifier;
  /** The signature. */
  readonly signature: Uint8Array;
}

/** Reads the three fields of a SIGNED. `read` must read the elements of the part that is signed. */
export function readSigned<T>(
  reader: DerReader,
  read: (toBeSigned: DerReader) => T,
): Signed & { readonly fields: T } {
  const tbs = reader.element(TAG.sequence).encoding;
  const fields = reader.nested(tbs).within(read);
  return { tbs, fields, signatureAlgorithm: readAlgorithm(reader), signature: reader.bitStringBytes() };
}

/**
 * Reads the SIGNED of a certificate or list. The signed part names the signature algorithm too, and the two must be equal
 * (RFC 5280 sections 4.1.1.2 and 5.1.1.2).
 */
export function readIssued<T extends { readonly signature: AlgorithmIdentifier }>(
  reader: DerReader,
  read: (toBeSigned: DerReader) => T,
): Signed & { readonly fields: T } {
  const signed = readSigned(reader, read);
  if (!sameAlgorithm(signed.signatureAlgorithm, signed.fields.signature)) {
    reader.fail("names two signature algorithms");
  }
  return signed;
}
