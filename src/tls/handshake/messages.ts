/** The handshake messages that both versions have, written and read in one place. */

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

/** A ClientHello (RFC 5246 section 7.4.1.2). */
export interface ClientHello {
  readonly version: number;
  readonly random: Uint8Array;
  readonly sessionId: Uint8Array;
  readonly cipherSuites: readonly number[];
  readonly compressionMethods: Uint8Array;
  readonly extensions: Extensions;
}

/** Encodes the body of ClientHello. */
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

/** A ServerHello (RFC 5246 section 7.4.1.3). */
export interface ServerHello {
  readonly version: number;
  readonly random: Uint8Array;
  readonly sessionId: Uint8Array;
  readonly cipherSuite: number;
  readonly compressionMethod: number;
  readonly extensions: Extensions;
}

/** Encodes the body of ServerHello. */
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

/** Encodes the body of CertificateStatus with an OCSP response (RFC 6066 section 8). */
export function encodeCertificateStatus(ocspResponse: Uint8Array): Uint8Array {
  return new ByteWriter().u8(OCSP).vector(3, ocspResponse).finish();
}

/** Reads a CertificateStatus. Returns the OCSP response, unparsed. */
export function decodeCertificateStatus(body: Uint8Array): Uint8Array {
  return readWhole("CertificateStatus", body, (reader) => {
    if (reader.u8() !== OCSP) {
      throw fatalAlert("illegal_parameter", "CertificateStatus has a type that was not requested");
    }
    return reader.vector(3, 1);
  });
}

/** Encodes the body of CertificateVerify (RFC 5246 section 7.4.8). */
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

/** The most certificates that a Certificate message may have. */
const MAX_CHAIN = 16;

/** Reads the entries of a Certificate message up to the end of their list, each by `readEntry`. */
export function readChain<Entry>(list: ByteReader, readEntry: () => Entry): Entry[] {
  const chain: Entry[] = [];
  while (list.remaining > 0) {
    if (chain.length === MAX_CHAIN) {
      throw fatalAlert("bad_certificate", "the certificate chain is too long", "limit");
    }
    chain.push(readEntry());
  }
  return chain;
}
