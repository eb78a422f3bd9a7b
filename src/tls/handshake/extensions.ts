/** Encodes and decodes hello extensions (RFC 5246 section 7.4.1.4): the whole block, and the contents of each extension. */

import { type ByteReader, ByteWriter } from "../../byte_fields.ts";
import { EMPTY, fromUtf8, toUtf8 } from "../../bytes.ts";
import { fatalAlert } from "../alerts.ts";
import { messageReader, readWhole } from "./reader.ts";

/** The registered numbers of the extensions that this library reads. */
export const ExtensionType = {
  serverName: 0, // RFC 6066 section 3
  statusRequest: 5, // RFC 6066 section 8
  supportedGroups: 10, // RFC 8446 section 4.2.7, RFC 8422
  ecPointFormats: 11, // RFC 8422 section 5.1.2
  signatureAlgorithms: 13, // RFC 8446 section 4.2.3, RFC 5246 section 7.4.1.4.1
  applicationLayerProtocolNegotiation: 16, // RFC 7301
  clientCertificateType: 19, // RFC 7250
  serverCertificateType: 20, // RFC 7250
  encryptThenMac: 22, // RFC 7366
  padding: 21, // RFC 7685
  extendedMasterSecret: 23, // RFC 7627
  recordSizeLimit: 28, // RFC 8449
  preSharedKey: 41, // RFC 8446 section 4.2.11
  earlyData: 42, // RFC 8446 section 4.2.10
  supportedVersions: 43, // RFC 8446 section 4.2.1
  cookie: 44, // RFC 8446 section 4.2.2
  certificateAuthorities: 47, // RFC 8446 section 4.2.4
  signatureAlgorithmsCert: 50, // RFC 8446 section 4.2.3
  keyShare: 51, // RFC 8446 section 4.2.8
  rekey: 0xff5a, // for private use; docs/protocol.md
  renegotiationInfo: 0xff01, // RFC 5746
} as const;

/** CertificateStatusType ocsp (RFC 6066 section 8). */
export const OCSP = 1;

/** Extensions by their numbers, in the order of the message. */
export type Extensions = ReadonlyMap<number, Uint8Array>;

/** Encodes the block of extensions at the end of a hello message. */
export function encodeExtensions(extensions: Extensions): Uint8Array {
  if (extensions.size === 0) return EMPTY;
  return new ByteWriter().nested(2, (w) => {
    for (const [type, data] of extensions) w.u16(type).vector(2, data);
  }).finish();
}

/** Reads the block of extensions at the end of a hello message, where it may be missing. */
export function readLastExtensions(message: ByteReader): Extensions {
  return message.remaining === 0 ? new Map() : readExtensions(message);
}

/** Reads one block of extensions. */
export function readExtensions(message: ByteReader): Extensions {
  const extensions = new Map<number, Uint8Array>();
  const block = message.nested(2);
  while (block.remaining > 0) {
    const type = block.u16();
    if (extensions.has(type)) throw fatalAlert("illegal_parameter", `extension ${type} is repeated`);
    extensions.set(type, block.vector(2));
  }
  return extensions;
}

/** The status_request of a client that accepts OCSP responses from any responder (RFC 6066 section 8). */
export const OCSP_STATUS_REQUEST: Uint8Array = Uint8Array.of(OCSP, 0, 0, 0, 0);

/** Returns whether status_request asks for an OCSP response. Its lists of responders and extensions are ignored. */
export function asksForOcsp(data: Uint8Array): boolean {
  return messageReader("status_request", data).u8() === OCSP;
}

/** Encodes server_name with one host name (RFC 6066 section 3). */
export function encodeServerName(name: string): Uint8Array {
  return new ByteWriter()
    .nested(2, (list) => list.u8(0).vector(2, toUtf8(name)))
    .finish();
}

/** Returns the host name in server_name, or undefined if it has only names of other types. */
export function decodeServerName(data: Uint8Array): string | undefined {
  const list = readWhole("server_name", data, (reader) => reader.nested(2, 1));
  let hostName: string | undefined;
  while (list.remaining > 0) {
    const isHostName = list.u8() === 0;
    const name = list.vector(2, 1, 255);
    if (!isHostName) continue;
    if (hostName !== undefined) throw fatalAlert("illegal_parameter", "server_name has two host names");
    hostName = ascii("server_name", name);
  }
  return hostName;
}

/**
 * Encodes the ALPN extension: the client's list of protocols, or the one protocol that the server chose (RFC 7301 section
 * 3.1).
 */
