/** The NSS key log, which Wireshark reads (draft-ietf-tls-keylogfile). */

import { toHex } from "../bytes.ts";

/** Takes one line of a key log, without a line end. Anyone who has it can decrypt the session. */
export type KeyLog = (line: string) => void;

/** Returns the line for a secret of a TLS 1.3 session, by its label. */
export function secretLine(label: string, clientRandom: Uint8Array, secret: Uint8Array): string {
  return `${label} ${toHex(clientRandom)} ${toHex(secret)}`;
}

/** Returns the line for the master secret of a TLS 1.2 session. */
export function keyLogLine(clientRandom: Uint8Array, master: Uint8Array): string {
  return `CLIENT_RANDOM ${toHex(clientRandom)} ${toHex(master)}`;
}
