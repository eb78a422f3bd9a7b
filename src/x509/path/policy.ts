/**
 * Certificate policies (RFC 5280 sections 6.1.2 to 6.1.5), with the policy graph of RFC 9618 instead of a policy tree. Each
 * certificate has one node per policy, so the work is linear in the size of the certificates.
 */

import { CertificateError } from "../../errors.ts";
import type { Certificate } from "../certificate/certificate.ts";
import type { PolicyMapping } from "../certificate/policies.ts";
import { ANY_POLICY } from "../oids.ts";

/** The caller's requirements on policies (RFC 5280 section 6.1.1). */
export interface PolicyOptions {
  /** The acceptable policies, in dotted form; any by default (user-initial-policy-set). */
  readonly policies?: readonly string[];
  /** Whether the path must be valid for at least one acceptable policy (initial-explicit-policy); false by default. */
  readonly requireExplicitPolicy?: boolean;
  /** Whether policy mappings are forbidden (initial-policy-mapping-inhibit); false by default. */
  readonly inhibitPolicyMapping?: boolean;
  /** Whether anyPolicy is ignored (initial-any-policy-inhibit); false by default. */
  readonly inhibitAnyPolicy?: boolean;
}

/** A policy that is valid for a certificate, with its parents: nodes of the certificate above (RFC 9618 section 5.1). */
interface Node {
  /** The policy, in the domain of the certificate's issuer. */
  readonly policy: string;
  /** The policies expected in the certificate below: this policy, or those to which it is mapped. */
  readonly expected: ReadonlySet<string>;
  readonly parents: readonly Node[];
}

/** The nodes of one certificate, by policy. An empty level is what RFC 5280 calls a NULL tree. */
type Level = ReadonlyMap<string, Node>;

/** For each rule, the number of certificates before it applies (RFC 5280 section 6.1.2 (d) to (f)). */
interface Counters {
  explicitPolicy: number;
  policyMapping: number;
  inhibitAnyPolicy: number;
}

/**
 * Returns the policies acceptable to the caller for which a path is valid, in the domain of the trust anchor. `path` starts
 * at the end entity and does not include the trust anchor.
 *
 * @throws {CertificateError} `"policy"` if a policy is required but the path is valid for none.
 */
export function validPolicies(path: readonly Certificate[], options: PolicyOptions): string[] {
  const never = path.length + 1;
  const counters: Counters = {
    explicitPolicy: options.requireExplicitPolicy ? 0 : never,
    policyMapping: options.inhibitPolicyMapping ? 0 : never,
    inhibitAnyPolicy: options.inhibitAnyPolicy ? 0 : never,
  };
  let level: Level = new Map([[ANY_POLICY, nodeOf(ANY_POLICY, [])]]);
  for (let depth = path.length - 1; depth >= 0; depth--) {
    const certificate = path[depth];
    const selfIssued = depth > 0 && certificate.isSelfIssued;
    level = nextLevel(
      level,
      certificate.extensions.certificatePolicies,
      selfIssued || counters.inhibitAnyPolicy > 0,
    );
    if (counters.explicitPolicy === 0 && level.size === 0) refuse(depth);
    if (depth > 0) {
      level = mapPolicies(level, certificate.extensions.policyMappings ?? [], counters.policyMapping > 0);
      prepareForNext(counters, certificate, selfIssued);
    }
  }
  // Section 6.1.5 (a) and (b).
  const required = counters.explicitPolicy <= 1 ||
    path[0].extensions.policyConstraints?.requireExplicitPolicy === 0;
  const valid = userConstrained(level, options.policies ?? [ANY_POLICY]);
  if (required && valid.length === 0) refuse(0);
  return valid;
}

/** Returns the nodes for those policies of a certificate that the level above expects (RFC 9618 section 5.3, step (d)). */
function nextLevel(above: Level, policies: readonly string[] = [], anyPolicyCounts: boolean): Level {
  const expecting = new Map<string, Node[]>();
  for (const node of above.values()) {
    for (const policy of node.expected) {
      const nodes = expecting.get(policy);
      if (nodes === undefined) expecting.set(policy, [node]);
      else nodes.push(node);
    }
  }
  const any = above.get(ANY_POLICY);
  const level = new Map<string, Node>();
  for (const policy of policies) {
    if (policy === ANY_POLICY) continue;
    const parents = expecting.get(policy) ?? (any && [any]);
    if (parents !== undefined) level.set(policy, nodeOf(policy, parents));
  }
  if (anyPolicyCounts && policies.includes(ANY_POLICY)) {
    for (const [policy, parents] of expecting) {
      if (!level.has(policy)) level.set(policy, nodeOf(policy, parents));
    }
  }
  return level;
}

/**
 * Applies policy mappings: replaces the expected policies of mapped nodes, or removes these nodes if mapping is inhibited
 * (RFC 9618 section 5.4, step (b)).
 */
function mapPolicies(level: Level, mappings: readonly PolicyMapping[], isAllowed: boolean): Level {
  const expected = new Map<string, Set<string>>();
  for (const { issuerDomain, subjectDomain } of mappings) {
    expected.set(issuerDomain, (expected.get(issuerDomain) ?? new Set()).add(subjectDomain));
  }
  const mapped = new Map(level);
  const any = level.get(ANY_POLICY);
  for (const [policy, subjectPolicies] of expected) {
    const parents = level.get(policy)?.parents ?? any?.parents;
    if (!isAllowed) mapped.delete(policy);
    else if (parents !== undefined) mapped.set(policy, { policy, expected: subjectPolicies, parents });
  }
  return mapped;
}

/** Updates the counters (RFC 5280 section 6.1.4, steps (h) to (j)). Self-issued certificates do not count. */
function prepareForNext(counters: Counters, { extensions }: Certificate, selfIssued: boolean): void {
  const { policyConstraints, inhibitAnyPolicy } = extensions;
  const next = (counter: number, limit = counter): number =>
    Math.min(selfIssued ? counter : Math.max(0, counter - 1), limit);
  counters.explicitPolicy = next(counters.explicitPolicy, policyConstraints?.requireExplicitPolicy);
  counters.policyMapping = next(counters.policyMapping, policyConstraints?.inhibitPolicyMapping);
  counters.inhibitAnyPolicy = next(counters.inhibitAnyPolicy, inhibitAnyPolicy);
}

/**
 * Returns the policies in the trust anchor's domain that are acceptable to the caller. A policy is in that domain if its
 * node is a child of anyPolicy and has a descendant in the last level (RFC 9618 section 5.5).
 */
function userConstrained(last: Level, wanted: readonly string[]): string[] {
  const seen = new Set<Node>();
  let nodes: readonly Node[] = [...last.values()];
  const granted = new Set<string>();
  if (last.has(ANY_POLICY)) granted.add(ANY_POLICY);
  while (nodes.length > 0) {
    for (const { policy, parents } of nodes) {
      if (policy !== ANY_POLICY && parents.some((parent) => parent.policy === ANY_POLICY)) {
        granted.add(policy);
      }
    }
    nodes = nodes.flatMap(({ parents }) => parents).filter((node) => !seen.has(node) && seen.add(node));
  }
  if (wanted.includes(ANY_POLICY)) return [...granted];
  return granted.has(ANY_POLICY) ? [...wanted] : wanted.filter((policy) => granted.has(policy));
}

function nodeOf(policy: string, parents: readonly Node[]): Node {
  return { policy, expected: new Set([policy]), parents };
}

function refuse(depth: number): never {
  throw new CertificateError("policy", depth, "the path is not valid for an acceptable policy");
}
