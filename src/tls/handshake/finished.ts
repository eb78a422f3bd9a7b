/** The check of Finished that both versions share. */

import { equalBytes } from "../../bytes.ts";
import { fatalAlert } from "../alerts.ts";

/** Refuses a Finished whose verify_data is not the expected one (RFC 8446 section 4.4.4, RFC 5246 section 7.4.9). */
export function checkFinished(body: Uint8Array, expected: Uint8Array): void {
  if (body.length !== expected.length) throw fatalAlert("decode_error", "Finished has the wrong length");
  if (!equalBytes(body, expected)) throw fatalAlert("decrypt_error", "Finished does not match the handshake");
}
