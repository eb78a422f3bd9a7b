/** Issuing certificates for requests, by fixed profiles. */

import { checkPublicKey, type KeyBounds } from "../../crypto/rsa/mod.ts";
import { isUsableName, parseAlternativeName } from "../names/alternative_name.ts";
import { Budget } from "../path/budget.ts";
import type { Certificate } from "../certificate/certificate.ts";
import {
  basicConstraints,
  extendedKeyUsage,
  isEmptyName,
  keyIdentifier,
  keyUsage,
  subjectAltName,
} from "./encode.ts";
import { ChannelError } from "../../errors.ts";
import { type GeneralName, generalNameText } from "../names/general_name.ts";
import { parseName } from "../names/name.ts";
import { type Issuer, makeCertificate, type ValidityOptions } from "./make_certificate.ts";
import { checkNameConstraints } from "../path/name_constraints.ts";
import { finish } from "../path/steps.ts";
import { ID_KP_CLIENT_AUTH, ID_KP_SERVER_AUTH } from "../oids.ts";
import { checkPrivateKey, type PrivateKey, publicKeyOf } from "../keys/private_key.ts";
import { exportPublicKey, type PublicKey, samePublicKey } from "../keys/public_key.ts";
import type { CertificateRequest } from "./request.ts";
import { encodeSubject, type Subject } from "../names/subject.ts";

/** A CA: its certificate, and the private key that signs certificates and revocation lists. */
export interface CertificateAuthority {
  /** The CA's certificate. */
  readonly certificate: Certificate;
  /** The private key of that certificate. */
  readonly key: PrivateKey;
}

/** What a new certificate is for: a TLS server, a TLS client, or a CA below its issuer. */
export type CertificateProfile = "server" | "client" | "ca";

/** The options of {@link issueCertificate}. */
export interface IssueOptions extends ValidityOptions {
  /** What the certificate is for; `"server"` by default. */
  readonly profile?: CertificateProfile;
  /** The subject; by default that of the request. */
  readonly subject?: Subject;
  /** The subject alternative names; by default those of the request: `host.example`, `192.0.2.1`, `email:…`, `uri:…`. */
  readonly names?: readonly string[];
  /** For the profile `"ca"`: how many CAs may follow below this one; 0 by default. */
  readonly pathLength?: number;
  /** Also accepts requests with RSA keys of 1024 to 2047 bits. */
  readonly allowWeak?: boolean;
}

/** The default days of validity. Browsers accept no more for a server. */
export const DEFAULT_DAYS: Readonly<Record<CertificateProfile, number>> = {
  server: 397,
  client: 397,
  ca: 3650,
};

/**
 * Issues a certificate for a request, whose signature was checked when it was parsed.
 *
 * The profile alone determines key usage and CA rights: these are not copied from the request. Its alternative names are
 * copied; all of them must be well-formed DNS names, IP addresses, e-mail addresses or URIs. Check them, or give `names`,
 * before you sign somebody else's request. The serial number has 126 random bits. Validity begins an hour ago, for slow clocks,
 * and ends no later than the issuer's: the default is shortened, and `days` that reach beyond it are refused.
 *
 * @throws {RangeError} If the issuer may not issue this, or subject, names or days are invalid.
 * @throws {TypeError} If the authority's key is not that of its certificate.
 * @throws {ChannelError} `"unsupported"` if the key's size is not accepted, or a requested name cannot be certified;
 *   `"malformed"` if a server certificate would have no alternative name.
 * @throws {CertificateError} `"name_constraints"` if the authority's own certificate does not permit a name.
 *
 * @example
 * ```ts
 * import {
 *   createCertificateAuthority,
 *   createCertificateRequest,
 *   generateKey,
 *   issueCertificate,
 *   parseCertificateRequest,
 * } from "@fesa/channel/x509";
 *
 * const authority = await createCertificateAuthority({ subject: "CN=My Root" });
 * const key = await generateKey("p256");
 * const pem = createCertificateRequest(key, { subject: "CN=server.example", names: ["server.example"] }).pem;
 * const certificate = issueCertificate(authority, parseCertificateRequest(pem), { days: 90 });
 * if (certificate.issuer.toString() !== "CN=My Root") throw new Error("another CA issued this");
 * ```
 */
export function issueCertificate(
  authority: CertificateAuthority,
  request: Pick<CertificateRequest, "publicKey" | "spki" | "subject" | "names">,
  options: IssueOptions = {},
): Certificate {
  const { profile = "server" } = options;
  const { publicKey, spki } = request;
  if ("n" in publicKey) checkPublicKey(publicKey, options);
  const subject = options.subject === undefined ? request.subject.der : encodeSubject(options.subject);
  const names = options.names?.map(parseAlternativeName) ?? request.names;
  if (profile !== "ca" && options.pathLength !== undefined) {
    throw new TypeError("only a CA can have a path length");
  }
  if (profile === "ca") checkAuthorityName(subject, authority.certificate);
  const pathLength = profile === "ca"
    ? allowedPathLength(options.pathLength, authority.certificate)
    : undefined;
  const extensions = [
    ...profileExtensions(profile, publicKey, pathLength),
    ...alternativeNames(names, profile, subject),
  ];
  const subjectIdentity = { name: subject, spki, keyIdentifier: keyIdentifier(spki) };
  const certificate = makeCertificate(
    issuerOf(authority),
    subjectIdentity,
    extensions,
    DEFAULT_DAYS[profile],
    options,
  );
  const { nameConstraints } = authority.certificate.extensions;
  if (nameConstraints !== undefined) {
    finish(checkNameConstraints(nameConstraints, certificate, 0, new Budget()));
  }
  return certificate;
}

