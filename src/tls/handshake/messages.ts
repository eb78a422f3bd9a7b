/** The handshake messages (RFC 5246 section 7.4), written and read in one place. */

import { type ByteReader, ByteWriter } from "../../byte_fields.ts";
import { fatalAlert } from "../alerts.ts";
import { encodeExtensions, type Extensions, OCSP, readLastExtensions } from "./extensions.ts";
import { readWhole } from "./reader.ts";

/** The handshake types (RFC 8446 section 4, RFC 5246 section 7.4, RFC 6066 section 8). */
export const HandshakeType = {
  helloRequest: 0,
  clientHello: 1,
  serverHello: 2,
  newSessionTicket: 4,
  endOfEarlyData: 5,
  encryptedExtensions: 8,
  certificate: 11,
  serverKeyExchange: 12,
  certificateRequest: 13,
  serverHelloDone: 14,
  certificateVerify: 15,
  clientKeyExchange: 16,
  finished: 20,
  certificateStatus: 22,
  keyUpdate: 24,
} as const;

/** One of the handshake types. */
export type HandshakeType = typeof HandshakeType[keyof typeof HandshakeType];

/** Returns the name of a handshake type, for traces and errors. */
export function handshakeName(type: number): string {
  const found = Object.entries(HandshakeType).find(([, value]) => value === type);
  return found === undefined ? `message ${type}` : found[0][0].toUpperCase() + found[0].slice(1);
}

/** RFC 5246 section 7.4.1.2. */
export interface ClientHello {
  readonly version: number;
  readonly random: Uint8Array;
  readonly sessionId: Uint8Array;
  readonly cipherSuites: readonly number[];
  readonly compressionMethods: Uint8Array;
  readonly extensions: Extensions;
}

/** The body of a ClientHello. */
export function encodeClientHello(hello: ClientHello): Uint8Array {
  return new ByteWriter().u16(hello.version).bytes(hello.random)
    .vector(1, hello.sessionId)
    .nested(2, (w) => w.u16s(hello.cipherSuites))
    .vector(1, hello.compressionMethods)
    .bytes(encodeExtensions(hello.extensions))
    .finish();
}

/** Reads a ClientHello. */
export function decodeClientHello(body: Uint8Array): ClientHello {
  return readWhole("ClientHello", body, (reader) => ({
    version: reader.u16(),
    random: reader.bytes(32),
    sessionId: reader.vector(1, 0, 32),
    cipherSuites: reader.nested(2, 2).u16s(),
    compressionMethods: reader.vector(1, 1),
    extensions: readLastExtensions(reader),
  }));
}

/** RFC 5246 section 7.4.1.3. */
export interface ServerHello {
  readonly version: number;
  readonly random: Uint8Array;
  readonly sessionId: Uint8Array;
  readonly cipherSuite: number;
  readonly compressionMethod: number;
  readonly extensions: Extensions;
}

/** The body of a ServerHello. */
export function encodeServerHello(hello: ServerHello): Uint8Array {
  return new ByteWriter().u16(hello.version).bytes(hello.random)
    .vector(1, hello.sessionId)
    .u16(hello.cipherSuite).u8(hello.compressionMethod)
    .bytes(encodeExtensions(hello.extensions))
    .finish();
}

/** Reads a ServerHello. */
export function decodeServerHello(body: Uint8Array): ServerHello {
  return readWhole("ServerHello", body, (reader) => ({
    version: reader.u16(),
    random: reader.bytes(32),
    sessionId: reader.vector(1, 0, 32),
    cipherSuite: reader.u16(),
    compressionMethod: reader.u8(),
    extensions: readLastExtensions(reader),
  }));
}

/** The body of a Certificate message with a chain (RFC 5246 section 7.4.2); the chain may be empty. */
export function encodeCertificateChain(chain: readonly Uint8Array[]): Uint8Array {
  return new ByteWriter()
    .nested(3, (w) => chain.forEach((der) => w.vector(3, der)))
    .finish();
}

/** Reads a chain: the DER of each certificate. */
export function decodeCertificateChain(body: Uint8Array): Uint8Array[] {
  const list = readWhole("Certificate", body, (reader) => reader.nested(3));
  const chain: Uint8Array[] = [];
  while (list.remaining > 0) {
    if (chain.length === MAX_CHAIN) {
      throw fatalAlert("bad_certificate", "the certificate chain is too long", "limit");
    }
    chain.push(list.vector(3, 1));
  }
  return chain;
}

const MAX_CHAIN = 16;

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

/** The body of a CertificateStatus with an OCSP response (RFC 6066 section 8). */
export function encodeCertificateStatus(ocspResponse: Uint8Array): Uint8Array {
  return new ByteWriter().u8(OCSP).vector(3, ocspResponse).finish();
}

/** Reads a CertificateStatus; returns the OCSP response, unparsed. */
export function decodeCertificateStatus(body: Uint8Array): Uint8Array {
  return readWhole("CertificateStatus", body, (reader) => {
    if (reader.u8() !== OCSP) {
      throw fatalAlert("illegal_parameter", "CertificateStatus is of a kind that was not asked for");
    }
    return reader.vector(3, 1);
  });
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

/** The body of a CertificateVerify (RFC 5246 section 7.4.8). */
export function encodeCertificateVerify(scheme: number, signature: Uint8Array): Uint8Array {
  return new ByteWriter().u16(scheme).vector(2, signature).finish();
}

/** Reads a CertificateVerify. */
export function decodeCertificateVerify(body: Uint8Array): { scheme: number; signature: Uint8Array } {
  return readWhole("CertificateVerify", body, (reader) => ({
    scheme: reader.u16(),
    signature: reader.vector(2),
  }));
}

function authoritiesIn(list: ByteReader): Uint8Array[] {
  const authorities: Uint8Array[] = [];
  while (list.remaining > 0) authorities.push(list.vector(2, 1));
  return authorities;
}
