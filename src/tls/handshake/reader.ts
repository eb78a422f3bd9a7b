/** Reads the peer's messages. Every fault is a decode_error that names the message. */

import { ByteReader } from "../../byte_fields.ts";
import { fatalAlert } from "../alerts.ts";

/** Returns a reader of the message or extension called `name`. */
export function messageReader(name: string, body: Uint8Array): ByteReader {
  return new ByteReader(body, (what) => fatalAlert("decode_error", `${name} ${what}`));
}

/** Returns what `read` finds in a message or an extension called `name`; refuses bytes that it leaves over. */
export function readWhole<T>(name: string, body: Uint8Array, read: (reader: ByteReader) => T): T {
  const reader = messageReader(name, body);
  const found = read(reader);
  reader.end();
  return found;
}

/** Reads a message or an extension that has no contents. */
export function readEmpty(name: string, body: Uint8Array): void {
  readWhole(name, body, () => {});
}
