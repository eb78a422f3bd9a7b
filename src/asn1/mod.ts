/** ASN.1 in DER, strictly: a reader, writers, object identifiers, times, and PEM. */

export { DerReader, MAX_DEPTH, readDer } from "./reader.ts";
export * as der from "./writer.ts";
export { decodeOid, encodeOid } from "./oid.ts";
export { decodeString, isStringTag } from "./strings.ts";
export { constructed, context, TAG } from "./tags.ts";
export { decodePem, encodePem, type PemBlock } from "./pem.ts";