export function encodeAlpn(protocols: readonly string[]): Uint8Array {
  return new ByteWriter()
    .nested(2, (list) => protocols.forEach((name) => list.vector(1, toUtf8(name))))
    .finish();
}

/** Reads the ALPN extension. Names that are not UTF-8 are left out, because they cannot match a protocol of this side. */
export function decodeAlpn(data: Uint8Array): string[] {
  const list = readWhole("application_layer_protocol_negotiation", data, (reader) => reader.nested(2, 2));
  const protocols: string[] = [];
  while (list.remaining > 0) {
    const name = list.vector(1, 1);
    try {
      protocols.push(fromUtf8(name));
    } catch {
      continue;
    }
  }
  return protocols;
}

/** Encodes signature_algorithms. */
export function encodeSignatureSchemes(schemes: readonly number[]): Uint8Array {
  return new ByteWriter().nested(2, (w) => w.u16s(schemes)).finish();
}

/** Reads signature_algorithms or signature_algorithms_cert. */
export function decodeSignatureSchemes(data: Uint8Array): number[] {
  return readWhole("signature_algorithms", data, (reader) => reader.nested(2, 2).u16s());
}

/**
 * The contents of ec_point_formats: uncompressed points, the only format that is not deprecated (RFC 8422 section 5.1.2).
 */
export const UNCOMPRESSED_POINTS: Uint8Array = Uint8Array.of(1, 0);

/** Returns whether ec_point_formats includes uncompressed points. */
export function takesUncompressedPoints(data: Uint8Array): boolean {
  return readWhole("ec_point_formats", data, (reader) => reader.vector(1, 1)).includes(0);
}

/** The type of credentials in a Certificate message (RFC 7250 section 3). */
export type CertificateType = "x509" | "raw";

const CERTIFICATE_TYPES: ReadonlyMap<number, CertificateType> = new Map([[0, "x509"], [2, "raw"]]);

function certificateTypeCode(type: CertificateType): number {
  return type === "raw" ? 2 : 0;
}

/** Encodes the client's list in client_certificate_type or server_certificate_type. */
export function encodeCertificateTypes(types: readonly CertificateType[]): Uint8Array {
  return new ByteWriter().nested(1, (w) => types.forEach((type) => w.u8(certificateTypeCode(type)))).finish();
}

/** Reads the client's list; unknown types are left out. */
export function decodeCertificateTypes(data: Uint8Array): CertificateType[] {
  const codes = readWhole("certificate_type", data, (reader) => reader.vector(1, 1));
  return [...codes].map((code) => CERTIFICATE_TYPES.get(code)).filter((type) => type !== undefined);
}

/** Encodes the server's choice in client_certificate_type or server_certificate_type. */
export function encodeCertificateType(type: CertificateType): Uint8Array {
  return Uint8Array.of(certificateTypeCode(type));
}

/** Reads the server's choice. */
export function decodeCertificateType(data: Uint8Array): CertificateType {
  const type = CERTIFICATE_TYPES.get(readWhole("certificate_type", data, (reader) => reader.u8()));
  if (type === undefined) {
    throw fatalAlert("illegal_parameter", "a certificate type was chosen that was not offered");
  }
  return type;
}

/** Encodes record_size_limit (RFC 8449 section 4). */
export function encodeRecordSizeLimit(limit: number): Uint8Array {
  return new ByteWriter().u16(limit).finish();
}

/** Reads record_size_limit. */
export function decodeRecordSizeLimit(data: Uint8Array): number {
  const limit = readWhole("record_size_limit", data, (reader) => reader.u16());
  if (limit < 64) throw fatalAlert("illegal_parameter", "record_size_limit is less than 64");
  return limit;
}

/** The renegotiation_info of an initial handshake (RFC 5746 section 3.2). */
export const INITIAL_RENEGOTIATION_INFO: Uint8Array = Uint8Array.of(0);

/**
 * Checks that renegotiation_info is that of an initial handshake, in ClientHello or ServerHello (RFC 5746 sections 3.4 and
 * 3.6).
 */
export function checkRenegotiationInfo(data: Uint8Array): void {
  const verifyData = readWhole("renegotiation_info", data, (reader) => reader.vector(1));
  if (verifyData.length > 0) {
    throw fatalAlert("handshake_failure", "renegotiation_info is not that of a first handshake", "protocol");
  }
}

function ascii(name: string, bytes: Uint8Array): string {
  if (bytes.some((byte) => byte < 0x21 || byte > 0x7e)) {
    throw fatalAlert("illegal_parameter", `${name} has characters that are not allowed`);
  }
  return String.fromCharCode(...bytes);
}
