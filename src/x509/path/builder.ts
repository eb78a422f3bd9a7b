/**
 * Path building: from an end entity to a trust anchor, over every candidate issuer (RFC 4158), in bounded work.
 *
 * Paths are found by names, and only those that reach an anchor are verified, from the anchor down. So every signature is
 * checked with a key that is already trusted. A peer without a certificate from a CA below the anchor can make the verifier
 * check at most one signature for each certificate that it sends.
 */

import { equalBytes, toHex } from "../../bytes.ts";
import { CertificateError } from "../../errors.ts";
import { type Budget, signatureCost } from "./budget.ts";
import { Certificate } from "../certificate/certificate.ts";
import type { NameConstraints } from "../certificate/extensions.ts";
import type { Name } from "../names/name.ts";
import { exportPublicKey, type PublicKey } from "../keys/public_key.ts";
import { certificateError, type CertificateRules, checkIssuer, checkKey, publicKeyOf } from "./rules.ts";
import { type SignatureCheck, type SignatureScheme, signatureScheme } from "../keys/signature_scheme.ts";
import type { Steps } from "./steps.ts";

/** A key that is trusted to sign certificates under an issuer's name (RFC 5280 section 6.1.1 (d)). */
export interface TrustAnchor {
  /** The issuer's name in the certificates that it signs. */
  readonly subject: Name;
  /** The key that signs them. */
  readonly publicKey: PublicKey;
  /** The names for which it is trusted; all by default. */
  readonly nameConstraints?: NameConstraints;
}

/** The rules for building paths. */
export interface PathRules extends CertificateRules {
  /** Verifies the signatures on certificates. */
  readonly verifySignature: SignatureCheck;
  /** Whether signatures with SHA-1 are accepted. */
  readonly allowSha1: boolean;
  /** How many certificates may stand between the end entity and the trust anchor. */
  readonly maximumIntermediates: number;
}

/** Certificates from the end entity up, each signed by the next, the last by the anchor. */
export interface CandidatePath {
  readonly certificates: readonly Certificate[];
  readonly anchor: Certificate | TrustAnchor;
}

/** Why a path was refused. If there are several, the failure of the path that was verified furthest is reported. */
interface Failure {
  readonly error: CertificateError;
  /** How many of the path's signatures and certificates, from the anchor down, were found valid. */
  readonly verified: number;
}

/** Builds paths, best candidates first, until one is accepted. */
export class PathBuilder {
  readonly #anchors: ReadonlyMap<string, readonly (Certificate | TrustAnchor)[]>;
  readonly #untrusted: ReadonlyMap<string, readonly Certificate[]>;
  readonly #rules: PathRules;
  readonly #budget: Budget;
  readonly #accept: (path: CandidatePath) => Steps<void>;
  /** The results of the signatures verified so far, by certificate and key. */
  readonly #answers = new Map<Certificate, Map<string, boolean>>();
  #failure: Failure | undefined;
  #deadEnd: readonly Certificate[] = [];

  /** `accept` throws a CertificateError to refuse a path. */
  constructor(
    anchors: readonly (Certificate | TrustAnchor)[],
    untrusted: readonly Certificate[],
    rules: PathRules,
    budget: Budget,
    accept: (path: CandidatePath) => Steps<void>,
  ) {
    this.#anchors = bySubject(anchors);
    this.#untrusted = bySubject(untrusted);
    this.#rules = rules;
    this.#budget = budget;
    this.#accept = accept;
  }

  /** Returns the first path that is accepted; throws the most useful CertificateError otherwise. */
  *build(endEntity: Certificate): Steps<CandidatePath> {
    const candidates = this.#candidates([endEntity]);
    let candidate = candidates.next();
    while (!candidate.done) {
      const failedAt = yield* this.#verify(candidate.value);
      if (failedAt === undefined) return candidate.value;
      candidate = candidates.next(failedAt);
    }
    throw this.#failure?.error ?? noPath(this.#deadEnd);
  }

