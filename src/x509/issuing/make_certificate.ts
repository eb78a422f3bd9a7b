/** New certificates put together, signed and read back (RFC 5280 section 4.1). */

import { der, TAG } from "../../asn1/mod.ts";
import { randomBytes } from "../../crypto/random.ts";
import type { RandomBytes } from "../../crypto/random.ts";
import { type Certificate, parseCertificate } from "../certificate/certificate.ts";
import { authorityKeyIdentifier, signatureAlgorithm, signed, subjectKeyIdentifier } from "./encode.ts";
import type { SignatureHash } from "./encode.ts";
import type { PrivateKey } from "../keys/private_key.ts";

/** What every new certificate takes. */
export interface ValidityOptions {
  /** Days of validity from now: 397 by default, 3650 for a CA. */
  readonly days?: number;
  /** The hash function of the signature: SHA-256 by default, with EC keys as strong as the curve; none for Ed25519. */
  readonly hash?: SignatureHash;
  /** The present; the clock by default. */
  readonly now?: Date;
  /** Where the serial number comes from. */
  readonly random?: RandomBytes;
}

/** Who signs: a CA, or the subject itself. */
export interface Issuer {
  readonly key: PrivateKey;
  /** The encoding of its name. */
  readonly name: Uint8Array;
  readonly keyIdentifier: Uint8Array;
  /** The bounds of what it issues, where it has a certificate already. */
  readonly validity?: { readonly notBefore: Date; readonly notAfter: Date };
}

/** Whom a certificate is for. */
export interface CertificateSubject {
  /** The encoding of its name. */
  readonly name: Uint8Array;
  readonly spki: Uint8Array;
  readonly keyIdentifier: Uint8Array;
}

const DAY = 86_400_000;

/** New certificates are valid from so much earlier on, for clocks that are slow. */
const BACKDATING = 3_600_000;

/** All that a certificate can express from 1970 on (RFC 5280 section 4.1.2.5). */
const UNBOUNDED = { notBefore: new Date(0), notAfter: new Date("9999-12-31T23:59:59Z") };

/** Makes a certificate; the key identifiers of subject and issuer are put behind the extensions given. */
export function makeCertificate(
  issuer: Issuer,
  subject: CertificateSubject,
  extensions: readonly Uint8Array[],
  defaultDays: number,
  options: ValidityOptions,
): Certificate {
  const { hash, random = randomBytes } = options;
  const identifiers = [
    subjectKeyIdentifier(subject.keyIdentifier),
    authorityKeyIdentifier(issuer.keyIdentifier),
  ];
  const tbs = der.sequence(
    der.explicit(0, der.integer(2)),
    der.element(TAG.integer, newSerialNumber(random)),
    signatureAlgorithm(issuer.key, hash),
    issuer.name,
    der.sequence(...validity(issuer, defaultDays, options).map(der.time)),
    subject.name,
    subject.spki,
    der.explicit(3, der.sequence(...extensions, ...identifiers)),
  );
  return parseCertificate(signed(tbs, issuer.key, hash));
}

/** 16 bytes with 126 random bits, positive and of one length (RFC 5280 section 4.1.2.2). */
function newSerialNumber(random: RandomBytes): Uint8Array {
  const serial = random(16);
  serial[0] = serial[0] & 0x3f | 0x40;
  return serial;
}

/** Inside the issuer's validity. Days that were asked for and do not fit are refused, those by default are cut. */
function validity(
  issuer: Issuer,
  defaultDays: number,
  options: ValidityOptions,
): [notBefore: Date, notAfter: Date] {
  const { days = defaultDays, now = new Date() } = options;
  const bounds = issuer.validity ?? UNBOUNDED;
  if (!(days > 0)) throw new RangeError("a certificate is valid for more than 0 days");
  if (now < bounds.notBefore || now > bounds.notAfter) {
    throw new RangeError("the CA's certificate is not valid now");
  }
  const notAfter = now.getTime() + days * DAY;
  if (options.days !== undefined && notAfter > bounds.notAfter.getTime()) {
    throw new RangeError(`${days} days reach beyond the end of the issuer's validity`);
  }
  return [
    new Date(Math.max(now.getTime() - BACKDATING, bounds.notBefore.getTime())),
    new Date(Math.min(notAfter, bounds.notAfter.getTime())),
  ];
}
