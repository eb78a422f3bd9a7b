/** Reading the peer's messages: every fault is a decode_error that names the message. */

import { ByteReader } from "../../byte_fields.ts";
import { fatalAlert } from "../alerts.ts";

/** Returns a reader over a message or an extension called `name`. */
export function messageReader(name: string, body: Uint8Array): ByteReader {
  return new ByteReader(body, (what) => fatalAlert("decode_error", `${name} ${what}`));
}
