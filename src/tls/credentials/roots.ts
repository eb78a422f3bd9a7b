/** VerifyPeer in certificates that lead to given roots. */

import { CertificateError, ChannelError } from "../../errors.ts";
import { load } from "../../load.ts";
import type { Certificate } from "../../x509/certificate/certificate.ts";
import { isPkcs1, verifyPkcs1Alone } from "../../x509/keys/signature_scheme.ts";
import { finishFairly } from "../../x509/path/steps.ts";
import { checkChoices, validateCertificate } from "../../x509/path/validation.ts";
import type { VerifyOptions } from "../../x509/verify.ts";
import { ExtensionType } from "../handshake/extensions.ts";
import type { PeerCertificates, VerifyPeer } from "./credentials.ts";

/** How {@link verifyWithRoots} verifies, beside the roots and what follows from the session. */
export type RootsOptions = Omit<VerifyOptions, "roots" | "serverName" | "keyUsage">;

/**
 * Trusts a peer whose certificate chain leads to one of these roots and, where this side asked for a server by its
 * name, has that name.
 *
 * @param roots The certificates of the authorities that are trusted.
 * @param options `now` and the other choices of `verifyCertificate`; `usage: "client"` where a server checks clients.
 * @throws TypeError where `usage` or `revocation` is none that there is.
 * @example
 * ```ts
 * import { verifyWithRoots } from "@fesa/channel/tls";
 * import { parseCertificates } from "@fesa/channel/x509";
 *
 * const verifyPeer = verifyWithRoots(parseCertificates(""), { allowSha1: false });
 * ```
 */
export function verifyWithRoots(roots: readonly Certificate[], options: RootsOptions = {}): VerifyPeer {
  checkChoices(options);
  // RFC 5246 sections 7.4.2 and 7.4.6: a server's key decrypts, a client's key signs.
  const keyUsage = options.usage === "client" ? "digitalSignature" : "keyEncipherment";
  return async (peer) => {
    if (peer.type !== "x509") throw new ChannelError("untrusted", "the peer shows no certificate");
    const isServer = options.usage !== "client";
    const stapled = isServer ? peer.ocspResponse : undefined;
    const mustStaple = isServer && asksForStapling(peer);
    if (mustStaple && stapled === undefined) {
      throw new CertificateError(
        "revocation_unknown",
        0,
        "the certificate asks for an OCSP response, and none came with it",
      );
    }
    const verification = { ...options, roots, keyUsage, serverName: peer.serverName } as const;
    if (isPlain(peer, stapled, options)) {
      await finishFairly(validateCertificate(peer.chain, verification, verifyPkcs1Alone));
      return;
    }
    // Other kinds of signatures and all of revocation are loaded for the chains that have them, which are few.
    const verifyFully = await load(import("../rare.ts").then(({ verifyFully }) => verifyFully));
    await verifyFully(peer.chain, verification, stapled, mustStaple);
  };
}

/** Whether the chain has signatures by RSASSA-PKCS1-v1_5 alone, and revocation plays no part. */
function isPlain(
  { chain }: PeerCertificates,
  stapled: Uint8Array | undefined,
  { revocation, crls = [], ocspResponses = [] }: RootsOptions,
): boolean {
  return stapled === undefined && crls.length === 0 && ocspResponses.length === 0 &&
    revocation !== "hard" && chain.every(({ signatureAlgorithm }) => isPkcs1(signatureAlgorithm));
}

/** Whether the peer's certificate asks that an OCSP response come with it (RFC 7633, "must-staple"). */
function asksForStapling({ chain }: PeerCertificates): boolean {
  return chain[0].extensions.tlsFeature?.includes(ExtensionType.statusRequest) === true;
}
