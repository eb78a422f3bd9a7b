/** Certificate messages of TLS 1.3 (RFC 8446 section 4.4.2), with chains or raw public keys (RFC 7250). */

import { fatalAlert } from "../alerts.ts";
import { type Credentials, type PeerCredentials, spkiOf } from "../credentials/credentials.ts";
import { peerCertificates, peerRawKey } from "../credentials/peer.ts";
import { type CertificateType, type Extensions, ExtensionType } from "../handshake/extensions.ts";
import { decodeCertificateStatus, encodeCertificateStatus } from "../handshake/messages.ts";
import { type CertificateEntry, decodeCertificate, encodeCertificate } from "./messages.ts";

const NO_EXTENSIONS: Extensions = new Map();

/**
 * Encodes the body of Certificate. Without credentials its list is empty. `staple` tells whether the peer accepts a stapled
 * OCSP response.
 */
export function encodeCredentials(
  credentials: Credentials | undefined,
  type: CertificateType,
  staple: boolean,
): Uint8Array {
  if (credentials === undefined) return encodeCertificate([]);
  if (type === "raw") return encodeCertificate([{ data: spkiOf(credentials), extensions: NO_EXTENSIONS }]);
  const { certificates = [], ocspResponse } = credentials;
  const stapled: Extensions = staple && ocspResponse !== undefined
    ? new Map([[ExtensionType.statusRequest, encodeCertificateStatus(ocspResponse)]])
    : NO_EXTENSIONS;
  return encodeCertificate(
    certificates.map(({ der }, i) => ({ data: der, extensions: i === 0 ? stapled : NO_EXTENSIONS })),
  );
}

/**
 * Reads a Certificate message. Returns undefined if its list is empty. `asked` has the extensions that are allowed in the
 * entries.
 */
export function decodePeerCredentials(
  body: Uint8Array,
  type: CertificateType,
  asked: Extensions,
  serverName?: string,
): PeerCredentials | undefined {
  const entries = decodeCertificate(body);
  for (const { extensions } of entries) checkEntry(extensions, asked);
  if (entries.length === 0) return undefined;
  if (type === "x509") {
    return peerCertificates(entries.map(({ data }) => data), serverName, ocspResponseOf(entries[0]));
  }
  if (entries.length > 1) throw fatalAlert("illegal_parameter", "Certificate has several raw public keys");
  return peerRawKey(entries[0].data);
}

/** Refuses extensions of an entry that this side did not request, or that are not allowed in an entry (section 4.4.2). */
function checkEntry(extensions: Extensions, asked: Extensions): void {
  for (const extension of extensions.keys()) {
    if (!asked.has(extension)) {
      throw fatalAlert(
        "unsupported_extension",
        `a certificate has extension ${extension}, which was not asked for`,
      );
    }
    if (extension !== ExtensionType.statusRequest) {
      throw fatalAlert(
        "illegal_parameter",
        `a certificate has extension ${extension}, which is not allowed there`,
      );
    }
  }
}

function ocspResponseOf({ extensions }: CertificateEntry): Uint8Array | undefined {
  const data = extensions.get(ExtensionType.statusRequest);
  return data && decodeCertificateStatus(data);
}
