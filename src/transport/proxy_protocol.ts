/**
 * Reads the header of the PROXY protocol, versions 1 and 2, with which a proxy sends the client's address. Section numbers
 * refer to https://www.haproxy.org/download/3.2/doc/proxy-protocol.txt.
 */

import { toUtf8 } from "../bytes.ts";
import { ChannelError } from "../errors.ts";
import { formatIpAddress, parseIpAddress } from "../ip_address.ts";
import type { Peer } from "../peer.ts";

/** The contents of a header. */
export interface ProxyHeader {
  /**
   * The client; undefined if the proxy itself made the connection, such as for a health check, or does not know the client's
   * address.
   */
  readonly client: Peer | undefined;
  /** The length of the header in bytes. The client's bytes follow it. */
  readonly length: number;
}

/** The signature of version 1: `PROXY` and a space (section 2.1). */
const SIGNATURE_1 = toUtf8("PROXY ");

/** The longest header of version 1, in bytes, including the end of the line (section 2.1). */
const MAX_LENGTH_1 = 107;

/** Section 2.2. */
const SIGNATURE_2 = toUtf8("\r\n\r\n\0\r\nQUIT\n");

/**
 * The length of the fixed part of version 2: signature, version and command, family and protocol, and the length of the rest
 * (section 2.2).
 */
const FIXED_LENGTH = 16;

/**
 * The longest accepted header of version 2, in bytes. A header with the fields of a client's certificate has a few hundred
 * bytes.
 */
const MAX_LENGTH_2 = 4096;

/**
 * Reads the header at the beginning of a connection.
 *
 * @param bytes The bytes received so far.
 * @returns The header, or undefined if more bytes are needed.
 * @throws {ChannelError} `protocol` if there is no header, or an invalid one; `limit` if it is too long.
 */
export function readProxyHeader(bytes: Uint8Array): ProxyHeader | undefined {
  if (begins(bytes, SIGNATURE_1)) return bytes.length < SIGNATURE_1.length ? undefined : readVersion1(bytes);
  if (begins(bytes, SIGNATURE_2)) return bytes.length < FIXED_LENGTH ? undefined : readVersion2(bytes);
  throw fault("there is none");
}

/** Reads a header of version 1: one line of ASCII (section 2.1). */
function readVersion1(bytes: Uint8Array): ProxyHeader | undefined {
  const text = String.fromCharCode(...bytes.subarray(0, MAX_LENGTH_1));
  const end = text.indexOf("\r\n");
  if (end < 0) {
    if (text.length === MAX_LENGTH_1) throw tooLong(MAX_LENGTH_1);
    return undefined;
  }
  const length = end + 2;
  const line = text.slice(SIGNATURE_1.length, end);
  if (/^UNKNOWN(?: |$)/.test(line)) return { client: undefined, length };
  const [family, source, destination, port, ...others] = line.split(" ");
  const size = family === "TCP4" ? 4 : family === "TCP6" ? 16 : undefined;
  const address = parseIpAddress(source ?? "");
  const isWhole = address?.length === size && parseIpAddress(destination ?? "")?.length === size &&
    others.length === 1 && isPort(port) && isPort(others[0]);
  if (address === undefined || !isWhole) throw fault("its line is malformed");
  return { client: { address: formatIpAddress(address), port: Number(port) }, length };
}

function isPort(text: string): boolean {
  return /^(?:0|[1-9]\d{0,4})$/.test(text) && Number(text) <= 65_535;
}

/** The unspecified address family (section 2.2). */
const UNSPECIFIED = 0x00;

/**
 * The length of the addresses for each family and transport protocol (section 2.2). Datagram protocols are left out, since
 * listeners accept only streams.
 */
const ADDRESS_LENGTHS: Readonly<Record<number, number>> = { 0x11: 12, 0x21: 36, 0x31: 216 };

/** Section 2.2. */
function readVersion2(bytes: Uint8Array): ProxyHeader | undefined {
  const [versionAndCommand, family, high, low] = bytes.subarray(SIGNATURE_2.length);
  const isLocal = versionAndCommand === 0x20;
  if (!isLocal && versionAndCommand !== 0x21) throw fault("its version or command is unknown");
  const length = FIXED_LENGTH + (high << 8 | low);
  if (length > MAX_LENGTH_2) throw tooLong(MAX_LENGTH_2);
  if (bytes.length < length) return undefined;
  // In both cases the rest of the header is skipped, whatever it contains.
  if (isLocal || family === UNSPECIFIED) return { client: undefined, length };
  const addressLength = ADDRESS_LENGTHS[family];
  if (addressLength === undefined) throw fault("its address family is unknown");
  const header = bytes.subarray(0, length);
  if (header.length < FIXED_LENGTH + addressLength) throw fault("its addresses are cut short");
  checkAdditions(header, FIXED_LENGTH + addressLength);
  return { client: clientOf(header.subarray(FIXED_LENGTH), family), length };
}

/**
 * Returns the client's address. The order is source address, destination address, source port, destination port; Unix
 * sockets have other addresses (section 2.2).
 */
function clientOf(addresses: Uint8Array, family: number): Peer | undefined {
  if (family === 0x31) return undefined;
  const size = family === 0x11 ? 4 : 16;
  const [high, low] = addresses.subarray(2 * size);
  return { address: formatIpAddress(addresses.subarray(0, size)), port: high << 8 | low };
}

/** Section 2.2.3. */
const TYPE_CRC32C = 0x03;

/**
 * Checks the additional fields (type, length, value), which fill the header to its end. Only the checksum is used (section
 * 2.2).
 */
function checkAdditions(header: Uint8Array, start: number): void {
  for (let at = start; at < header.length;) {
    const [type, high, low] = header.subarray(at);
    const value = at + 3;
    at = value + (high << 8 | low);
    if (at > header.length) throw fault("an additional field is cut short");
    if (type === TYPE_CRC32C) checkChecksum(header, value, at);
  }
}

/** Checks the checksum, which is computed over the header with zeros in place of the checksum (section 2.2.3). */
function checkChecksum(header: Uint8Array, from: number, to: number): void {
  const [a, b, c, d] = header.subarray(from, to);
  const zeroed = new Uint8Array(header).fill(0, from, to);
  if (to - from !== 4 || (a << 24 | b << 16 | c << 8 | d) !== crc32c(zeroed)) {
    throw fault("its checksum is wrong");
  }
}

/** Computes CRC32c bit by bit (RFC 9260 appendix A). */
function crc32c(bytes: Uint8Array): number {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc >>> 1 ^ (crc & 1 ? 0x82f6_3b78 : 0);
  }
  return ~crc;
}

/** Returns whether the bytes so far match the beginning of a signature. */
function begins(bytes: Uint8Array, signature: Uint8Array): boolean {
  return bytes.subarray(0, signature.length).every((byte, i) => byte === signature[i]);
}

function fault(what: string): ChannelError {
  return new ChannelError("protocol", `the PROXY protocol header cannot be read: ${what}`);
}

function tooLong(most: number): ChannelError {
  return new ChannelError("limit", `a PROXY protocol header is longer than ${most} bytes`);
}
