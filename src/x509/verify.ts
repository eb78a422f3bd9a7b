/** Verifies certificates: paths, signatures of every scheme, and revocation. */

import type { Certificate } from "./certificate/certificate.ts";
import { verifySignature } from "./keys/signature.ts";
import { finish } from "./steps.ts";
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
   * How to use `crls` and `ocspResponses`. `"soft"` (the default) refuses certificates that they show to be revoked.
   * `"hard"` also requires that they show every certificate below the root to be good. `"off"` ignores them.
   *
   * Only evidence signed by the certificate's issuer or its delegates counts. A revocation of any age counts; outdated
   * evidence does not show a certificate to be good.
   */
  readonly revocation?: "off" | "soft" | "hard";
}

/**
 * Verifies a certificate: builds paths to the roots (RFC 4158) and returns the first path that is valid by RFC 5280 section
 * 6.
 *
 * `chain[0]` is the certificate to verify; the others help to find a path, in any order, and are not trusted. If the end
 * entity is itself among the roots, the path consists of it alone, and policies and revocation do not apply. The work is
 * bounded, whatever certificates a peer sends: at most 100 signatures are verified (one by a key on P-384 counts as 2, on
 * P-521 as 4), 5,000 candidate issuers are considered and 1,048,576 names are compared with constraints.
 *
 * @throws {CertificateError} If no path is valid. It has the `reason` and the `depth` of the certificate at fault, where 0
 * is the end entity. If several paths fail, the error is from the path that was verified furthest down from its root.
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

/** Returns the rule that `crls` and `ocspResponses` impose on a path, or undefined if revocation is off. */
export function revocationRule(
  options: Pick<VerifyOptions, "revocation" | keyof RevocationEvidence>,
): RevocationRule | undefined {
  const { revocation = "soft" } = options;
  return revocation === "off" ? undefined : requireUnrevoked(options, revocation === "hard");
}
