/** Issues certificate revocation lists (RFC 5280 section 5). */

import { der, encodePem, TAG } from "../../asn1/mod.ts";
import {
  authorityKeyIdentifier,
  extension,
  signatureAlgorithm,
  type SignatureHash,
  signed,
} from "./encode.ts";
import { type CertificateAuthority, issuerOf } from "./issue.ts";
import { ID_CE_CRL_NUMBER, ID_CE_CRL_REASONS } from "../oids.ts";
import { REASON_NUMBERS } from "../certificate/revocation_reason.ts";
import type { Revocation } from "../revocation/list_fields.ts";

/** The largest number that fits in 20 bytes (RFC 5280 section 5.2.3). */
const MAX_NUMBER = 2n ** 159n - 1n;

/** The options of {@link createRevocationList}. */
export interface RevocationListOptions {
  /** The certificates that this CA issued and revoked, in any order. */
  readonly revoked: readonly Revocation[];
  /**
   * The list's number, which must be greater than that of the list before. The default is the current time in milliseconds
   * since 1970, so that no number needs to be stored.
   */
  readonly number?: number | bigint;
  /** Days until the next list is due; 30 by default. */
  readonly days?: number;
  /**
   * The hash function of the signature. The default is SHA-256, or for EC keys a hash function as strong as the curve.
   * Ed25519 accepts none.
   */
  readonly hash?: SignatureHash;
  /**
   * The time of issue (thisUpdate); the system clock's by default. It is not backdated as certificates are, since no
   * revocation in a list may be later than the list. Verifiers whose clocks are behind wait for this time.
   */
  readonly now?: Date;
}

/**
 * Issues a CA's full revocation list, version 2, with the CA's key identifier and a number. Returns it as PEM.
 *
 * @throws {RangeError} If the number or the days are out of range, a serial number is invalid, a certificate is listed twice,
 *   or the CA's certificate does not let its key sign revocation lists.
 * @throws {TypeError} If the CA's key does not match its certificate.
 *
 * @example
 * ```ts
 * import { createCertificateAuthority, createRevocationList } from "@fesa/channel/x509";
 *
 * const authority = await createCertificateAuthority({ subject: "CN=My Root" });
 * const revoked = [{ serialNumber: Uint8Array.of(0x42), date: new Date(), reason: "keyCompromise" }] as const;
 * const pem = createRevocationList(authority, { revoked });
 * ```
 */
export function createRevocationList(
  authority: CertificateAuthority,
  options: RevocationListOptions,
): string {
  const { revoked, days = 30, hash, now = new Date(), number = now.getTime() } = options;
  if (typeof number === "number" && !Number.isSafeInteger(number) || number < 0 || number > MAX_NUMBER) {
    throw new RangeError("number must be 0 or a positive integer of at most 20 bytes");
  }
  if (!(days > 0)) throw new RangeError("days must be more than 0");
  if (!revoked.every(({ serialNumber }) => isSerialNumber(serialNumber))) {
    throw new RangeError("a serial number must be the contents of a non-negative INTEGER");
  }
  if (new Set(revoked.map(({ serialNumber }) => serialNumber.join())).size < revoked.length) {
    throw new RangeError("a certificate is listed twice");
  }
  if (authority.certificate.extensions.keyUsage?.has("cRLSign") === false) {
    throw new RangeError("the CA's certificate does not let its key sign revocation lists");
  }
  const issuer = issuerOf(authority);
  const tbs = der.sequence(
    der.integer(1), // version 2
    signatureAlgorithm(issuer.key, hash),
    issuer.name,
    der.time(now),
    der.time(new Date(now.getTime() + days * 86_400_000)),
    ...(revoked.length === 0 ? [] : [der.sequence(...revoked.map(encodeRevocation))]),
    der.explicit(
      0,
      der.sequence(
        authorityKeyIdentifier(issuer.keyIdentifier),
        extension(ID_CE_CRL_NUMBER, false, der.integer(number)),
      ),
    ),
  );
  return encodePem("X509 CRL", signed(tbs, issuer.key, hash));
}

function encodeRevocation({ serialNumber, date, reason }: Revocation): Uint8Array {
  const extensions = reason === undefined
    ? []
    : [der.sequence(extension(ID_CE_CRL_REASONS, false, der.enumerated(REASON_NUMBERS[reason])))];
  return der.sequence(der.element(TAG.integer, serialNumber), der.time(date), ...extensions);
}

/**
 * Returns whether the bytes encode a non-negative number (RFC 5280 section 4.1.2.2) with no superfluous byte (X.690 section
 * 8.3.2).
 */
function isSerialNumber([first, second = 0x80]: Uint8Array): boolean {
  return first < 0x80 && (first > 0 || second >= 0x80);
}
