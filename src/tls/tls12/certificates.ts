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

/** Encodes the body of Certificate. Without credentials it has an empty chain or key (RFC 5246 section 7.4.6). */
export function encodeCredentials(credentials: Credentials | undefined, type: CertificateType): Uint8Array {
  if (credentials === undefined) return encodeCertificateChain([]);
  if (type === "raw") return encodeRawPublicKey(spkiOf(credentials));
  return encodeCertificateChain((credentials.certificates ?? []).map(({ der }) => der));
}

/** Reads a Certificate message. Returns undefined if it has no credentials. */
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
