/** Private CAs: a root, and intermediates below it. */

import type { KeyGenerationOptions } from "../../crypto/rsa/mod.ts";
import { checkPrivateKey, generateKey, type KeyType, type PrivateKey } from "../keys/private_key.ts";
import {
  allowedPathLength,
  type CertificateAuthority,
  checkAuthorityName,
  DEFAULT_DAYS,
  issuerOf,
  profileExtensions,
  selfIssuer,
} from "./issue.ts";
import { makeCertificate, type ValidityOptions } from "./make_certificate.ts";
import { nameConstraints, type NameLimits } from "./name_limits.ts";
import type { Subject } from "../names/subject.ts";

/** The options of {@link createCertificateAuthority}. */
export interface AuthorityOptions extends ValidityOptions, KeyGenerationOptions, NameLimits {
  /** The CA's name. */
  readonly subject: Subject;
  /** The CA that issues the new CA's certificate. Without it, the new CA is a root with a self-signed certificate. */
  readonly issuer?: CertificateAuthority;
  /** The CA's private key; a new one by default. */
  readonly key?: PrivateKey;
  /** The type of the new key; `"rsa"` by default. */
  readonly keyType?: KeyType;
  /** How many CAs may follow below this one; by default unlimited for a root, and 0 for other CAs. */
  readonly pathLength?: number;
}

/**
 * Makes a CA: a certificate, and a private key unless `key` is given.
 *
 * @throws {RangeError} If the subject, days, path length or names are invalid, the subject is empty or equal to the
 *   issuer's, or the issuer may not issue CAs.
 * @throws {ChannelError} `"unsupported"` for a key below 2048 bits without `allowWeak`; `"aborted"` if the signal fires.
 *
 * @example
 * ```ts
 * import { createCertificateAuthority } from "@fesa/channel/x509";
 *
 * const root = await createCertificateAuthority({ subject: "CN=My Root,O=Firm" });
 * const intermediate = await createCertificateAuthority({ subject: "CN=My Issuer,O=Firm", issuer: root });
 * if (intermediate.certificate.issuer.toString() !== "CN=My Root,O=Firm") throw new Error("not below the root");
 * ```
 */
export async function createCertificateAuthority(options: AuthorityOptions): Promise<CertificateAuthority> {
  const { subject, issuer } = options;
  const key = options.key ?? await generateKey(options.keyType ?? "rsa", options);
  checkPrivateKey(key, options);
  const self = selfIssuer(key, subject);
  const pathLength = allowedPathLength(options.pathLength, issuer?.certificate);
  const extensions = [...profileExtensions("ca", self.publicKey, pathLength), ...nameConstraints(options)];
  const signer = issuer === undefined ? self : issuerOf(issuer);
  checkAuthorityName(self.name, issuer?.certificate);
  return { key, certificate: makeCertificate(signer, self, extensions, DEFAULT_DAYS.ca, options) };
}
