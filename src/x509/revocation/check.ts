/** Whether the certificates of a path are revoked, by the lists and OCSP responses at hand (RFC 5280 section 6.3, RFC 6960). */

import { equalBytes } from "../../bytes.ts";
import { CertificateError, ChannelError } from "../../errors.ts";
import type { Budget } from "../path/budget.ts";
import { Certificate } from "../certificate/certificate.ts";
import { encodeGeneralName } from "../names/general_name.ts";
import type { Name } from "../names/name.ts";
import type { CertificateStatus, OcspResponse } from "./ocsp.ts";
import { ID_KP_OCSP_SIGNING } from "../oids.ts";
import type { CandidatePath, PathRules, TrustAnchor } from "../path/builder.ts";
import { exportPublicKey, type PublicKey, subjectKeyBits } from "../keys/public_key.ts";
import type { RevocationList } from "./list.ts";
import { checkForm, checkKey, publicKeyOf } from "../path/rules.ts";
import { verifySignature } from "../keys/signature.ts";
import { signatureScheme } from "../keys/signature_scheme.ts";
import type { Signed } from "../certificate/signed.ts";

/** What is known about revocations. */
export interface RevocationEvidence {
  /** Full lists of the CAs in the path. */
  readonly crls?: readonly RevocationList[];
  /** OCSP responses, as a server staples them. */
  readonly ocspResponses?: readonly OcspResponse[];
}

/** Checks every certificate of a path below its anchor. */
export class RevocationCheck {
  readonly #evidence: RevocationEvidence;
  readonly #rules: PathRules;
  readonly #budget: Budget;

  constructor(evidence: RevocationEvidence, rules: PathRules, budget: Budget) {
    this.#evidence = evidence;
    this.#rules = rules;
    this.#budget = budget;
  }

  /**
   * @throws {CertificateError} `"revoked"`; with `hard`, `"revocation_unknown"` for a certificate that no evidence
   * shows to be good.
   */
  check({ certificates, anchor }: CandidatePath, hard: boolean): void {
    for (const [depth, certificate] of certificates.entries()) {
      const verdict = this.#verdictOf(certificate, issuerOf(certificates[depth + 1] ?? anchor), depth);
      if (verdict.status === "revoked") {
        const reason = verdict.reason === undefined ? "" : ` (${verdict.reason})`;
        throw new CertificateError(
          "revoked",
          depth,
          `the certificate was revoked at ${verdict.since.toISOString()}${reason}`,
        );
      }
      if (hard && verdict.status === "unknown") {
        throw new CertificateError(
          "revocation_unknown",
          depth,
          "nothing shows that the certificate is not revoked",
        );
      }
    }
  }

  /** A revocation counts, wherever it is found. */
  #verdictOf(certificate: Certificate, issuer: Issuer, depth: number): CertificateStatus {
    const verdicts = [
      ...(this.#evidence.crls ?? []).map((list) => this.#byList(certificate, issuer, list, depth)),
      ...(this.#evidence.ocspResponses ?? []).map((response) =>
        this.#byResponse(certificate, issuer, response, depth)
      ),
    ];
    return verdicts.find(({ status }) => status === "revoked") ??
      verdicts.find(({ status }) => status === "good") ?? { status: "unknown" };
  }

