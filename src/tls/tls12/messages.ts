/** Encodes and decodes the handshake messages that are specific to TLS 1.2 (RFC 5246 section 7.4). */

import { type ByteReader, ByteWriter } from "../../byte_fields.ts";
import { readChain } from "../handshake/messages.ts";
import { readWhole } from "../handshake/reader.ts";

/** Encodes the body of Certificate with a chain, which may be empty (RFC 5246 section 7.4.2). */
export function encodeCertificateChain(chain: readonly Uint8Array[]): Uint8Array {
  return new ByteWriter()
    .nested(3, (w) => chain.forEach((der) => w.vector(3, der)))
    .finish();
}

/** Reads the body of Certificate with a chain. Returns the DER of each certificate. */
export function decodeCertificateChain(body: Uint8Array): Uint8Array[] {
  const list = readWhole("Certificate", body, (reader) => reader.nested(3));
  return readChain(list, () => list.vector(3, 1));
}

/** Encodes the body of Certificate with a raw public key (RFC 7250 section 3). */
export function encodeRawPublicKey(spki: Uint8Array): Uint8Array {
  return new ByteWriter().vector(3, spki).finish();
}

/**
 * Reads the body of Certificate with a raw public key. Returns the DER of a SubjectPublicKeyInfo, which is empty if the
 * client has no key.
 */
export function decodeRawPublicKey(body: Uint8Array): Uint8Array {
  return readWhole("Certificate", body, (reader) => reader.vector(3));
}

/** The ClientCertificateType rsa_sign (RFC 5246 section 7.4.4). */
export const RSA_SIGN = 1;
/** The ClientCertificateType ecdsa_sign, which includes Ed25519 (RFC 8422 section 5.5). */
export const ECDSA_SIGN = 64;

/** A CertificateRequest (RFC 5246 section 7.4.4). */
export interface CertificateRequest {
  readonly certificateTypes: Uint8Array;
  readonly signatureSchemes: readonly number[];
  /** The DER of the names of accepted CAs; may be empty. */
  readonly authorities: readonly Uint8Array[];
}

/** Encodes the body of CertificateRequest. */
export function encodeCertificateRequest(request: CertificateRequest): Uint8Array {
  return new ByteWriter()
    .vector(1, request.certificateTypes)
    .nested(2, (w) => w.u16s(request.signatureSchemes))
    .nested(2, (w) => request.authorities.forEach((name) => w.vector(2, name)))
    .finish();
}

/** Reads a CertificateRequest. */
export function decodeCertificateRequest(body: Uint8Array): CertificateRequest {
  return readWhole("CertificateRequest", body, (reader) => ({
    certificateTypes: reader.vector(1, 1),
    signatureSchemes: reader.nested(2, 2).u16s(),
    authorities: authoritiesIn(reader.nested(2)),
  }));
}

function authoritiesIn(list: ByteReader): Uint8Array[] {
  const authorities: Uint8Array[] = [];
  while (list.remaining > 0) authorities.push(list.vector(2, 1));
  return authorities;
}
