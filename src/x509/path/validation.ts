/** Path validation (RFC 5280 section 6), and further requirements on the certificates of servers and clients. */

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
import type { Steps } from "../steps.ts";

/** The options of path validation, without revocation. */
export interface ValidationOptions extends PolicyOptions {
  /**
   * The trust anchors: certificates, or names with keys. If a root is a certificate, its validity, basicConstraints,
   * keyUsage and name constraints apply; its signature is not checked.
   */
  readonly roots: readonly (Certificate | TrustAnchor)[];
  /**
   * The DNS name or IP address that the end entity must have; see {@link matchesName}. By default the name is not checked.
   */
  readonly serverName?: string;
  /** The time at which the path must be valid; now by default. */
  readonly now?: Date;
  /** The use of the end entity's key, which extendedKeyUsage along the path must allow; `"server"` by default. */
  readonly usage?: Usage;
  /** The bit that must be set in the end entity's keyUsage, if the end entity has this extension. */
  readonly keyUsage?: KeyUsage;
  /** Whether signatures with SHA-1, which can be forged, are accepted; false by default. */
  readonly allowSha1?: boolean;
  /** The shortest RSA modulus in the path, in bits; 2048 by default. */
  readonly minimumRsaBits?: number;
  /** The most certificates between the end entity and the root; 8 by default. */
  readonly maximumIntermediates?: number;
}

/** A verified path. */
export interface VerifiedPath {
  /** The certificates, from the end entity up. If the root is a certificate, it is the last one. */
  readonly certificates: readonly Certificate[];
  /** The root that was reached. */
  readonly root: Certificate | TrustAnchor;
  /** The policies for which the path is valid, in dotted form. `2.5.29.32.0` means every policy. */
  readonly policies: readonly string[];
  /** The work that the verification took. */
  readonly work: WorkCounts;
}

/** The state of one validation. */
export interface Validation {
  /** The options, with their defaults. */
  readonly rules: PathRules;
  /** The limits on the work, and the work done so far. */
  readonly budget: Budget;
  /** Certificates that may help to find a path. */
  readonly untrusted: readonly Certificate[];
}

/** Throws a CertificateError for a path with a revoked certificate. */
export type RevocationRule = (path: CandidatePath, validation: Validation) => Steps<void>;

/**
 * Builds paths from `chain[0]` to the roots and returns the first valid one. Throws as `verifyCertificate` does. The
 * verification of signatures and the revocation rule are parameters, so that callers load only the code that they need.
 */
export function* validateCertificate(
  chain: readonly Certificate[],
  options: ValidationOptions,
  verifySignature: SignatureCheck,
  checkRevocation?: RevocationRule,
): Steps<VerifiedPath> {
  if (chain.length === 0) throw new TypeError("there is no certificate to verify");
  const { now = new Date() } = options;
  if (Number.isNaN(now.getTime())) throw new RangeError("now is not a valid date");
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

/** Throws for unknown values of options, because a misspelt value would otherwise be ignored. */
export function checkChoices(
  { usage = "server", revocation = "soft", maximumAgeDays = 0 }: {
    readonly usage?: Usage;
    readonly revocation?: string;
    readonly maximumAgeDays?: number;
  },
): void {
  if (!["server", "client", "any"].includes(usage)) {
    throw new TypeError("usage must be server, client or any");
  }
  if (!["off", "soft", "hard"].includes(revocation)) {
    throw new TypeError("revocation must be off, soft or hard");
  }
  if (!(maximumAgeDays >= 0)) throw new RangeError("maximumAgeDays must be 0 or a positive number of days");
}

/** Refuses an end entity that violates the rules. If the chain is in reverse order, the error says so. */
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

/**
 * Returns whether the chain begins with a CA and contains a certificate for another subject that this CA, or a CA below it,
 * issued.
 */
function isInReverse([first, ...others]: readonly Certificate[]): boolean {
  const isCa = (certificate: Certificate): boolean => certificate.extensions.basicConstraints?.ca === true;
  return isCa(first) && others.some((other) => !isCa(other));
}

/** Checks name constraints. They do not apply to self-issued intermediates (RFC 5280 sections 6.1.3 (b) and (c)). */
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
