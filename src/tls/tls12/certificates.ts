/** Certificate messages of TLS 1.2 (RFC 5246 section 7.4.2), with chains or raw public keys (RFC 7250). */

import { type Credentials, type PeerCredentials, spkiOf } from "../credentials/credentials.ts";
import { peerCertificates, peerRawKey } from "../credentials/peer.ts";
import type { CertificateType } from "../handshake/extensions.ts";
import {
  decodeCertificateChain,
  decodeRawPublicKey,
  encodeCertificateChain,
  encodeRawPublicKey,
} from "./messages.ts";

/** The body of a Certificate message; without credentials it is empty in either form (RFC 5246 section 7.4.6). */
export function encodeCredentials(credentials: Credentials | undefined, type: CertificateType): Uint8Array {
  if (credentials === undefined) return encodeCertificateChain([]);
  if (type === "raw") return encodeRawPublicKey(spkiOf(credentials));
  return encodeCertificateChain((credentials.certificates ?? []).map(({ der }) => der));
}

/** Reads a Certificate message; undefined if it is empty. */
export function decodePeerCredentials(
  type: CertificateType,
  body: Uint8Array,
  serverName?: string,
): PeerCredentials | undefined {
  if (type === "raw") {
    const spki = decodeRawPublicKey(body);
    return spki.length === 0 ? undefined : peerRawKey(spki);
  }
  const chain = decodeCertificateChain(body);
  return chain.length === 0 ? undefined : peerCertificates(chain, serverName);
}
