/** Issues certificates for requests, with fixed profiles. */

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
import { finish } from "../steps.ts";
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

/** The purpose of a new certificate: a TLS server, a TLS client, or a CA below the issuer. */
export type CertificateProfile = "server" | "client" | "ca";

/** The options of {@link issueCertificate}. */
export interface IssueOptions extends ValidityOptions {
  /** The purpose of the certificate; `"server"` by default. */
  readonly profile?: CertificateProfile;
  /** The subject; by default the subject of the request. */
  readonly subject?: Subject;
  /** The subject alternative names; by default the names in the request: `host.example`, `192.0.2.1`, `email:…`, `uri:…`. */
  readonly names?: readonly string[];
  /** For the profile `"ca"`: how many CAs may follow below this one; 0 by default. */
  readonly pathLength?: number;
  /** Also accepts requests with RSA keys of 1024 to 2047 bits. */
  readonly allowWeak?: boolean;
}

/** The default days of validity. For servers it is the longest validity that browsers accept. */
export const DEFAULT_DAYS: Readonly<Record<CertificateProfile, number>> = {
  server: 397,
  client: 397,
  ca: 3650,
};

/**
 * Issues a certificate for a request, whose signature was checked when it was parsed.
 *
 * The profile alone determines the key usage and whether the subject is a CA; the request has no influence on these. The
 * alternative names of the request are copied; all of them must be well-formed DNS names, IP addresses, e-mail addresses or
 * URIs. Before you sign somebody else's request, check its names or pass your own as `names`. The serial number has 126
 * random bits. The validity begins an hour before now, for peers with slow clocks, and never ends after the issuer's: the
 * default is shortened to fit, and `days` that do not fit are refused.
 *
 * @throws {RangeError} If the issuer may not issue this, or subject, names or days are invalid.
 * @throws {TypeError} If the authority's key does not match its certificate.
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
 * Makes a self-signed server certificate. The certificate proves nothing by itself. It is for clients that pin the key but
 * do not support raw public keys (RFC 7250).
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

/** Returns the issuer of a self-signed certificate, which is the subject itself. */
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

/** Returns the CA as an issuer. Throws if its certificate does not let it issue certificates or its key does not match. */
export function issuerOf({ certificate, key }: CertificateAuthority): Issuer {
  const { basicConstraints, keyUsage, subjectKeyIdentifier } = certificate.extensions;
  if (!basicConstraints?.ca || keyUsage?.has("keyCertSign") === false) {
    throw new RangeError("the issuer's certificate is not a CA certificate");
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
 * Refuses a name that a CA must not have. The name must not be empty (RFC 5280 sections 4.1.2.4 and 4.1.2.6) and must differ
 * from the issuer's: a self-issued CA would not count in a path's length, and name constraints would not apply to it
 * (section 6.1).
 */
export function checkAuthorityName(name: Uint8Array, issuer?: Certificate): void {
  if (isEmptyName(name)) throw new RangeError("a CA needs a name");
  if (issuer?.subject.matches(parseName(name))) {
    throw new RangeError("a CA must not have the name of its issuer");
  }
}

/** Returns the extensions of a profile: basicConstraints, keyUsage and extKeyUsage. */
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
      // TLS_RSA cipher suites encrypt to an RSA key (RFC 5246 section 7.4.2). Other types of key can only sign.
      return [
        basicConstraints(false),
        keyUsage(key.type === "rsa" ? ["digitalSignature", "keyEncipherment"] : ["digitalSignature"]),
        extendedKeyUsage([ID_KP_SERVER_AUTH]),
      ];
  }
}

/**
 * Returns how many CAs may follow below a new one. For a CA with an issuer, the default is 0, and the number must be less
 * than the issuer's path length (RFC 5280 section 4.2.1.9). For a root, the default is unlimited.
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
    throw new ChannelError(
      "malformed",
      "a server certificate needs an alternative name: neither the request nor an option (--san) has one",
    );
  }
  if (isEmptyName(subject)) {
    throw new ChannelError("malformed", "a certificate needs a subject or an alternative name");
  }
  return [];
}
