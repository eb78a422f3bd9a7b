/** The NSS key log, which Wireshark reads (draft-ietf-tls-keylogfile). */

import { toHex } from "../bytes.ts";

/** Takes one line of a key log, without a line end. Whoever holds it can read the session. */
export type KeyLog = (line: string) => void;

/** The line that gives a TLS 1.2 session's master secret. */
export function keyLogLine(clientRandom: Uint8Array, master: Uint8Array): string {
  return `CLIENT_RANDOM ${toHex(clientRandom)} ${toHex(master)}`;
}
