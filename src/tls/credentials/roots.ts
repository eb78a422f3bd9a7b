/** Verifies peers whose certificates lead to given roots. */

import { CertificateError, ChannelError } from "../../errors.ts";
import { lazyModule } from "../../lazy_module.ts";
import type { Certificate } from "../../x509/certificate/certificate.ts";
import { checkCryptoChoice, type CryptoChoice } from "../../platform/choose.ts";
import { tlsOperations } from "../../platform/tls_operations.ts";
import { signatureCheck } from "../../x509/keys/signature.ts";
import { finishFairly } from "../../x509/path/steps.ts";
import { checkChoices, validateCertificate } from "../../x509/path/validation.ts";
import type { VerifyOptions } from "../../x509/verify.ts";
import { ExtensionType } from "../handshake/extensions.ts";
import type { PeerCertificates, VerifyPeer } from "./credentials.ts";

const revocation = lazyModule(() => import("./revocation.ts"));

/** Options of {@link verifyWithRoots}, besides the roots and what follows from the session. */
export interface RootsOptions extends Omit<VerifyOptions, "roots" | "serverName" | "keyUsage"> {
  /** `"pure"` verifies signatures by nothing but this library's TypeScript; `"platform"` is the default. */
  readonly crypto?: CryptoChoice | undefined;
}

/**
 * Trusts a peer whose certificate chain leads to one of these roots and, if this side asked for a server by name, whose
 * certificate has that name.
 *
 * (Whether a certificate lets its key sign or decrypt, as the key exchange needs, is checked by the handshake itself.)
 *
 * @param roots The certificates of the authorities that are trusted.
 * @param options `now` and the other choices of `verifyCertificate`; `usage: "client"` if a server verifies clients.
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

/** Whether revocation must be checked: there is evidence, or there must be. */
function hasEvidence({ revocation, crls = [], ocspResponses = [] }: RootsOptions): boolean {
  return revocation === "hard" || crls.length > 0 || ocspResponses.length > 0;
}

/** Whether the peer's certificate requires a stapled OCSP response (RFC 7633, "must-staple"). */
function asksForStapling({ chain }: PeerCertificates): boolean {
  return chain[0].extensions.tlsFeature?.includes(ExtensionType.statusRequest) === true;
}