  /** RFC 5280 section 6.3.3, for full lists of the certificate's own issuer. */
  #byList(certificate: Certificate, issuer: Issuer, list: RevocationList, depth: number): CertificateStatus {
    const isUsable = list.issuer.matches(certificate.issuer) && issuer.signsLists &&
      this.#isCurrent(list.thisUpdate, list.nextUpdate) && isInScope(certificate, list) &&
      this.#isSigned(list, issuer.publicKey, depth);
    if (!isUsable) return { status: "unknown" };
    const entry = list.find(certificate.serialNumber);
    return entry === undefined
      ? { status: "good" }
      : { status: "revoked", since: entry.date, reason: entry.reason };
  }

  /** RFC 6960 section 3.2. */
  #byResponse(
    certificate: Certificate,
    issuer: Issuer,
    response: OcspResponse,
    depth: number,
  ): CertificateStatus {
    const statuses = response.statusesOf(certificate, issuer.keyBits)
      .filter(({ thisUpdate, nextUpdate }) => this.#isCurrent(thisUpdate, nextUpdate));
    if (statuses.length === 0) return { status: "unknown" };
    const key = this.#responderKey(issuer, response, depth);
    if (key === undefined || !this.#isSigned(response, key, depth)) return { status: "unknown" };
    return statuses.find(({ status }) => status === "revoked") ?? statuses[0];
  }

  /** The issuer's own key, or that of a responder which the issuer itself delegated (RFC 6960 section 4.2.2.2). */
  #responderKey(issuer: Issuer, response: OcspResponse, depth: number): PublicKey | undefined {
    if (response.isFrom(issuer.name, issuer.keyBits)) return issuer.publicKey;
    const delegate = response.certificates.find((certificate) =>
      this.#isDelegate(certificate, issuer, response, depth)
    );
    return delegate?.publicKey;
  }

  #isDelegate(certificate: Certificate, issuer: Issuer, response: OcspResponse, depth: number): boolean {
    const { extendedKeyUsage, keyUsage } = certificate.extensions;
    return isResponder(certificate, response) && certificate.issuer.matches(issuer.name) &&
      extendedKeyUsage?.includes(ID_KP_OCSP_SIGNING) === true &&
      keyUsage?.has("digitalSignature") !== false &&
      this.#isCurrent(certificate.notBefore, certificate.notAfter) &&
      this.#isSigned(certificate, issuer.publicKey, depth) &&
      isSound(certificate, this.#rules.minimumRsaBits);
  }

  /** Evidence without an end could be shown for ever: RFC 5280 section 5.1.2.5 demands one, and so do we of OCSP. */
  #isCurrent(from: Date, to: Date | undefined): boolean {
    return to !== undefined && from <= this.#rules.now && this.#rules.now <= to;
  }

  #isSigned(signed: Signed, key: PublicKey, depth: number): boolean {
    this.#budget.spend("signatures", 1, depth);
    try {
      const scheme = signatureScheme(signed.signatureAlgorithm);
      if (scheme.hash === "SHA-1" && !this.#rules.allowSha1) return false;
      return verifySignature(key, scheme, signed.tbs, signed.signature);
    } catch (error) {
      if (error instanceof ChannelError) return false; // a key or signature of a kind that is not done here
      throw error;
    }
  }
}

/** Who issued a certificate of the path: the next certificate, or the anchor. */
interface Issuer {
  readonly name: Name;
  readonly publicKey: PublicKey;
  readonly keyBits: Uint8Array;
  /** Whether it may sign revocation lists (RFC 5280 section 6.3.3 (f)). */
  readonly signsLists: boolean;
}

function issuerOf(issuer: Certificate | TrustAnchor): Issuer {
  const spki = issuer instanceof Certificate ? issuer.spki : exportPublicKey(issuer.publicKey);
  const usage = issuer instanceof Certificate ? issuer.extensions.keyUsage : undefined;
  return {
    name: issuer.subject,
    publicKey: issuer.publicKey,
    keyBits: subjectKeyBits(spki),
    signsLists: usage?.has("cRLSign") !== false,
  };
}

/** RFC 5280 section 6.3.3 (b): whether a list is about the certificate. */
function isInScope({ extensions }: Certificate, { scope }: RevocationList): boolean {
  const isCa = extensions.basicConstraints?.ca === true;
  if (scope.only !== undefined && (scope.only === "ca") !== isCa) return false;
  if (scope.distributionPoint === undefined) return true;
  const named = (extensions.crlDistributionPoints ?? []).flatMap(({ fullName }) => fullName ?? []).map(
    encodeGeneralName,
  );
  return scope.distributionPoint.map(encodeGeneralName).some((name) =>
    named.some((other) => equalBytes(name, other))
  );
}

/** Whether the certificate is for the responder by name or key; one whose key cannot be read is for nobody. */
function isResponder({ subject, spki }: Certificate, response: OcspResponse): boolean {
  try {
    return response.isFrom(subject, subjectKeyBits(spki));
  } catch (error) {
    if (error instanceof ChannelError) return false;
    throw error;
  }
}

/** Whether a delegate keeps the rules of every certificate: no unknown critical extension, no weak key. */
function isSound(certificate: Certificate, minimumRsaBits: number): boolean {
  try {
    checkForm(certificate, 0);
    checkKey(publicKeyOf(certificate, 0), 0, minimumRsaBits);
    return true;
  } catch (error) {
    if (error instanceof CertificateError) return false;
    throw error;
  }
}
