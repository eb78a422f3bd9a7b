/** The handshake messages (RFC 5246 section 7.4), written and read in one place. */

import { type ByteReader, ByteWriter } from "../../byte_fields.ts";
import { fatalAlert } from "../alerts.ts";
import { decodeExtensions, encodeExtensions, type Extensions, OCSP } from "./extensions.ts";
import { messageReader } from "./reader.ts";

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
    .vector(1, (w) => w.bytes(hello.sessionId))
    .vector(2, (w) => hello.cipherSuites.forEach((id) => w.u16(id)))
    .vector(1, (w) => w.bytes(hello.compressionMethods))
    .bytes(encodeExtensions(hello.extensions))
    .finish();
}

/** Reads a ClientHello. */
export function decodeClientHello(body: Uint8Array): ClientHello {
  const reader = messageReader("ClientHello", body);
  return {
    version: reader.u16(),
    random: reader.bytes(32),
    sessionId: reader.vector(1, 0, 32),
    cipherSuites: u16s(reader.nested(2, 2)),
    compressionMethods: reader.vector(1, 1),
    extensions: decodeExtensions(reader),
  };
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
    .vector(1, (w) => w.bytes(hello.sessionId))
    .u16(hello.cipherSuite).u8(hello.compressionMethod)
    .bytes(encodeExtensions(hello.extensions))
    .finish();
}

/** Reads a ServerHello. */
export function decodeServerHello(body: Uint8Array): ServerHello {
  const reader = messageReader("ServerHello", body);
  return {
    version: reader.u16(),
    random: reader.bytes(32),
    sessionId: reader.vector(1, 0, 32),
    cipherSuite: reader.u16(),
    compressionMethod: reader.u8(),
    extensions: decodeExtensions(reader),
  };
}

/** The body of a Certificate message with a chain (RFC 5246 section 7.4.2); the chain may be empty. */
export function encodeCertificateChain(chain: readonly Uint8Array[]): Uint8Array {
  return new ByteWriter()
    .vector(3, (w) => chain.forEach((der) => w.vector(3, (certificate) => certificate.bytes(der))))
    .finish();
}

/** Reads a chain: the DER of each certificate. */
export function decodeCertificateChain(body: Uint8Array): Uint8Array[] {
  const reader = messageReader("Certificate", body);
  const list = reader.nested(3);
  reader.end();
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
  return new ByteWriter().vector(3, (w) => w.bytes(spki)).finish();
}

/** Reads a raw public key: the DER of a SubjectPublicKeyInfo, or nothing from a client without one. */
export function decodeRawPublicKey(body: Uint8Array): Uint8Array {
  const reader = messageReader("Certificate", body);
  const spki = reader.vector(3);
  reader.end();
  return spki;
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
  return new ByteWriter().u8(OCSP).vector(3, (w) => w.bytes(ocspResponse)).finish();
}

/** Reads a CertificateStatus; returns the OCSP response, unparsed. */
export function decodeCertificateStatus(body: Uint8Array): Uint8Array {
  const reader = messageReader("CertificateStatus", body);
  if (reader.u8() !== OCSP) {
    throw fatalAlert("illegal_parameter", "CertificateStatus is of a kind that was not asked for");
  }
  const ocspResponse = reader.vector(3, 1);
  reader.end();
  return ocspResponse;
}

/** The body of a CertificateRequest. */
export function encodeCertificateRequest(request: CertificateRequest): Uint8Array {
  return new ByteWriter()
    .vector(1, (w) => w.bytes(request.certificateTypes))
    .vector(2, (w) => request.signatureSchemes.forEach((scheme) => w.u16(scheme)))
    .vector(2, (w) => request.authorities.forEach((name) => w.vector(2, (inner) => inner.bytes(name))))
    .finish();
}

/** Reads a CertificateRequest. */
export function decodeCertificateRequest(body: Uint8Array): CertificateRequest {
  const reader = messageReader("CertificateRequest", body);
  const certificateTypes = reader.vector(1, 1);
  const signatureSchemes = u16s(reader.nested(2, 2));
  const names = reader.nested(2);
  reader.end();
  const authorities: Uint8Array[] = [];
  while (names.remaining > 0) authorities.push(names.vector(2, 1));
  return { certificateTypes, signatureSchemes, authorities };
}

/** The body of a CertificateVerify (RFC 5246 section 7.4.8). */
export function encodeCertificateVerify(scheme: number, signature: Uint8Array): Uint8Array {
  return new ByteWriter().u16(scheme).vector(2, (w) => w.bytes(signature)).finish();
}

/** Reads a CertificateVerify. */
export function decodeCertificateVerify(body: Uint8Array): { scheme: number; signature: Uint8Array } {
  const reader = messageReader("CertificateVerify", body);
  const scheme = reader.u16();
  const signature = reader.vector(2);
  reader.end();
  return { scheme, signature };
}

/** Reads a message that has no body. */
export function decodeEmpty(name: string, body: Uint8Array): void {
  messageReader(name, body).end();
}

function u16s(reader: ByteReader): number[] {
  const values: number[] = [];
  while (reader.remaining > 0) values.push(reader.u16());
  return values;
}
