/** Reasons for revocation (RFC 5280 section 5.3.1). */

import type { DerReader } from "../../asn1/mod.ts";

/** The reason for which a certificate was revoked (RFC 5280 section 5.3.1). */
export type RevocationReason =
  | "keyCompromise"
  | "cACompromise"
  | "affiliationChanged"
  | "superseded"
  | "cessationOfOperation"
  | "certificateHold"
  | "privilegeWithdrawn"
  | "aACompromise";

/** The numbers of the reasons in CRLReason. `unspecified`, 0, is treated as no reason. */
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

/** The CRLReason removeFromCRL: the certificate is no longer revoked. Only delta lists have such entries. */
export const REMOVE_FROM_CRL = 8;

/** All reasons, in the order of their bits in ReasonFlags, from bit 1 on. */
export const REVOCATION_REASONS: readonly RevocationReason[] = Object.keys(
  REASON_NUMBERS,
) as RevocationReason[];

/** Returns the reason with this number, or undefined if the number is 0 (unspecified) or unknown. */
export function reasonByNumber(number: number): RevocationReason | undefined {
  return REVOCATION_REASONS.find((reason) => REASON_NUMBERS[reason] === number);
}

/** Reads ReasonFlags (RFC 5280 section 4.2.1.13). */
export function readReasons(reader: DerReader, tag: number): ReadonlySet<RevocationReason> {
  const bits = reader.namedBits(tag);
  return new Set(REVOCATION_REASONS.filter((_, i) => bits.has(i + 1)));
}
