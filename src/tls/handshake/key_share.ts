/** supported_groups, key_share and cookie (RFC 8446 sections 4.2.7, 4.2.8 and 4.2.2). */

import { type ByteReader, ByteWriter } from "../../byte_fields.ts";
import { fatalAlert } from "../alerts.ts";
import { messageReader } from "./reader.ts";

/** supported_groups. */
export function encodeSupportedGroups(groups: readonly number[]): Uint8Array {
  return new ByteWriter().vector(2, (w) => groups.forEach((group) => w.u16(group))).finish();
}

/** Reads supported_groups. */
export function decodeSupportedGroups(data: Uint8Array): number[] {
  const reader = messageReader("supported_groups", data);
  const list = reader.nested(2, 2);
  reader.end();
  const groups: number[] = [];
  while (list.remaining > 0) groups.push(list.u16());
  return groups;
}

/** A public value in a group. */
export interface KeyShareEntry {
  readonly group: number;
  readonly share: Uint8Array;
}

/** key_share of a ClientHello. */
export function encodeClientShares(shares: readonly KeyShareEntry[]): Uint8Array {
  return new ByteWriter().vector(2, (w) => shares.forEach((entry) => writeShare(w, entry))).finish();
}

/** Reads key_share of a ClientHello, which may be empty. */
export function decodeClientShares(data: Uint8Array): KeyShareEntry[] {
  const reader = messageReader("key_share", data);
  const list = reader.nested(2);
  reader.end();
  const shares = new Map<number, KeyShareEntry>(); // there may be 13,000
  while (list.remaining > 0) {
    const entry = readShare(list);
    if (shares.has(entry.group)) {
      throw fatalAlert("illegal_parameter", "key_share has two shares of one group");
    }
    shares.set(entry.group, entry);
  }
  return [...shares.values()];
}

/** key_share of a ServerHello. */
export function encodeServerShare(entry: KeyShareEntry): Uint8Array {
  const writer = new ByteWriter();
  writeShare(writer, entry);
  return writer.finish();
}

/** Reads key_share of a ServerHello. */
export function decodeServerShare(data: Uint8Array): KeyShareEntry {
  const reader = messageReader("key_share", data);
  const entry = readShare(reader);
  reader.end();
  return entry;
}

/** key_share of a HelloRetryRequest: the group that the server asks for. */
export function encodeSelectedGroup(group: number): Uint8Array {
  return new ByteWriter().u16(group).finish();
}

/** Reads key_share of a HelloRetryRequest. */
export function decodeSelectedGroup(data: Uint8Array): number {
  const reader = messageReader("key_share", data);
  const group = reader.u16();
  reader.end();
  return group;
}

/** Checks the cookie of a HelloRetryRequest, which is sent back unchanged (section 4.2.2). */
export function checkCookie(data: Uint8Array): void {
  const reader = messageReader("cookie", data);
  reader.vector(2, 1);
  reader.end();
}

function writeShare(writer: ByteWriter, { group, share }: KeyShareEntry): void {
  writer.u16(group).vector(2, (w) => w.bytes(share));
}

function readShare(reader: ByteReader): KeyShareEntry {
  return { group: reader.u16(), share: reader.vector(2, 1) };
}
