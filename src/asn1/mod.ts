/** ASN.1 in DER, strictly, and what of BER is read: a reader, writers, object identifiers, times, and PEM. */

export { berToDer, joinPieces } from "./ber.ts";
export { DerReader, MAX_DEPTH, readDer } from "./reader.ts";
export * as der from "./writer.ts";
export { decodeOid, encodeOid } from "./oid.ts";
export { decodeString, isStringTag } from "./strings.ts";
export { constructed, context, TAG } from "./tags.ts";
export { decodePem, encodePem, type PemBlock } from "./pem.ts";
