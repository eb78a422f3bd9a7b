/** Trust in certificates that lead to given roots. */

import { CertificateError, ChannelError } from "../errors.ts";
import type { Certificate } from "../x509/certificate.ts";
import { type OcspResponse, parseOcspResponse } from "../x509/ocsp.ts";
import { verifyCertificate, type VerifyOptions } from "../x509/verify.ts";
import { ExtensionType } from "./extensions.ts";
import type { CertificateIdentity, Trust } from "./identity.ts";

/** How {@link trustRoots} verifies, beside the roots and what follows from the session. */
export type RootsOptions = Omit<VerifyOptions, "roots" | "serverName" | "keyUsage">;

/**
 * Trusts a peer whose certificate chain leads to one of these roots and, where this side asked for a server by its
 * name, has that name.
 *
 * @param roots The certificates of the authorities that are trusted.
 * @param options `now` and the other choices of `verifyCertificate`; `usage: "client"` where a server checks clients.
 * @example
 * ```ts
 * import { trustRoots } from "@fesa/channel/tls";
 * import { parseCertificates } from "@fesa/channel/x509";
 *
 * const trust = trustRoots(parseCertificates(""), { allowSha1: false });
 * ```
 */
export function trustRoots(roots: readonly Certificate[], options: RootsOptions = {}): Trust {
  // RFC 5246 sections 7.4.2 and 7.4.6: a server's key decrypts, a client's key signs.
  const keyUsage = options.usage === "client" ? "digitalSignature" : "keyEncipherment";
  return (peer) => {
    if (peer.type !== "x509") throw new ChannelError("untrusted", "the peer shows no certificate");
    const ocspResponses = [...(options.ocspResponses ?? [])];
    if (options.usage !== "client") ocspResponses.push(...stapled(peer));
    verifyCertificate(peer.chain, {
      ...options,
      roots,
      keyUsage,
      serverName: peer.serverName,
      ocspResponses,
    });
  };
}

/** The OCSP response in the handshake; a certificate may ask that there be one (RFC 7633, "must-staple"). */
function stapled({ chain, ocspResponse }: CertificateIdentity): OcspResponse[] {
  if (ocspResponse === undefined) {
    if (!chain[0].extensions.tlsFeature?.includes(ExtensionType.statusRequest)) return [];
    throw new CertificateError(
      "revocation_unknown",
      0,
      "the certificate asks for an OCSP response, and none came with it",
    );
  }
  try {
    return [parseOcspResponse(ocspResponse)];
  } catch (cause) {
    const alert = "bad_certificate_status_response";
    throw new ChannelError("malformed", "the stapled OCSP response is none", {
      alert,
      direction: "sent",
      cause,
    });
  }
}
