/** Verifies peers by their certificate chains and given roots. */

import { CertificateError, ChannelError } from "../../errors.ts";
import { lazyModule } from "../../lazy_module.ts";
import type { Certificate } from "../../x509/certificate/certificate.ts";
import { checkCryptoChoice, type CryptoChoice } from "../../platform/choose.ts";
import { tlsOperations } from "../../platform/tls_operations.ts";
import { signatureCheck } from "../../x509/keys/signature.ts";
import { finishFairly } from "../../x509/steps.ts";
import { checkChoices, validateCertificate } from "../../x509/path/validation.ts";
import type { VerifyOptions } from "../../x509/verify.ts";
import { ExtensionType } from "../handshake/extensions.ts";
import type { PeerCertificates, VerifyPeer } from "./credentials.ts";

const revocation = lazyModule(() => import("./revocation.ts"));

/** Options of {@link verifyWithRoots}: those of `verifyCertificate` that do not follow from the session. */
export interface RootsOptions extends Omit<VerifyOptions, "roots" | "serverName" | "keyUsage"> {
  /**
   * `"pure"` verifies signatures with this library's TypeScript alone; `"platform"`, the default, also uses the runtime's
   * cryptography.
   */
  readonly crypto?: CryptoChoice | undefined;
}

/**
 * Returns a function that accepts a peer if its certificate chain leads to one of these roots. If this side sent a server
 * name, the certificate must also have that name.
 *
 * The handshake itself checks whether the certificate's key usage allows the key exchange.
 *
 * @param roots The certificates of the trusted CAs.
 * @param options `now` and the other options of `verifyCertificate`. A server that verifies clients passes `usage:
 * "client"`.
 * @throws {TypeError} If `usage` or `revocation` is unknown.
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
  const { crypto = "platform" } = options;
  checkCryptoChoice(crypto);
  const verifySignature = signatureCheck(tlsOperations(crypto));
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
    const checkRevocation = stapled !== undefined || hasEvidence(options)
      ? (await revocation()).peerRevocation(options, stapled, mustStaple)
      : undefined;
    const verification = { ...options, roots, serverName: peer.serverName } as const;
    await finishFairly(validateCertificate(peer.chain, verification, verifySignature, checkRevocation));
  };
}

/** Returns whether revocation must be checked: if there is evidence, or if evidence is required. */
function hasEvidence({ revocation, crls = [], ocspResponses = [] }: RootsOptions): boolean {
  return revocation === "hard" || crls.length > 0 || ocspResponses.length > 0;
}

/** Returns whether the peer's certificate requires a stapled OCSP response (RFC 7633, "must-staple"). */
function asksForStapling({ chain }: PeerCertificates): boolean {
  return chain[0].extensions.tlsFeature?.includes(ExtensionType.statusRequest) === true;
}
