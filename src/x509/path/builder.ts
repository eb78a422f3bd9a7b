/**
 * Path building (RFC 4158): tries every candidate issuer between an end entity and a trust anchor, with bounded work.
 *
 * Candidate paths are found by names alone. Only paths that reach an anchor are verified, from the anchor down, so every
 * signature is checked with a key that is already trusted. A peer without a certificate from a CA below the anchor can make
 * the verifier check at most one signature for each certificate that it sends.
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
import type { Steps } from "../steps.ts";

/** A key that is trusted to sign certificates under an issuer's name (RFC 5280 section 6.1.1 (d)). */
export interface TrustAnchor {
  /** The name of the issuer in the certificates that the key signs. */
  readonly subject: Name;
  /** The issuer's public key. */
  readonly publicKey: PublicKey;
  /** The names for which the key is trusted; all by default. */
  readonly nameConstraints?: NameConstraints;
}

/** The rules for building paths. */
export interface PathRules extends CertificateRules {
  /** Verifies the signatures on certificates. */
  readonly verifySignature: SignatureCheck;
  /** Whether signatures with SHA-1 are accepted. */
  readonly allowSha1: boolean;
  /** How many certificates may be between the end entity and the trust anchor. */
  readonly maximumIntermediates: number;
}

/** A path: certificates from the end entity up, each issued by the next one, and the last one by the anchor. */
export interface CandidatePath {
  readonly certificates: readonly Certificate[];
  readonly anchor: Certificate | TrustAnchor;
}

/**
 * The reason why a path was refused. If several paths are refused, the failure of the path that was verified furthest is
 * reported.
 */
interface Failure {
  readonly error: CertificateError;
  /** How many steps of the path, from the anchor down, were found valid. */
  readonly verified: number;
}

/** Builds paths, the best candidates first, until one is accepted. */
export class PathBuilder {
  readonly #anchors: ReadonlyMap<string, readonly (Certificate | TrustAnchor)[]>;
  readonly #untrusted: ReadonlyMap<string, readonly Certificate[]>;
  readonly #rules: PathRules;
  readonly #budget: Budget;
  readonly #accept: (path: CandidatePath) => Steps<void>;
  /** The results of the signatures verified so far, by certificate and key. */
  readonly #signatureResults = new Map<Certificate, Map<string, boolean>>();
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

  /** Returns the first path that is accepted. If there is none, throws the most useful CertificateError. */
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
   * Yields every path from the given certificates to an anchor, by names alone. The caller passes back the position at which
   * the path failed. The generator then skips all other paths with the same certificates up to that position.
   */
  *#candidates(path: readonly Certificate[]): Generator<CandidatePath, number, number> {
    const child = path[path.length - 1];
    let isDeadEnd = true;
    const anchors = likelyFirst(this.#anchors.get(child.issuer.key) ?? [], child);
    for (const anchor of anchors) {
      this.#budget.spend("candidates");
      isDeadEnd = false;
      if (this.#signatureResult(child, anchor) === false) continue;
      const failedAt = yield { certificates: path, anchor };
      if (failedAt < path.length) return failedAt;
    }
    const issuers = likelyFirst(this.#untrusted.get(child.issuer.key) ?? [], child);
    for (const issuer of issuers) {
      this.#budget.spend("candidates");
      // A path with the same subject and key twice is a cycle, whichever key signed (RFC 4158 section 5.2).
      if (path.some((certificate) => isSameEntity(certificate, issuer))) continue;
      isDeadEnd = false;
      if (this.#signatureResult(child, issuer) === false) continue;
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

  /**
   * Verifies a path from its anchor down. Returns the position at which it failed, or undefined if it is valid. Throws if
   * the work exceeds its limit.
   */
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
    let isValid = this.#signatureResult(child, issuer);
    if (isValid === undefined) {
      const scheme = schemeOf(child, depth, this.#rules.allowSha1);
      const key = issuer instanceof Certificate ? publicKeyOf(issuer, path.length) : issuer.publicKey;
      this.#budget.spend("signatures", signatureCost(key), depth);
      isValid = this.#isSigned(child, key, scheme, path.length);
      const results = this.#signatureResults.get(child) ?? new Map<string, boolean>();
      this.#signatureResults.set(child, results.set(keyId(issuer), isValid));
      yield;
    }
    if (!isValid) throw notSigned(child, issuer, depth);
  }

  #signatureResult(child: Certificate, issuer: Certificate | TrustAnchor): boolean | undefined {
    return this.#signatureResults.get(child)?.get(keyId(issuer));
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

/** Sorts candidate issuers: those with the child's authority key identifier come first. The identifier is only a hint. */
function likelyFirst<T extends Certificate | TrustAnchor>(issuers: readonly T[], child: Certificate): T[] {
  const rank = (issuer: T): number => ({ same: 0, unknown: 1, other: 2 })[keyIdentifiers(child, issuer)];
  return [...issuers].sort((a, b) => rank(a) - rank(b));
}

/** Compares a certificate's authority key identifier with an issuer's subject key identifier. */
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

/**
 * Returns the error for a wrong signature. If the key identifiers differ, the cause is a CA's new key under its old name,
 * rather than a forgery.
 */
function notSigned(child: Certificate, issuer: Certificate | TrustAnchor, depth: number): CertificateError {
  if (keyIdentifiers(child, issuer) === "other") {
    const message = `the issuer of the certificate, ${issuer.subject}, is present only with another key`;
    return new CertificateError("no_path", depth, message);
  }
  return new CertificateError("signature", depth, "the certificate is not signed by its issuer's key");
}

/** Returns the error for a missing issuer. It names the issuer of the last certificate in the longest path. */
function noPath(path: readonly Certificate[]): CertificateError {
  const depth = Math.max(0, path.length - 1);
  const last = path.at(-1);
  const isHere = last === undefined || path.some(({ subject }) => subject.matches(last.issuer));
  const missing = isHere
    ? `${last?.issuer ?? "the issuer"} is not among the roots`
    : `the issuer of ${last.subject}, ${last.issuer}, is missing`;
  return new CertificateError("no_path", depth, `no path leads to a trusted root: ${missing}`);
}
