/** supported_versions (RFC 8446 section 4.2.1), and downgrade protection in the ServerHello's random (section 4.1.3). */

import { ByteWriter } from "../../byte_fields.ts";
import { equalBytes, fromHex } from "../../bytes.ts";
import { readWhole } from "./reader.ts";

/** The numbers of the versions on the wire. */
export const TLS_1_2 = 0x0303;
export const TLS_1_3 = 0x0304;

/** Encodes the client's list of versions. */
export function encodeSupportedVersions(versions: readonly number[]): Uint8Array {
  return new ByteWriter().nested(1, (w) => w.u16s(versions)).finish();
}

/** Reads the client's list of versions. */
export function decodeSupportedVersions(data: Uint8Array): number[] {
  return readWhole("supported_versions", data, (reader) => reader.nested(1, 2, 254).u16s());
}

/** Encodes the version that the server chose. */
export function encodeSelectedVersion(version: number): Uint8Array {
  return new ByteWriter().u16(version).finish();
}

/** Reads the version that the server chose. */
export function decodeSelectedVersion(data: Uint8Array): number {
  return readWhole("supported_versions", data, (reader) => reader.u16());
}

/** The last bytes of the ServerHello's random if a server that has TLS 1.3 enabled negotiates TLS 1.2. */
export const DOWNGRADE_TO_TLS_1_2: Uint8Array = fromHex("444f574e47524401");
const DOWNGRADE_BELOW: Uint8Array = fromHex("444f574e47524400");

/**
 * Returns whether the random of a ServerHello shows a downgrade, which means that an attacker removed TLS 1.3 from the
 * client's offer.
 */
export function isDowngrade(serverRandom: Uint8Array): boolean {
  const end = serverRandom.subarray(-DOWNGRADE_TO_TLS_1_2.length);
  return equalBytes(end, DOWNGRADE_TO_TLS_1_2) || equalBytes(end, DOWNGRADE_BELOW);
}
