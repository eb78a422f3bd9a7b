/** Path validation (RFC 5280 section 6), with what servers and clients on the network ask besides. */

import { equalBytes } from "../bytes.ts";
import { Budget, type WorkCounts } from "./budget.ts";
import { Certificate } from "./certificate.ts";
import type { KeyUsage } from "./extensions.ts";
import { checkNameConstraints } from "./name_constraints.ts";
import { type CandidatePath, PathBuilder, type PathRules, type TrustAnchor } from "./path.ts";
import { type PolicyOptions, validPolicies } from "./policy.ts";
import { RevocationCheck, type RevocationEvidence } from "./revocation.ts";
import { checkEndEntity, type Usage } from "./rules.ts";

/** How {@link verifyCertificate} judges. */
export interface VerifyOptions extends PolicyOptions, RevocationEvidence {
  /**
   * What is trusted: certificates, or bare keys. A root that is a certificate is held to what it says about itself
   * (validity, basicConstraints, keyUsage, name constraints); its own signature does not matter.
   */
  readonly roots: readonly (Certificate | TrustAnchor)[];
  /** The DNS name or IP address that the end entity must have; see {@link matchesName}. Not checked where left out. */
  readonly serverName?: string;
  /** When; now by default. */
  readonly now?: Date;
  /** What the end entity's key is to be used for, by extendedKeyUsage along the path; `"server"` by default. */
  readonly usage?: Usage;
  /** The bit that the end entity's keyUsage must have, where it has that extension. */
  readonly keyUsage?: KeyUsage;
  /** Whether signatures with SHA-1, which can be forged, will do; false by default. */
  readonly allowSha1?: boolean;
  /** The shortest RSA modulus in the path, in bits; 2048 by default. */
  readonly minimumRsaBits?: number;
  /** How many certificates may stand between the end entity and the root; 8 by default. */
  readonly maximumIntermediates?: number;
  /**
   * What to do with `crls` and `ocspResponses`: `"soft"` (the default) refuses what they show to be revoked, `"hard"` also
   * refuses a path with a certificate below the root that none of them shows to be good, `"off"` ignores them. What is
   * not signed by the certificate's issuer, out of date, or without an end of its validity, shows nothing.
   */
  readonly revocation?: "off" | "soft" | "hard";
}

/** A path that was verified. */
export interface VerifiedPath {
  /** The certificates, from the end entity up; the last is the root, where it is a certificate. */
  readonly certificates: readonly Certificate[];
  /** The root that was reached. */
  readonly root: Certificate | TrustAnchor;
  /** The policies that the path is valid for, in dotted form: `2.5.29.32.0` stands for every policy. */
  readonly policies: readonly string[];
  /** The work that was done. */
  readonly work: WorkCounts;
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
 * @throws {TypeError} Where `chain` or `serverName` is empty; RangeError where `now` is not a date.
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
  if (chain.length === 0) throw new TypeError("there is no certificate to verify");
  const { now = new Date() } = options;
  if (Number.isNaN(now.getTime())) throw new RangeError("the time is not a date");
  const [endEntity, ...untrusted] = chain;
  const rules: PathRules = {
    now,
    usage: options.usage ?? "server",
    keyUsage: options.keyUsage,
    serverName: options.serverName,
    allowSha1: options.allowSha1 ?? false,
    minimumRsaBits: options.minimumRsaBits ?? 2048,
    maximumIntermediates: options.maximumIntermediates ?? 8,
  };
  const budget = new Budget();
  checkEndEntity(endEntity, rules);
  const root = options.roots.find((candidate) =>
    candidate instanceof Certificate && equalBytes(candidate.der, endEntity.der)
  );
  if (root !== undefined) return { certificates: [endEntity], root, policies: [], work: budget.used };

  const { revocation = "soft" } = options;
  const revocations = new RevocationCheck(options, rules, budget);
  let policies: string[] = [];
  const builder = new PathBuilder(options.roots, untrusted, rules, budget, (path) => {
    checkNames(path, budget);
    policies = validPolicies(path.certificates, options);
    if (revocation !== "off") revocations.check(path, revocation === "hard");
  });
  const { certificates, anchor } = builder.build(endEntity);
  return {
    certificates: anchor instanceof Certificate ? [...certificates, anchor] : certificates,
    root: anchor,
    policies,
    work: budget.used,
  };
}

/** RFC 5280 sections 6.1.3 (b) and (c): intermediates that are self-issued are not held to constraints. */
function checkNames({ certificates, anchor }: CandidatePath, budget: Budget): void {
  const constraining = [
    ...certificates.map(({ extensions }) => extensions.nameConstraints),
    constraintsOf(anchor),
  ];
  for (const [depth, constraints] of constraining.entries()) {
    if (depth === 0 || constraints === undefined) continue;
    for (const [below, certificate] of certificates.slice(0, depth).entries()) {
      if (below > 0 && certificate.isSelfIssued) continue;
      checkNameConstraints(constraints, certificate, below, budget);
    }
  }
}

function constraintsOf(anchor: Certificate | TrustAnchor): TrustAnchor["nameConstraints"] {
  return anchor instanceof Certificate ? anchor.extensions.nameConstraints : anchor.nameConstraints;
}
