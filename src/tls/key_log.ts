/** The NSS key log, which Wireshark reads (draft-ietf-tls-keylogfile). */

import { toHex } from "../bytes.ts";

/** Receives one line of a key log, without a line end. Anyone who has the lines can decrypt the session. */
export type KeyLog = (line: string) => void;

/** The label of the master secret of TLS 1.2. Each secret of TLS 1.3 has its own label. */
export const MASTER_SECRET = "CLIENT_RANDOM";

/** Returns the line for a secret of a session, by its label. */
export function keyLogLine(label: string, clientRandom: Uint8Array, secret: Uint8Array): string {
  return `${label} ${toHex(clientRandom)} ${toHex(secret)}`;
}