  /**
   * Yields every path from the certificates to an anchor, by names alone. The caller answers with the position at which the path
   * failed; then no other path through the same certificates up to there is yielded.
   */
  *#candidates(path: readonly Certificate[]): Generator<CandidatePath, number, number> {
    const child = path[path.length - 1];
    let isDeadEnd = true;
    const anchors = likelyFirst(this.#anchors.get(child.issuer.key) ?? [], child);
    for (const anchor of anchors) {
      this.#budget.spend("candidates");
      isDeadEnd = false;
      if (this.#answerOf(child, anchor) === false) continue;
      const failedAt = yield { certificates: path, anchor };
      if (failedAt < path.length) return failedAt;
    }
    const issuers = likelyFirst(this.#untrusted.get(child.issuer.key) ?? [], child);
    for (const issuer of issuers) {
      this.#budget.spend("candidates");
      // The same subject and key twice is a cycle, whichever key signed (RFC 4158 section 5.2).
      if (path.some((certificate) => isSameEntity(certificate, issuer))) continue;
      isDeadEnd = false;
      if (this.#answerOf(child, issuer) === false) continue;
      if (!(path.length <= this.#rules.maximumIntermediates)) {
        this.#fail(
          new CertificateError("path_length", path.length, "the path has too many intermediates"),
          0,
        );
        continue;
      }
      const failedAt = yield* this.#candidates([...path, issuer]);
      if (failedAt < path.length) return failedAt;
    }
    if (isDeadEnd && path.length > this.#deadEnd.length) this.#deadEnd = path;
    return path.length;
  }

  /** Verifies a path from its anchor down; returns the position at which it failed. Throws if the work exceeds its limit. */
  *#verify(path: CandidatePath): Steps<number | undefined> {
    const { certificates, anchor } = path;
    let position = certificates.length;
    let verified = 0;
    try {
      for (; position > 0; position--) {
        const below = certificates.slice(0, position);
        const issuer = certificates.at(position) ?? anchor;
        yield* this.#checkSignature(below, issuer);
        verified++;
        if (issuer instanceof Certificate) checkIssuer(issuer, below, issuer === anchor, this.#rules);
        else checkKey(issuer.publicKey, position, this.#rules.minimumRsaBits);
        verified++;
      }
      position = certificates.length;
      yield* this.#accept(path);
      return undefined;
    } catch (error) {
      if (!(error instanceof CertificateError) || error.reason === "limit") throw error;
      this.#fail(error, verified);
      return position;
    }
  }

  #fail(error: CertificateError, verified: number): void {
    if (this.#failure === undefined || verified > this.#failure.verified) this.#failure = { error, verified };
  }

  *#checkSignature(path: readonly Certificate[], issuer: Certificate | TrustAnchor): Steps<void> {
    const depth = path.length - 1;
    const child = path[depth];
    let answer = this.#answerOf(child, issuer);
    if (answer === undefined) {
      const scheme = schemeOf(child, depth, this.#rules.allowSha1);
      const key = issuer instanceof Certificate ? publicKeyOf(issuer, path.length) : issuer.publicKey;
      this.#budget.spend("signatures", signatureCost(key), depth);
      answer = this.#isSigned(child, key, scheme, path.length);
      const answers = this.#answers.get(child) ?? new Map<string, boolean>();
      this.#answers.set(child, answers.set(keyId(issuer), answer));
      yield;
    }
    if (!answer) throw notSigned(child, issuer, depth);
  }

  #answerOf(child: Certificate, issuer: Certificate | TrustAnchor): boolean | undefined {
    return this.#answers.get(child)?.get(keyId(issuer));
  }

  #isSigned(
    { tbs, signature }: Certificate,
    key: PublicKey,
    scheme: SignatureScheme,
    issuerDepth: number,
  ): boolean {
    try {
      return this.#rules.verifySignature(key, scheme, tbs, signature);
    } catch (cause) {
      throw certificateError(cause, issuerDepth);
    }
  }
}

function bySubject<T extends { readonly subject: Name }>(issuers: readonly T[]): Map<string, T[]> {
  const found = new Map<string, T[]>();
  for (const issuer of issuers) {
    const others = found.get(issuer.subject.key);
    if (others === undefined) found.set(issuer.subject.key, [issuer]);
    else others.push(issuer);
  }
  return found;
}

/** Sorts issuers: those with the key identifier that the child names come first. The identifier is only a hint. */
function likelyFirst<T extends Certificate | TrustAnchor>(issuers: readonly T[], child: Certificate): T[] {
  const rank = (issuer: T): number => ({ same: 0, unknown: 1, other: 2 })[keyIdentifiers(child, issuer)];
  return [...issuers].sort((a, b) => rank(a) - rank(b));
}

/** Compares the key identifier that a certificate names with that of an issuer. */
function keyIdentifiers(
  { extensions }: Certificate,
  issuer: Certificate | TrustAnchor,
): "same" | "other" | "unknown" {
  const wanted = extensions.authorityKeyIdentifier?.keyIdentifier;
  const own = issuer instanceof Certificate ? issuer.extensions.subjectKeyIdentifier : undefined;
  if (wanted === undefined || own === undefined) return "unknown";
  return equalBytes(wanted, own) ? "same" : "other";
}

function isSameEntity(a: Certificate, b: Certificate): boolean {
  return equalBytes(a.spki, b.spki) && a.subject.matches(b.subject);
}

function keyId(issuer: Certificate | TrustAnchor): string {
  return toHex(issuer instanceof Certificate ? issuer.spki : exportPublicKey(issuer.publicKey));
}

function schemeOf(certificate: Certificate, depth: number, allowSha1: boolean): SignatureScheme {
  let scheme: SignatureScheme;
  try {
    scheme = signatureScheme(certificate.signatureAlgorithm);
  } catch (cause) {
    throw certificateError(cause, depth);
  }
  if (scheme.hash === "SHA-1" && !allowSha1) {
    throw new CertificateError("weak", depth, "the certificate is signed with SHA-1");
  }
  return scheme;
}

/** Returns the error. A different key identifier means a CA with a new key under its old name, rather than a forgery. */
function notSigned(child: Certificate, issuer: Certificate | TrustAnchor, depth: number): CertificateError {
  if (keyIdentifiers(child, issuer) === "other") {
    const message = `the issuer of the certificate, ${issuer.subject}, is present only with another key`;
    return new CertificateError("no_path", depth, message);
  }
  return new CertificateError("signature", depth, "the certificate is not signed by its issuer's key");
}

/** Returns the error that names the issuer missing after the longest path. */
function noPath(path: readonly Certificate[]): CertificateError {
  const depth = Math.max(0, path.length - 1);
  const last = path.at(-1);
  const isHere = last === undefined || path.some(({ subject }) => subject.matches(last.issuer));
  const missing = isHere
    ? `${last?.issuer ?? "the issuer"} is not among the roots`
    : `the issuer of ${last.subject}, ${last.issuer}, is missing`;
  return new CertificateError("no_path", depth, `no path leads to a trusted root: ${missing}`);
}
