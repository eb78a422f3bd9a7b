/** Path validation (RFC 5280 section 6), with what servers and clients on the network ask besides. */

import { equalBytes } from "../../bytes.ts";
import { CertificateError } from "../../errors.ts";
import { Budget, type WorkCounts } from "./budget.ts";
import { Certificate } from "../certificate/certificate.ts";
import type { KeyUsage } from "../certificate/extensions.ts";
import { checkNameConstraints } from "./name_constraints.ts";
import { type CandidatePath, PathBuilder, type PathRules, type TrustAnchor } from "./builder.ts";
import { type PolicyOptions, validPolicies } from "./policy.ts";
import { checkEndEntity, type Usage } from "./rules.ts";
import type { SignatureCheck } from "../keys/signature_scheme.ts";
import type { Steps } from "./steps.ts";

/** How a path is judged by its certificates alone. */
export interface ValidationOptions extends PolicyOptions {
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

/** What the rules of a validation share. */
export interface Validation {
  /** The options, with their defaults. */
  readonly rules: PathRules;
  /** What is left of the work that may be done. */
  readonly budget: Budget;
  /** Certificates that may help to find a path. */
  readonly untrusted: readonly Certificate[];
}

/** Throws a CertificateError for a path with a certificate that was revoked. */
export type RevocationRule = (path: CandidatePath, validation: Validation) => Steps<void>;

/**
 * Builds paths from `chain[0]` to the roots and returns the first that is valid; throws as `verifyCertificate` does. Who
 * verifies signatures and what is known about revocations is given, so that a caller carries no more than it needs.
 */
export function* validateCertificate(
  chain: readonly Certificate[],
  options: ValidationOptions,
  verifySignature: SignatureCheck,
  checkRevocation?: RevocationRule,
): Steps<VerifiedPath> {
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
    verifySignature,
  };
  const budget = new Budget();
  checkFirst(chain, rules);
  const root = options.roots.find((candidate) =>
    candidate instanceof Certificate && equalBytes(candidate.der, endEntity.der)
  );
  if (root !== undefined) return { certificates: [endEntity], root, policies: [], work: budget.used };

  let policies: string[] = [];
  const builder = new PathBuilder(options.roots, untrusted, rules, budget, function* (path) {
    yield* checkNames(path, budget);
    policies = validPolicies(path.certificates, options);
    if (checkRevocation !== undefined) yield* checkRevocation(path, { rules, budget, untrusted });
  });
  const { certificates, anchor } = yield* builder.build(endEntity);
  return {
    certificates: anchor instanceof Certificate ? [...certificates, anchor] : certificates,
    root: anchor,
    policies,
    work: budget.used,
  };
}

/** Refuses choices that there are not, since a misspelt one would ask for nothing. */
export function checkChoices(
  { usage = "server", revocation = "soft", maximumAgeDays = 0 }: {
    readonly usage?: Usage;
    readonly revocation?: string;
    readonly maximumAgeDays?: number;
  },
): void {
  if (!["server", "client", "any"].includes(usage)) throw new TypeError("usage is server, client or any");
  if (!["off", "soft", "hard"].includes(revocation)) throw new TypeError("revocation is off, soft or hard");
  if (!(maximumAgeDays >= 0)) throw new RangeError("maximumAgeDays is 0 or a positive number of days");
}

/** Refuses an end entity that does not keep the rules, and says so if it is not the end entity at all. */
function checkFirst(chain: readonly Certificate[], rules: PathRules): void {
  try {
    checkEndEntity(chain[0], rules);
  } catch (error) {
    if (!(error instanceof CertificateError) || !isInReverse(chain)) throw error;
    const message = `the first certificate is that of a CA, ${
      chain[0].subject
    }: the end entity's comes first`;
    throw new CertificateError(error.reason, 0, `${message} (${error.message})`);
  }
}

/** Returns whether the chain begins with a CA and has a certificate that it, or a CA below it, issued to somebody else. */
function isInReverse([first, ...others]: readonly Certificate[]): boolean {
  const isCa = (certificate: Certificate): boolean => certificate.extensions.basicConstraints?.ca === true;
  return isCa(first) && others.some((other) => !isCa(other));
}

/** RFC 5280 sections 6.1.3 (b) and (c): intermediates that are self-issued are not held to constraints. */
export function* checkNames({ certificates, anchor }: CandidatePath, budget: Budget): Steps<void> {
  const constraining = [
    ...certificates.map(({ extensions }) => extensions.nameConstraints),
    constraintsOf(anchor),
  ];
  for (const [depth, constraints] of constraining.entries()) {
    if (depth === 0 || constraints === undefined) continue;
    for (const [below, certificate] of certificates.slice(0, depth).entries()) {
      if (below > 0 && certificate.isSelfIssued) continue;
      yield* checkNameConstraints(constraints, certificate, below, budget);
    }
  }
}

function constraintsOf(anchor: Certificate | TrustAnchor): TrustAnchor["nameConstraints"] {
  return anchor instanceof Certificate ? anchor.extensions.nameConstraints : anchor.nameConstraints;
}
