/** Why certificates are revoked (RFC 5280 section 5.3.1). */

/** The reasons with their numbers. `unspecified` is the same as none, and `removeFromCRL` belongs to delta lists. */
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

/** The reasons that can be given. */
export const REVOCATION_REASONS: readonly RevocationReason[] = Object.keys(
  REASON_NUMBERS,
) as RevocationReason[];

/** One certificate that is not to be trusted any more. */
export interface Revocation {
  /** The certificate's serial number: the contents of its INTEGER, as a Certificate has it. */
  readonly serialNumber: Uint8Array;
  /** Since when. */
  readonly date: Date;
  /** Why, where that is said. */
  readonly reason?: RevocationReason;
}

/** The reason of this number; undefined for 0, unspecified, and for what is no reason in a full list. */
export function reasonByNumber(number: number): RevocationReason | undefined {
  return REVOCATION_REASONS.find((reason) => REASON_NUMBERS[reason] === number);
}
