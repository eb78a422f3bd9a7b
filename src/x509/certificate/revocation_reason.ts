/** Why certificates are revoked (RFC 5280 section 5.3.1). */

import type { DerReader } from "../../asn1/mod.ts";

/** Why a certificate was revoked (RFC 5280 section 5.3.1). */
export type RevocationReason =
  | "keyCompromise"
  | "cACompromise"
  | "affiliationChanged"
  | "superseded"
  | "cessationOfOperation"
  | "certificateHold"
  | "privilegeWithdrawn"
  | "aACompromise";

/** CRLReason: the reasons with their numbers. `unspecified`, 0, is the same as no reason. */
export const REASON_NUMBERS: Readonly<Record<RevocationReason, number>> = {
  keyCompromise: 1,
  cACompromise: 2,
  affiliationChanged: 3,
  superseded: 4,
  cessationOfOperation: 5,
  certificateHold: 6,
  privilegeWithdrawn: 9,
  aACompromise: 10,
};

/** CRLReason removeFromCRL, which only entries of delta lists have: the certificate is no longer revoked. */
export const REMOVE_FROM_CRL = 8;

/** The reasons that can be given, in the order of their bits in ReasonFlags, from bit 1 on. */
export const REVOCATION_REASONS: readonly RevocationReason[] = Object.keys(
  REASON_NUMBERS,
) as RevocationReason[];

/** Returns the reason with this number; undefined for 0, unspecified, and for unknown numbers. */
export function reasonByNumber(number: number): RevocationReason | undefined {
  return REVOCATION_REASONS.find((reason) => REASON_NUMBERS[reason] === number);
}

/** Reads ReasonFlags (RFC 5280 section 4.2.1.13). */
export function readReasons(reader: DerReader, tag: number): ReadonlySet<RevocationReason> {
  const bits = reader.namedBits(tag);
  return new Set(REVOCATION_REASONS.filter((_, i) => bits.has(i + 1)));
}
