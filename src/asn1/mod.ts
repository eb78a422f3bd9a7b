/** ASN.1 in strict DER, conversion from BER, and PEM: a reader, writers, object identifiers and times. */

export { berToDer, contentsOf, joinSegments } from "./ber.ts";
export { DerReader, MAX_DEPTH, readDer } from "./reader.ts";
export * as der from "./writer.ts";
export { locateErrors } from "./locate.ts";
export { decodeOid, encodeOid } from "./oid.ts";
export { decodeString, isStringTag } from "./strings.ts";
export { constructed, context, TAG } from "./tags.ts";
export { decodePem, encodePem, type PemBlock } from "./pem.ts";
