/** Path building: from an end entity to a trust anchor, over every candidate issuer (RFC 4158), in bounded work. */

import { equalBytes, toHex } from "../../bytes.ts";
import { CertificateError } from "../../errors.ts";
import type { Budget } from "./budget.ts";
import { Certificate } from "../certificate/certificate.ts";
import type { NameConstraints } from "../certificate/extensions.ts";
import type { Name } from "../names/name.ts";
import { exportPublicKey, type PublicKey } from "../keys/public_key.ts";
import { certificateError, type CertificateRules, checkIssuer, checkKey, publicKeyOf } from "./rules.ts";
import { type SignatureCheck, type SignatureScheme, signatureScheme } from "../keys/signature_scheme.ts";

/** A key that is trusted to sign certificates under a name (RFC 5280 section 6.1.1 (d)). */
export interface TrustAnchor {
  /** The name that certificates have as their issuer. */
  readonly subject: Name;
  /** The key that signs them. */
  readonly publicKey: PublicKey;
  /** What names are trusted to it; all by default. */
  readonly nameConstraints?: NameConstraints;
}

/** What building paths needs to know. */
export interface PathRules extends CertificateRules {
  /** Verifies the signatures on certificates. */
  readonly verifySignature: SignatureCheck;
  /** Whether SHA-1 will do in a signature. */
  readonly allowSha1: boolean;
  /** How many certificates may stand between the end entity and the trust anchor. */
  readonly maximumIntermediates: number;
}

/** Certificates from the end entity up, each signed by the next, the last by the anchor. */
export interface CandidatePath {
  readonly certificates: readonly Certificate[];
  readonly anchor: Certificate | TrustAnchor;
}

/** Builds paths, best candidates first, until one is accepted. */
export class PathBuilder {
  readonly #anchors: ReadonlyMap<string, readonly (Certificate | TrustAnchor)[]>;
  readonly #untrusted: ReadonlyMap<string, readonly Certificate[]>;
  readonly #rules: PathRules;
  readonly #budget: Budget;
  readonly #accept: (path: CandidatePath) => void;
  /** Signatures verified so far: the answers, by certificate and key. */
  readonly #answers = new Map<Certificate, Map<string, boolean>>();
  #failure: CertificateError | undefined;

  /** `accept` throws a CertificateError for a path that will not do. */
  constructor(
    anchors: readonly (Certificate | TrustAnchor)[],
    untrusted: readonly Certificate[],
    rules: PathRules,
    budget: Budget,
    accept: (path: CandidatePath) => void,
  ) {
    this.#anchors = bySubject(anchors);
    this.#untrusted = bySubject(untrusted);
    this.#rules = rules;
    this.#budget = budget;
    this.#accept = accept;
  }

  /** The first path that is accepted; throws a CertificateError: the first that a path met, else `"no_path"`. */
  build(endEntity: Certificate): CandidatePath {
    const path = this.#extend([endEntity]);
    if (path !== undefined) return path;
    throw this.#failure ??
      new CertificateError("no_path", 0, "no path leads from the certificate to a trusted root");
  }

  #extend(path: readonly Certificate[]): CandidatePath | undefined {
    const child = path[path.length - 1];
    for (const anchor of this.#anchors.get(child.issuer.key) ?? []) {
      const found = this.#attempt(() => this.#finish(path, anchor));
      if (found !== undefined) return found;
    }
    const issuers = this.#untrusted.get(child.issuer.key) ?? [];
    for (const issuer of likelyFirst(issuers, child)) {
      const found = this.#attempt(() => this.#climb(path, issuer));
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** A path that fails is not the end: another may lead up. Work without bound is. */
  #attempt(step: () => CandidatePath | undefined): CandidatePath | undefined {
    this.#budget.spend("candidates");
    try {
      return step();
    } catch (error) {
      if (!(error instanceof CertificateError) || error.reason === "limit") throw error;
      this.#failure ??= error;
      return undefined;
    }
  }

  #finish(path: readonly Certificate[], anchor: Certificate | TrustAnchor): CandidatePath {
    if (anchor instanceof Certificate) checkIssuer(anchor, path, true, this.#rules);
    else checkKey(anchor.publicKey, path.length, this.#rules.minimumRsaBits);
    this.#checkSignature(path, anchor);
    const complete = { certificates: path, anchor };
    this.#accept(complete);
    return complete;
  }

  #climb(path: readonly Certificate[], issuer: Certificate): CandidatePath | undefined {
    // The same subject and key twice is a cycle, whoever signed (RFC 4158 section 5.2).
    if (path.some((certificate) => isSameEntity(certificate, issuer))) return undefined;
    if (!(path.length <= this.#rules.maximumIntermediates)) {
      throw new CertificateError("path_length", path.length, "the path has too many intermediates");
    }
    checkIssuer(issuer, path, false, this.#rules);
    this.#checkSignature(path, issuer);
    return this.#extend([...path, issuer]);
  }

  #checkSignature(path: readonly Certificate[], issuer: Certificate | TrustAnchor): void {
    const depth = path.length - 1;
    const child = path[depth];
    const scheme = schemeOf(child, depth, this.#rules.allowSha1);
    const key = issuer instanceof Certificate ? publicKeyOf(issuer, path.length) : issuer.publicKey;
    const keyId = toHex(issuer instanceof Certificate ? issuer.spki : exportPublicKey(key));
    const answers = this.#answers.get(child) ?? new Map<string, boolean>();
    this.#answers.set(child, answers);
    let answer = answers.get(keyId);
    if (answer === undefined) {
      this.#budget.spend("signatures", 1, depth);
      answer = this.#isSigned(child, key, scheme, path.length);
      answers.set(keyId, answer);
    }
    if (!answer) {
      throw new CertificateError("signature", depth, "the certificate is not signed by its issuer's key");
    }
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

/** Issuers whose key identifier is the one that the child names come first; the identifier is no more than a hint. */
function likelyFirst(issuers: readonly Certificate[], child: Certificate): Certificate[] {
  const wanted = child.extensions.authorityKeyIdentifier?.keyIdentifier;
  const isLikely = ({ extensions }: Certificate): boolean =>
    wanted !== undefined && extensions.subjectKeyIdentifier !== undefined &&
    equalBytes(wanted, extensions.subjectKeyIdentifier);
  return [...issuers.filter(isLikely), ...issuers.filter((issuer) => !isLikely(issuer))];
}

function isSameEntity(a: Certificate, b: Certificate): boolean {
  return equalBytes(a.spki, b.spki) && a.subject.matches(b.subject);
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
