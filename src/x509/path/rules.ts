/** The rules for single certificates of a path (RFC 5280 sections 4 and 6.1). */

import { bitLength } from "../../bigint.ts";
import { CertificateError, type CertificateReason, ChannelError } from "../../errors.ts";
import type { Certificate } from "../certificate/certificate.ts";
import { EXTENSION_OIDS, type KeyUsage } from "../certificate/extensions.ts";
import {
  ANY_EXTENDED_KEY_USAGE,
  ID_KP_CLIENT_AUTH,
  ID_KP_SERVER_AUTH,
  ID_PKIX_OCSP_NOCHECK,
} from "../oids.ts";
import { hasUnknownQualifiers } from "../certificate/policies.ts";
import { type GeneralName, generalNameText } from "../names/general_name.ts";
import type { PublicKey } from "../keys/public_key.ts";
import { matchesName } from "../certificate/matches_name.ts";

/** The use of a key. */
export type Usage = "server" | "client" | "any";

/** The options of verification that apply to single certificates. */
export interface CertificateRules {
  /** The time at which the certificates must be valid. */
  readonly now: Date;
  /** The use of the end entity's key. */
  readonly usage: Usage;
  /** The bit that must be set in the end entity's keyUsage, if the end entity has this extension. */
  readonly keyUsage: KeyUsage | undefined;
  /** The name that the end entity must have. */
  readonly serverName: string | undefined;
  /** The shortest RSA modulus that is accepted, in bits. */
  readonly minimumRsaBits: number;
}

/** The key purposes of RFC 5280 section 4.2.1.12. */
const PURPOSES: Readonly<Record<Exclude<Usage, "any">, string>> = {
  server: ID_KP_SERVER_AUTH,
  client: ID_KP_CLIENT_AUTH,
};

/** Extensions that must not be critical (RFC 5280 section 4.2). */
const NEVER_CRITICAL: ReadonlySet<string> = new Set([
  EXTENSION_OIDS.authorityKeyIdentifier,
  EXTENSION_OIDS.subjectKeyIdentifier,
  EXTENSION_OIDS.authorityInfoAccess,
  EXTENSION_OIDS.freshestCrl,
]);

/**
 * The supported extensions. ocsp-nocheck has no effect, because responders' certificates are never checked for revocation.
 */
const KNOWN: ReadonlySet<string> = new Set([...Object.values(EXTENSION_OIDS), ID_PKIX_OCSP_NOCHECK]);

/** The longest serial number, in bytes (RFC 5280 section 4.1.2.2). */
const MAX_SERIAL_LENGTH = 20;

/** Refuses an end entity that violates the rules: throws a CertificateError with depth 0. */
export function checkEndEntity(certificate: Certificate, rules: CertificateRules): void {
  const refuse = refuserOf(0);
  checkForm(certificate, 0);
  checkValidity(certificate, 0, rules.now);
  const { subjectAltName, extendedKeyUsage, nameConstraints, basicConstraints } = certificate.extensions;
  if (certificate.subject.isEmpty && subjectAltName === undefined) {
    refuse("invalid", "has an empty subject and no subjectAltName"); // section 4.2.1.6
  }
  if (nameConstraints !== undefined && !basicConstraints?.ca) {
    refuse("invalid", "has name constraints but is not a CA"); // section 4.2.1.10
  }
  if (rules.serverName !== undefined && !matchesName(certificate, rules.serverName)) {
    refuse(
      "name_mismatch",
      `is not for ${JSON.stringify(rules.serverName)}: it ${namesText(subjectAltName)}`,
    );
  }
  // Section 4.2.1.12 leaves anyExtendedKeyUsage to the application. It is not accepted for servers and clients.
  if (rules.usage !== "any" && extendedKeyUsage?.includes(PURPOSES[rules.usage]) === false) {
    refuse("extended_key_usage", `is not for use as a ${rules.usage}`);
  }
  for (const usage of keyUsagesFor(rules)) {
    if (certificate.extensions.keyUsage?.has(usage) === false) {
      refuse("key_usage", `has a key that is not for ${usage}`);
    }
  }
  checkKey(publicKeyOf(certificate, 0), 0, rules.minimumRsaBits);
}

/** Returns the bits that must be set in the end entity's keyUsage. A client's key must always be able to sign. */
function keyUsagesFor({ usage, keyUsage }: CertificateRules): Set<KeyUsage> {
  const usages = new Set<KeyUsage>(usage === "client" ? ["digitalSignature"] : []);
  if (keyUsage !== undefined) usages.add(keyUsage);
  return usages;
}

/** The most names that an error lists. */
const MAX_LISTED_NAMES = 10;

