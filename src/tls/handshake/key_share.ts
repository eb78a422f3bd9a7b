/** supported_groups, key_share and cookie (RFC 8446 sections 4.2.7, 4.2.8 and 4.2.2). */

import { type ByteReader, ByteWriter } from "../../byte_fields.ts";
import { fatalAlert } from "../alerts.ts";
import { readWhole } from "./reader.ts";

/** Encodes supported_groups. */
export function encodeSupportedGroups(groups: readonly number[]): Uint8Array {
  return new ByteWriter().nested(2, (w) => w.u16s(groups)).finish();
}

/** Reads supported_groups. */
export function decodeSupportedGroups(data: Uint8Array): number[] {
  return readWhole("supported_groups", data, (reader) => reader.nested(2, 2).u16s());
}

/** A public value in a group. */
export interface KeyShareEntry {
  readonly group: number;
  readonly share: Uint8Array;
}

/** Encodes key_share of a ClientHello. */
export function encodeClientShares(shares: readonly KeyShareEntry[]): Uint8Array {
  return new ByteWriter().nested(2, (w) => shares.forEach((entry) => writeShare(w, entry))).finish();
}

/** Reads key_share of a ClientHello, which may be empty. */
export function decodeClientShares(data: Uint8Array): KeyShareEntry[] {
  const list = readWhole("key_share", data, (reader) => reader.nested(2));
  const shares = new Map<number, KeyShareEntry>(); // fast even for 13,000 shares
  while (list.remaining > 0) {
    const entry = readShare(list);
    if (shares.has(entry.group)) {
      throw fatalAlert("illegal_parameter", "key_share has two shares of one group");
    }
    shares.set(entry.group, entry);
  }
  return [...shares.values()];
}

/** Encodes key_share of a ServerHello. */
export function encodeServerShare(entry: KeyShareEntry): Uint8Array {
  const writer = new ByteWriter();
  writeShare(writer, entry);
  return writer.finish();
}

/** Reads key_share of a ServerHello. */
export function decodeServerShare(data: Uint8Array): KeyShareEntry {
  return readWhole("key_share", data, readShare);
}

/** Encodes key_share of a HelloRetryRequest: the group that the server asks for. */
export function encodeSelectedGroup(group: number): Uint8Array {
  return new ByteWriter().u16(group).finish();
}

/** Reads key_share of a HelloRetryRequest. */
export function decodeSelectedGroup(data: Uint8Array): number {
  return readWhole("key_share", data, (reader) => reader.u16());
}

/** Checks the cookie of a HelloRetryRequest. The client sends it back unchanged (section 4.2.2). */
export function checkCookie(data: Uint8Array): void {
  readWhole("cookie", data, (reader) => reader.vector(2, 1));
}

function writeShare(writer: ByteWriter, { group, share }: KeyShareEntry): void {
  writer.u16(group).vector(2, share);
}

function readShare(reader: ByteReader): KeyShareEntry {
  return { group: reader.u16(), share: reader.vector(2, 1) };
}
