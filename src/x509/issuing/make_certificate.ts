/** Encodes and signs new certificates (RFC 5280 section 4.1). */

import { der, TAG } from "../../asn1/mod.ts";
import { randomBytes } from "../../crypto/random.ts";
import type { RandomBytes } from "../../crypto/random.ts";
import { type Certificate, parseCertificate } from "../certificate/certificate.ts";
import { authorityKeyIdentifier, signatureAlgorithm, signed, subjectKeyIdentifier } from "./encode.ts";
import type { SignatureHash } from "./encode.ts";
import type { PrivateKey } from "../keys/private_key.ts";

/** The options of every new certificate. */
export interface ValidityOptions {
  /** Days of validity from now: 397 by default, 3650 for a CA. */
  readonly days?: number;
  /**
   * The hash function of the signature. The default is SHA-256, or for EC keys a hash function as strong as the curve.
   * Ed25519 accepts none.
   */
  readonly hash?: SignatureHash;
  /** The current time; the system clock's by default. */
  readonly now?: Date;
  /** The random generator for the serial number; the platform's by default. */
  readonly random?: RandomBytes;
}

/** The signer: a CA, or the subject itself. */
export interface Issuer {
  readonly key: PrivateKey;
  /** The encoding of its name. */
  readonly name: Uint8Array;
  readonly keyIdentifier: Uint8Array;
  /** The validity of the issuer's certificate, if it has one already. Certificates that it issues must not exceed it. */
  readonly validity?: { readonly notBefore: Date; readonly notAfter: Date };
}

/** The subject of a certificate. */
export interface CertificateSubject {
  /** The encoding of its name. */
  readonly name: Uint8Array;
  readonly spki: Uint8Array;
  readonly keyIdentifier: Uint8Array;
}

const DAY = 86_400_000;

/** How long before now the validity of new certificates begins, in milliseconds, for peers with slow clocks. */
const BACKDATING = 3_600_000;

/**
 * The validity without an issuer's bounds: from 1970 to the last date that a certificate can express (RFC 5280 section
 * 4.1.2.5).
 */
const UNBOUNDED = { notBefore: new Date(0), notAfter: new Date("9999-12-31T23:59:59Z") };

/** Makes a certificate. Adds the key identifiers of the subject and the issuer after the given extensions. */
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

/**
 * Returns 16 bytes with 126 random bits. The number is positive, and its encoding always has the same length (RFC 5280
 * section 4.1.2.2).
 */
function newSerialNumber(random: RandomBytes): Uint8Array {
  const serial = random(16);
  serial[0] = serial[0] & 0x3f | 0x40;
  return serial;
}

/**
 * Returns a validity within the issuer's. A default that does not fit is shortened; explicit `days` that do not fit are
 * refused.
 */
function validity(
  issuer: Issuer,
  defaultDays: number,
  options: ValidityOptions,
): [notBefore: Date, notAfter: Date] {
  const { days = defaultDays, now = new Date() } = options;
  const bounds = issuer.validity ?? UNBOUNDED;
  if (!(days > 0)) throw new RangeError("days must be more than 0");
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
