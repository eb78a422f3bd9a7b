/** Describes certificates, requests, revocation lists and keys, as text and as JSON. */

import { toHex } from "../../bytes.ts";
import type { KeyPair } from "../../crypto/ec/key_agreement.ts";
import { pinOf } from "../../x509/certificate/certificate.ts";
import { describeKey } from "../../x509/certificate/describe.ts";
import { certificateWarnings } from "../../x509/certificate/warnings.ts";
import type {
  Certificate,
  CertificateRequest,
  GeneralName,
  Name,
  PublicKey,
  RevocationList,
} from "../../x509/mod.ts";
import { generalNameText } from "../../x509/names/general_name.ts";
import { nativeKeyText } from "./native_key.ts";

/** Describes a certificate as JSON. */
export function certificateJson(certificate: Certificate): Record<string, unknown> {
  const { subject, issuer, serialNumber, notBefore, notAfter, extensions, fingerprint, pin } = certificate;
  return {
    type: "certificate",
    subject: subject.toString(),
    issuer: issuer.toString(),
    serialNumber: toHex(serialNumber),
    notBefore: notBefore.toISOString(),
    notAfter: notAfter.toISOString(),
    names: namesOf(extensions.subjectAltName),
    ca: extensions.basicConstraints?.ca ?? false,
    fingerprint,
    pin,
    warnings: certificateWarnings(certificate),
  };
}

/** Describes a request as JSON. */
export function requestJson(
  { subject, names, publicKey, spki }: CertificateRequest,
): Record<string, unknown> {
  return {
    type: "request",
    subject: subject.toString(),
    names: namesOf(names),
    key: describeKey(publicKey),
    pin: pinOf(spki),
  };
}

/** Describes a revocation list as JSON. */
export function listJson(
  { issuer, thisUpdate, nextUpdate, number, baseNumber, scope, revoked }: RevocationList,
): Record<string, unknown> {
  return {
    type: "revocation list",
    issuer: issuer.toString(),
    thisUpdate: thisUpdate.toISOString(),
    nextUpdate: nextUpdate?.toISOString(),
    number: number?.toString(),
    baseNumber: baseNumber?.toString(),
    only: scope.only,
    reasons: scope.reasons && [...scope.reasons],
    indirect: scope.indirect || undefined,
    revoked: Array.from(revoked, ({ serialNumber, date, reason, issuer }) => ({
      serialNumber: toHex(serialNumber),
      date: date.toISOString(),
      reason,
      issuer: issuer?.toString(),
    })),
  };
}

/** Describes a key as JSON. */
export function keyJson(type: "private key" | "public key", key: PublicKey): Record<string, unknown> {
  return { type, key: describeKey(key), pin: pinOf(key) };
}

/** Describes an X25519 key as JSON. */
export function nativeKeyJson({ publicKey }: KeyPair): Record<string, unknown> {
  return { type: "private key", key: "X25519", publicKey: nativeKeyText(publicKey) };
}

/** Turns the JSON of the functions above into lines `label: value`; a list takes a line for each entry. */
export function lines(description: Readonly<Record<string, unknown>>): string {
  return Object.entries(description).flatMap(([label, value]) => {
    if (Array.isArray(value)) {
      return [
        `${label}: ${value.length}`,
        ...value.map((entry) => `  ${entryText(entry)}`),
      ];
    }
    return value === undefined ? [] : [`${label}: ${value}`];
  }).join("\n");
}

function entryText(entry: unknown): string {
  return typeof entry === "object" && entry !== null ? Object.values(entry).join("  ") : String(entry);
}

/** Returns alternative names as texts. */
export function namesOf(names: readonly GeneralName[] = []): string[] {
  return names.map(generalNameText);
}

/** Returns the subject, unless it is empty, and the alternative names as texts. */
export function allNames(subject: Name, names?: readonly GeneralName[]): string[] {
  return [...(subject.isEmpty ? [] : [String(subject)]), ...namesOf(names)];
}

/** Returns the day of a date, `2026-11-30`. */
export function day(date: Date): string {
  return date.toISOString().slice(0, 10);
}