/** Returns a certificate's names, for the error about a wrong name. */
function namesText(subjectAltName: readonly GeneralName[] | undefined): string {
  if (subjectAltName === undefined) return "has no subjectAltName";
  const listed = subjectAltName.slice(0, MAX_LISTED_NAMES).map((name) => generalNameText(name).slice(0, 260));
  const more = subjectAltName.length - listed.length;
  return `is for ${listed.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

/**
 * Refuses the issuer of a path's last certificate if it violates the rules for CAs: throws a CertificateError. A trust
 * anchor may be a version 1 certificate, which cannot state that it is a CA.
 */
export function checkIssuer(
  issuer: Certificate,
  path: readonly Certificate[],
  isAnchor: boolean,
  rules: CertificateRules,
): void {
  const depth = path.length;
  const refuse = refuserOf(depth);
  checkForm(issuer, depth);
  checkValidity(issuer, depth, rules.now);
  const { basicConstraints, keyUsage, extendedKeyUsage } = issuer.extensions;
  if (issuer.subject.isEmpty) refuse("invalid", "is a CA without a name"); // section 4.1.2.6
  if (!basicConstraints?.ca && !(isAnchor && issuer.version === 1)) refuse("not_a_ca", "is not a CA");
  if (keyUsage?.has("keyCertSign") === false) refuse("key_usage", "is not allowed to sign certificates");
  checkFeatures(issuer, path[depth - 1], depth - 1);
  const intermediates = path.slice(1).filter((certificate) => !certificate.isSelfIssued).length;
  if (intermediates > (basicConstraints?.pathLength ?? Infinity)) {
    refuse("path_length", "does not allow so many intermediates below it");
  }
  // A CA with extendedKeyUsage may issue certificates only for these purposes. RFC 5280 does not require this, but other
  // implementations enforce it.
  if (
    rules.usage !== "any" && extendedKeyUsage !== undefined &&
    !extendedKeyUsage.includes(PURPOSES[rules.usage]) &&
    !extendedKeyUsage.includes(ANY_EXTENDED_KEY_USAGE)
  ) {
    refuse("extended_key_usage", `is not for issuing certificates of a ${rules.usage}`);
  }
  checkKey(publicKeyOf(issuer, depth), depth, rules.minimumRsaBits);
}

/** Refuses a certificate that lacks a TLS feature of its issuer's certificate (RFC 7633 section 4.2.2). */
function checkFeatures(issuer: Certificate, subject: Certificate, depth: number): void {
  const features = subject.extensions.tlsFeature ?? [];
  const missing = issuer.extensions.tlsFeature?.find((feature) => !features.includes(feature));
  if (missing !== undefined) {
    refuserOf(depth)("invalid", `lacks the TLS feature ${missing}, which its issuer's certificate has`);
  }
}

/** Returns the certificate's public key. Throws a CertificateError if its algorithm is not supported. */
export function publicKeyOf(certificate: Certificate, depth: number): PublicKey {
  try {
    return certificate.publicKey;
  } catch (cause) {
    throw certificateError(cause, depth);
  }
}

/** Refuses an RSA key that is too short: throws a CertificateError. */
export function checkKey(key: PublicKey, depth: number, minimumRsaBits: number): void {
  if (key.type !== "rsa" && key.type !== "rsa-pss") return;
  const bits = bitLength(key.n);
  if (!(bits >= minimumRsaBits)) {
    throw new CertificateError("weak", depth, `the certificate has an RSA key of only ${bits} bits`);
  }
}

/** Converts a ChannelError about a certificate to a CertificateError. Returns other errors unchanged. */
export function certificateError(error: unknown, depth: number): unknown {
  if (!(error instanceof ChannelError) || error instanceof CertificateError) return error;
  const reason = error.code === "unsupported" ? "unsupported_algorithm" : "invalid";
  return new CertificateError(reason, depth, error.message, { cause: error });
}

/** Checks the requirements of section 4 that apply to every certificate and that the parser does not check. */
export function checkForm(certificate: Certificate, depth: number): void {
  const refuse = refuserOf(depth);
  if (certificate.issuer.isEmpty) refuse("invalid", "has no issuer"); // section 4.1.2.4
  if (certificate.serialNumber.length > MAX_SERIAL_LENGTH) {
    refuse("invalid", "has a serial number of more than 20 bytes");
  }
  for (const { oid, critical, value } of certificate.allExtensions) {
    if (critical && oid === EXTENSION_OIDS.certificatePolicies && hasUnknownQualifiers(value)) {
      refuse("unknown_critical_extension", "has critical policies with an unknown qualifier"); // section 4.2.1.4
    }
    if (critical && !KNOWN.has(oid)) {
      refuse("unknown_critical_extension", `has an unknown critical extension: ${oid}`);
    }
    if (critical && NEVER_CRITICAL.has(oid)) {
      refuse("invalid", `has an extension that must not be critical: ${oid}`);
    }
  }
}

function checkValidity({ notBefore, notAfter }: Certificate, depth: number, now: Date): void {
  const refuse = refuserOf(depth);
  if (now < notBefore) refuse("not_yet_valid", `is valid only from ${notBefore.toISOString()}`);
  // The validity period includes the second of notAfter (section 4.1.2.5).
  if (now.getTime() >= notAfter.getTime() + 1000) refuse("expired", `expired at ${notAfter.toISOString()}`);
}

function refuserOf(depth: number): (reason: CertificateReason, what: string) => never {
  return (reason, what) => {
    throw new CertificateError(reason, depth, `the ${depth === 0 ? "" : "issuing "}certificate ${what}`);
  };
}