/** The options of {@link createSelfSignedCertificate}. */
export interface SelfSignedOptions extends ValidityOptions, KeyBounds {
  /** The subject, which is also the issuer. */
  readonly subject: Subject;
  /** Subject alternative names: `host.example`, `192.0.2.1`, `email:…`, `uri:…`. */
  readonly names?: readonly string[];
}

/**
 * Makes a self-signed server certificate. It proves nothing by itself: it carries the key to clients that pin it but do not
 * support raw public keys (RFC 7250).
 *
 * @throws {RangeError} If subject, names or days are invalid.
 * @throws {ChannelError} `"unsupported"` for a key below 2048 bits without `allowWeak`.
 *
 * @example
 * ```ts
 * import { createSelfSignedCertificate, generateKey } from "@fesa/channel/x509";
 *
 * const key = await generateKey("p256");
 * const certificate = createSelfSignedCertificate(key, { subject: "CN=localhost", names: ["localhost"] });
 * console.log(certificate.pin);
 * ```
 */
export function createSelfSignedCertificate(key: PrivateKey, options: SelfSignedOptions): Certificate {
  checkPrivateKey(key, options);
  const names = options.names?.map(parseAlternativeName) ?? [];
  const issuer = selfIssuer(key, options.subject);
  const extensions = profileExtensions("server", issuer.publicKey);
  if (names.length > 0) extensions.push(...alternativeNames(names, "server", issuer.name));
  return makeCertificate(issuer, issuer, extensions, DEFAULT_DAYS.server, options);
}

/** Returns a subject as the issuer of its own certificate. */
export function selfIssuer(
  key: PrivateKey,
  subject: Subject,
): Issuer & { readonly publicKey: PublicKey; readonly spki: Uint8Array } {
  const publicKey = publicKeyOf(key);
  const spki = exportPublicKey(publicKey);
  const name = encodeSubject(subject);
  checkAuthorityName(name);
  return { key, name, publicKey, spki, keyIdentifier: keyIdentifier(spki) };
}

/** Returns the CA as an issuer. Throws if its certificate or key does not allow that. */
export function issuerOf({ certificate, key }: CertificateAuthority): Issuer {
  const { basicConstraints, keyUsage, subjectKeyIdentifier } = certificate.extensions;
  if (!basicConstraints?.ca || keyUsage?.has("keyCertSign") === false) {
    throw new RangeError("the issuer's certificate is not that of a CA");
  }
  if (!samePublicKey(certificate.publicKey, key)) {
    throw new TypeError("the authority's key is not that of its certificate");
  }
  checkAuthorityName(certificate.subject.der);
  return {
    key,
    name: certificate.subject.der,
    keyIdentifier: subjectKeyIdentifier ?? keyIdentifier(certificate.spki),
    validity: certificate,
  };
}

/**
 * Refuses a name that a CA must not have. It must not be empty (RFC 5280 sections 4.1.2.4 and 4.1.2.6). It must not be the
 * issuer's: a self-issued CA would not count in a path's length, and name constraints would not apply to it (section 6.1).
 */
export function checkAuthorityName(name: Uint8Array, issuer?: Certificate): void {
  if (isEmptyName(name)) throw new RangeError("a CA needs a name");
  if (issuer?.subject.matches(parseName(name))) {
    throw new RangeError("a CA must not have the name of its issuer");
  }
}

/** Returns a profile's extensions about the key: basicConstraints, keyUsage and extKeyUsage. */
export function profileExtensions(
  profile: CertificateProfile,
  key: PublicKey,
  pathLength?: number,
): Uint8Array[] {
  switch (profile) {
    case "ca":
      return [basicConstraints(true, pathLength), keyUsage(["keyCertSign", "cRLSign"])];
    case "client":
      return [basicConstraints(false), keyUsage(["digitalSignature"]), extendedKeyUsage([ID_KP_CLIENT_AUTH])];
    case "server":
      // TLS_RSA suites encrypt to the key (RFC 5246 section 7.4.2); other types of key can only sign.
      return [
        basicConstraints(false),
        keyUsage(key.type === "rsa" ? ["digitalSignature", "keyEncipherment"] : ["digitalSignature"]),
        extendedKeyUsage([ID_KP_SERVER_AUTH]),
      ];
  }
}

/**
 * Returns how many CAs may follow below a new one. With an issuer it is 0 by default, and must be less than the issuer's own
 * path length (RFC 5280 section 4.2.1.9). Without an issuer it is unlimited by default.
 */
export function allowedPathLength(asked: number | undefined, issuer?: Certificate): number | undefined {
  if (asked !== undefined && !(Number.isInteger(asked) && asked >= 0)) {
    throw new RangeError("pathLength must be 0 or a positive integer");
  }
  if (issuer === undefined) return asked;
  const length = asked ?? 0;
  if (length >= (issuer.extensions.basicConstraints?.pathLength ?? Infinity)) {
    throw new RangeError("the issuer's path length leaves no room for this CA");
  }
  return length;
}

function alternativeNames(
  names: readonly GeneralName[],
  profile: CertificateProfile,
  subject: Uint8Array,
): Uint8Array[] {
  const wrong = names.find((name) => !isUsableName(name));
  if (wrong !== undefined) {
    throw new ChannelError("unsupported", `this name cannot be certified: ${generalNameText(wrong)}`);
  }
  if (names.length > 0) return [subjectAltName(names, subject)];
  if (profile === "server") {
    throw new ChannelError("malformed", "a server certificate needs an alternative name");
  }
  if (isEmptyName(subject)) {
    throw new ChannelError("malformed", "a certificate needs a subject or an alternative name");
  }
  return [];
}
