/** Trust in certificates that lead to given roots. */

import { ChannelError } from "../errors.ts";
import type { Certificate } from "../x509/certificate.ts";
import { verifyCertificate, type VerifyOptions } from "../x509/verify.ts";
import type { Trust } from "./identity.ts";

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
    verifyCertificate(peer.chain, { ...options, roots, keyUsage, serverName: peer.serverName });
  };
}
