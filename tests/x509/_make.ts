/** Makes certificates with any contents for tests, valid and invalid, with the published test keys. */

import { der } from "../../src/asn1/mod.ts";
import { type RsaPrivateKey, signPkcs1 } from "../../src/crypto/rsa/mod.ts";
import {
  basicConstraints,
  extension,
  keyUsage,
  signatureAlgorithm,
  subjectAltName,
} from "../../src/x509/issuing/encode.ts";
import { EXTENSION_OIDS, type KnownExtensions } from "../../src/x509/certificate/extensions.ts";
import { encodeGeneralName, type GeneralName } from "../../src/x509/names/general_name.ts";
import { Certificate, exportPublicKey, type VerifyOptions } from "../../src/x509/mod.ts";
import { encodeSubject } from "../../src/x509/names/subject.ts";
import { rsa1024 } from "../_kit/keys.ts";

const SHA1_WITH_RSA = der.sequence(der.oid("1.2.840.113549.1.1.5"), der.nul());

/** The contents of a certificate. The default is a plain certificate that is valid in 2025. */
export interface Fields {
  readonly subject: string;
  readonly issuer: string;
  readonly key?: RsaPrivateKey;
  readonly signer?: RsaPrivateKey;
  readonly version?: number;
  readonly serialNumber?: number | bigint;
  readonly notBefore?: string;
  readonly notAfter?: string;
  readonly extensions?: readonly Uint8Array[];
  /** Whether the certificate is signed with SHA-1. */
  readonly sha1?: boolean;
}

/** Options with which these certificates are valid, except for what a test changes. */
export function options(roots: VerifyOptions["roots"], changes: Partial<VerifyOptions> = {}): VerifyOptions {
  return { roots, now: new Date("2025-06-01T00:00:00Z"), minimumRsaBits: 1024, ...changes };
}

/** Makes and signs a certificate. */
export function make(fields: Fields): Certificate {
  const { key = rsa1024, signer = rsa1024, version = 3, serialNumber = 1, extensions = [] } = fields;
  const algorithm = fields.sha1 ? SHA1_WITH_RSA : signatureAlgorithm(signer);
  const tbs = der.sequence(
    ...(version === 1 ? [] : [der.explicit(0, der.integer(version - 1))]),
    der.integer(serialNumber),
    algorithm,
    encodeSubject(fields.issuer),
    der.sequence(
      der.time(new Date(fields.notBefore ?? "2025-01-01T00:00:00Z")),
      der.time(new Date(fields.notAfter ?? "2025-12-31T23:59:59Z")),
    ),
    encodeSubject(fields.subject),
    exportPublicKey({ type: "rsa", n: key.n, e: key.e }),
    ...(extensions.length === 0 ? [] : [der.explicit(3, der.sequence(...extensions))]),
  );
  const signature = signPkcs1(signer, fields.sha1 ? "SHA-1" : "SHA-256", tbs);
  return new Certificate(der.sequence(tbs, algorithm, der.bitString(signature)));
}

/** Makes a certificate of a CA. */
export function makeCa(fields: Fields & { readonly pathLength?: number }): Certificate {
  const extensions = [basicConstraints(true, fields.pathLength), keyUsage(["keyCertSign", "cRLSign"])];
  return make({ ...fields, extensions: [...extensions, ...fields.extensions ?? []] });
}

/** Makes a root. */
export function makeRoot(
  subject: string,
  key: RsaPrivateKey,
  extensions: readonly Uint8Array[] = [],
): Certificate {
  return makeCa({ subject, issuer: subject, key, signer: key, extensions });
}

/** Makes a certificate for the server `host.example`. */
export function makeServer(fields: Omit<Fields, "subject"> & { readonly subject?: string }): Certificate {
  const subject = fields.subject ?? "CN=server";
  const names = san({ type: "dns", value: "host.example" });
  return make({ ...fields, subject, extensions: [names, ...fields.extensions ?? []] });
}

/** subjectAltName. */
export function san(...names: readonly GeneralName[]): Uint8Array {
  return subjectAltName(names, Uint8Array.of(0x30, 1, 0));
}

/** nameConstraints. */
export function nameConstraints(
  permitted: readonly GeneralName[],
  excluded: readonly GeneralName[] = [],
): Uint8Array {
  const subtrees = (number: number, names: readonly GeneralName[]): Uint8Array[] =>
    names.length === 0
      ? []
      : [der.implicit(number, der.sequence(...names.map((name) => der.sequence(encodeGeneralName(name)))))];
  return known("nameConstraints", der.sequence(...subtrees(0, permitted), ...subtrees(1, excluded)), true);
}

/** certificatePolicies. */
export function policies(...oids: readonly string[]): Uint8Array {
  return known("certificatePolicies", der.sequence(...oids.map((oid) => der.sequence(der.oid(oid)))));
}

/** policyMappings, as pairs of the issuer's and the subject's policy. */
export function mappings(...pairs: readonly (readonly [string, string])[]): Uint8Array {
  return known("policyMappings", der.sequence(...pairs.map((pair) => der.sequence(...pair.map(der.oid)))));
}

/** policyConstraints. */
export function policyConstraints(requireExplicitPolicy?: number, inhibitPolicyMapping?: number): Uint8Array {
  const fields: Uint8Array[] = [];
  if (requireExplicitPolicy !== undefined) fields.push(der.implicit(0, der.integer(requireExplicitPolicy)));
  if (inhibitPolicyMapping !== undefined) fields.push(der.implicit(1, der.integer(inhibitPolicyMapping)));
  return known("policyConstraints", der.sequence(...fields), true);
}

/** An extension that the library knows, by its name. */
export function known(name: keyof KnownExtensions, value: Uint8Array, critical = false): Uint8Array {
  return extension(EXTENSION_OIDS[name], critical, value);
}
