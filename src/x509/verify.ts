/** Verification of certificates with all that there is: every kind of signature, and revocation. */

import type { Certificate } from "./certificate/certificate.ts";
import { RevocationCheck, type RevocationEvidence } from "./revocation/check.ts";
import { verifySignature } from "./keys/signature.ts";
import {
  checkChoices,
  type RevocationRule,
  validateCertificate,
  type ValidationOptions,
  type VerifiedPath,
} from "./path/validation.ts";

/** How {@link verifyCertificate} judges. */
export interface VerifyOptions extends ValidationOptions, RevocationEvidence {
  /**
   * What to do with `crls` and `ocspResponses`: `"soft"` (the default) refuses what they show to be revoked, `"hard"` also
   * refuses a path with a certificate below the root that none of them shows to be good, `"off"` ignores them. What is
   * not signed by the certificate's issuer, out of date, or without an end of its validity, shows nothing.
   */
  readonly revocation?: "off" | "soft" | "hard";
}

/**
 * Verifies a certificate: builds paths to the roots (RFC 4158) and gives the first that is valid by RFC 5280 section 6.
 *
 * `chain[0]` is the certificate to verify; the others help to find a path, in any order, and are not trusted. An end
 * entity that is itself among the roots is its own path, to which policies and revocation do not apply. The work is bounded by count: at most 100 signatures are
 * verified, 5,000 candidate issuers looked at and 250,000 names compared with constraints, however many certificates come.
 *
 * @throws {CertificateError} With the `reason`, and the `depth` of the certificate that it is about: 0 is the end
 * entity. Where several paths fail, the error is that of the first.
 * @throws {TypeError} Where `chain` or `serverName` is empty, or `usage` or `revocation` is none that there is;
 * RangeError where `now` is not a date.
 * @example
 * ```ts
 * import { parseCertificates, verifyCertificate, type VerifiedPath } from "@fesa/channel/x509";
 *
 * function check(chainPem: string, rootsPem: string): VerifiedPath {
 *   return verifyCertificate(parseCertificates(chainPem), {
 *     roots: parseCertificates(rootsPem),
 *     serverName: "server.example",
 *   });
 * }
 * ```
 */
export function verifyCertificate(chain: readonly Certificate[], options: VerifyOptions): VerifiedPath {
  checkChoices(options);
  return validateCertificate(chain, options, verifySignature, revocationRule(options));
}

/** What `crls` and `ocspResponses` do to a path. */
export function revocationRule(options: VerifyOptions): RevocationRule {
  const { revocation = "soft" } = options;
  return (path, rules, budget) => {
    if (revocation !== "off") new RevocationCheck(options, rules, budget).check(path, revocation === "hard");
  };
}
