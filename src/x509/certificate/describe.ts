/** Describes certificates in text for people to read. */

import { toHex } from "../../bytes.ts";
import { bitLength } from "../../bigint.ts";
import { ChannelError } from "../../errors.ts";
import { algorithmName } from "../keys/algorithm.ts";
import type { Certificate } from "./certificate.ts";
import type { DistributionPoint } from "./distribution_point.ts";
import { EXTENSION_OIDS, type KnownExtensions } from "./extensions.ts";
import { generalNameText } from "../names/general_name.ts";
import { ANY_EXTENDED_KEY_USAGE, ID_KP_CLIENT_AUTH, ID_KP_OCSP_SIGNING, ID_KP_SERVER_AUTH } from "../oids.ts";
import { certificateWarnings } from "./warnings.ts";
import type { PublicKey } from "../keys/public_key.ts";

/**
 * Returns a description of the certificate for people to read, in lines of `label: value`. Extensions are indented.
 *
 * @example
 * ```ts
 * import { describeCertificate, parseCertificates } from "@fesa/channel/x509";
 *
 * function print(pem: string): void {
 *   for (const certificate of parseCertificates(pem)) console.log(describeCertificate(certificate));
 * }
 * ```
 */
export function describeCertificate(certificate: Certificate): string {
  return [
    `subject: ${certificate.subject}`,
    `issuer: ${certificate.issuer}`,
    `serial number: ${toHex(certificate.serialNumber)}`,
    `valid: ${instant(certificate.notBefore)} to ${instant(certificate.notAfter)}`,
    `key: ${keyText(certificate)}`,
    `signature: ${algorithmName(certificate.signatureAlgorithm.oid)}`,
    `SHA-256 fingerprint: ${certificate.fingerprint}`,
    `pin: ${certificate.pin}`,
    `version: ${certificate.version}`,
    ...extensionLines(certificate),
    ...certificateWarnings(certificate).map((warning) => `warning: ${warning}`),
  ].join("\n");
}

/** Returns a key's type and size: `RSA 2048 bits`, `P-256`. */
export function describeKey(key: PublicKey): string {
  switch (key.type) {
    case "rsa":
      return `RSA ${bitLength(key.n)} bits`;
    case "rsa-pss":
      return `RSASSA-PSS ${bitLength(key.n)} bits`;
    case "ec":
      return key.curve;
    case "ed25519":
      return "Ed25519";
  }
}

function keyText(certificate: Certificate): string {
  try {
    return describeKey(certificate.publicKey);
  } catch (error) {
    if (error instanceof ChannelError) return error.message;
    throw error;
  }
}

const PURPOSES: ReadonlyMap<string, string> = new Map([
  [ANY_EXTENDED_KEY_USAGE, "any"],
  [ID_KP_SERVER_AUTH, "server"],
  [ID_KP_CLIENT_AUTH, "client"],
  ["1.3.6.1.5.5.7.3.3", "code signing"],
  ["1.3.6.1.5.5.7.3.4", "e-mail"],
  ["1.3.6.1.5.5.7.3.8", "time stamping"],
  [ID_KP_OCSP_SIGNING, "OCSP signing"],
]);

type Describers = {
  readonly [K in keyof KnownExtensions]-?: (value: NonNullable<KnownExtensions[K]>) => string;
};

const DESCRIBERS: Describers = {
  authorityKeyIdentifier: ({ keyIdentifier, issuer }) =>
    [keyIdentifier && toHex(keyIdentifier), ...(issuer ?? []).map(generalNameText)].filter(Boolean).join(
      ", ",
    ),
  subjectKeyIdentifier: toHex,
  keyUsage: (usages) => [...usages].join(", "),
  certificatePolicies: (policies) => policies.join(", "),
  policyMappings: (pairs) => pairs.map((pair) => `${pair.issuerDomain} = ${pair.subjectDomain}`).join(", "),
  subjectAltName: (names) => names.map(generalNameText).join(", "),
  issuerAltName: (names) => names.map(generalNameText).join(", "),
  basicConstraints: ({ ca, pathLength }) =>
    `${ca ? "CA" : "not a CA"}${pathLength === undefined ? "" : `, path length ${pathLength}`}`,
  nameConstraints: ({ permitted, excluded }) =>
    [
      ...permitted.map((name) => `permitted ${generalNameText(name)}`),
      ...excluded.map((name) => `excluded ${generalNameText(name)}`),
    ].join(", "),
  policyConstraints: ({ requireExplicitPolicy, inhibitPolicyMapping }) =>
    `explicit policy after ${requireExplicitPolicy ?? "-"}, no mapping after ${inhibitPolicyMapping ?? "-"}`,
  extendedKeyUsage: (purposes) => purposes.map((purpose) => PURPOSES.get(purpose) ?? purpose).join(", "),
  crlDistributionPoints: pointsText,
  freshestCrl: pointsText,
  inhibitAnyPolicy: (count) => `after ${count}`,
  authorityInfoAccess: (entries) =>
    entries.map(({ method, location }) =>
      `${ACCESS_METHODS.get(method) ?? method} ${generalNameText(location)}`
    ).join(", "),
  tlsFeature: (features) => features.join(", "),
};

const ACCESS_METHODS: ReadonlyMap<string, string> = new Map([
  ["1.3.6.1.5.5.7.48.1", "OCSP"],
  ["1.3.6.1.5.5.7.48.2", "issuer"],
]);

function pointsText(points: readonly DistributionPoint[]): string {
  return points.map(({ fullName = [], relativeName = [], reasons, crlIssuer = [] }) =>
    [
      ...fullName.map(generalNameText),
      ...relativeName.map(({ type, value = "" }) => `relative:${type}=${value}`),
      ...(reasons === undefined ? [] : [`for ${[...reasons].join(" and ")}`]),
      ...crlIssuer.map((name) => `by ${generalNameText(name)}`),
    ].join(" ")
  ).join(", ");
}

function extensionLines({ allExtensions, extensions }: Certificate): string[] {
  return allExtensions.map(({ oid, critical, value }) => {
    const known = NAMES.get(oid);
    const text = known === undefined ? `#${toHex(value)}` : describeValue(known, extensions);
    return `  ${known ?? oid}${critical ? " (critical)" : ""}: ${text}`;
  });
}

const NAMES: ReadonlyMap<string, keyof KnownExtensions> = new Map(
  Object.entries(EXTENSION_OIDS).map(([name, oid]) => [oid, name as keyof KnownExtensions]),
);

function describeValue<K extends keyof KnownExtensions>(name: K, extensions: KnownExtensions): string {
  const describe = DESCRIBERS[name] as (value: KnownExtensions[K]) => string;
  return describe(extensions[name]);
}

function instant(date: Date): string {
  return date.toISOString().replace(".000Z", "Z");
}
