/** The NSS key log, which Wireshark reads (draft-ietf-tls-keylogfile). */

import { toHex } from "../bytes.ts";

/** Takes one line of a key log, without a line end. Whoever holds it can read the session. */
export type KeyLog = (line: string) => void;

/** The line that gives one of the secrets of a TLS 1.3 session, by its label. */
export function secretLine(label: string, clientRandom: Uint8Array, secret: Uint8Array): string {
  return `${label} ${toHex(clientRandom)} ${toHex(secret)}`;
}

/** The line that gives a TLS 1.2 session's master secret. */
export function keyLogLine(clientRandom: Uint8Array, master: Uint8Array): string {
  return `CLIENT_RANDOM ${toHex(clientRandom)} ${toHex(master)}`;
}
