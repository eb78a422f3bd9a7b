/** The handshake messages that TLS 1.2 has of its own (RFC 5246 section 7.4), written and read in one place. */

import { type ByteReader, ByteWriter } from "../../byte_fields.ts";
import { readChain } from "../handshake/messages.ts";
import { readWhole } from "../handshake/reader.ts";

/** The body of a Certificate message with a chain (RFC 5246 section 7.4.2); the chain may be empty. */
export function encodeCertificateChain(chain: readonly Uint8Array[]): Uint8Array {
  return new ByteWriter()
    .nested(3, (w) => chain.forEach((der) => w.vector(3, der)))
    .finish();
}

/** Reads a chain: the DER of each certificate. */
export function decodeCertificateChain(body: Uint8Array): Uint8Array[] {
  const list = readWhole("Certificate", body, (reader) => reader.nested(3));
  return readChain(list, () => list.vector(3, 1));
}

/** The body of a Certificate message with a raw public key (RFC 7250 section 3). */
export function encodeRawPublicKey(spki: Uint8Array): Uint8Array {
  return new ByteWriter().vector(3, spki).finish();
}

/** Reads a raw public key: the DER of a SubjectPublicKeyInfo, or nothing from a client without one. */
export function decodeRawPublicKey(body: Uint8Array): Uint8Array {
  return readWhole("Certificate", body, (reader) => reader.vector(3));
}

/** ClientCertificateType rsa_sign (RFC 5246 section 7.4.4). */
export const RSA_SIGN = 1;
/** ClientCertificateType ecdsa_sign, which also stands for Ed25519 (RFC 8422 section 5.5). */
export const ECDSA_SIGN = 64;

/** RFC 5246 section 7.4.4. */
export interface CertificateRequest {
  readonly certificateTypes: Uint8Array;
  readonly signatureSchemes: readonly number[];
  /** The DER of each name of an accepted authority; may be empty. */
  readonly authorities: readonly Uint8Array[];
}

/** The body of a CertificateRequest. */
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
