/** Verification of certificates: paths, every kind of signature, and revocation. */

import type { Certificate } from "./certificate/certificate.ts";
import { verifySignature } from "./keys/signature.ts";
import { finish } from "./path/steps.ts";
import {
  checkChoices,
  type RevocationRule,
  validateCertificate,
  type ValidationOptions,
  type VerifiedPath,
} from "./path/validation.ts";
import { requireUnrevoked } from "./revocation/check.ts";
import type { RevocationEvidence } from "./revocation/evidence.ts";

/** The options of {@link verifyCertificate}. */
export interface VerifyOptions extends ValidationOptions, RevocationEvidence {
  /**
   * How to use `crls` and `ocspResponses`: `"soft"` (the default) refuses certificates that they show to be revoked, `"hard"` also
   * refuses a path with a certificate below the root that none of them shows to be good, `"off"` ignores them.
   *
   * Only evidence signed by the certificate's issuer or its delegates counts. A revocation counts however old it is; outdated
   * evidence does not show a certificate to be good.
   */
  readonly revocation?: "off" | "soft" | "hard";
}

/**
 * Verifies a certificate: builds paths to the roots (RFC 4158) and returns the first that is valid by RFC 5280 section 6.
 *
 * `chain[0]` is the certificate to verify; the others help to find a path, in any order, and are not trusted. An end
 * entity that is itself among the roots is its own path, to which policies and revocation do not apply. The work is
 * bounded by count, whatever certificates a peer sends: at most 100 signatures are verified (one by a key on P-384 counts as 2,
 * on P-521 as 4), 5,000 candidate issuers are considered and 1,048,576 names are compared with constraints.
 *
 * @throws {CertificateError} With the `reason`, and the `depth` of the certificate that it is about: 0 is the end
 * entity. If several paths fail, the error is that of the path that was verified furthest down from its root.
 * @throws {TypeError} If `chain` or `serverName` is empty, or `usage` or `revocation` is unknown.
 * @throws {RangeError} If `now` is not a date, or `maximumAgeDays` is not a number of days.
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
  return finish(validateCertificate(chain, options, verifySignature, revocationRule(options)));
}

/** Returns the rule that `crls` and `ocspResponses` impose on a path; undefined if revocation is off. */
export function revocationRule(
  options: Pick<VerifyOptions, "revocation" | keyof RevocationEvidence>,
): RevocationRule | undefined {
  const { revocation = "soft" } = options;
  return revocation === "off" ? undefined : requireUnrevoked(options, revocation === "hard");
}
