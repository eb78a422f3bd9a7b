/** Evidence about revocation, and whether it is current. */

import type { Certificate } from "../certificate/certificate.ts";
import type { RevocationReason } from "../certificate/revocation_reason.ts";
import type { PathRules } from "../path/builder.ts";
import type { RevocationList } from "./list.ts";
import type { OcspResponse } from "./ocsp.ts";

/** Evidence about revocation: lists and OCSP responses. */
export interface RevocationEvidence {
  /** The revocation lists of the CAs in the path, full or delta, or indirect lists that cover them. */
  readonly crls?: readonly RevocationList[];
  /** OCSP responses, such as those that a server staples. */
  readonly ocspResponses?: readonly OcspResponse[];
  /**
   * Certificates of list signers that are not in the path: a certificate for a CA's new key, or for the issuer of an
   * indirect list. They are not trusted by themselves; a path must lead from them to the same root.
   */
  readonly crlIssuers?: readonly Certificate[];
  /** How long evidence without a `nextUpdate` is current, in days from its `thisUpdate`; 7 by default. */
  readonly maximumAgeDays?: number;
}

/** A revocation that signed evidence shows. */
export interface Revoked {
  readonly since: Date;
  readonly reason: RevocationReason | undefined;
  /** The time of the evidence. */
  readonly thisUpdate: Date;
}

const DAY = 86_400_000;

/**
 * Returns whether evidence is current. Evidence must be current to show a certificate to be good; a signed revocation of any
 * age counts. Evidence without a `nextUpdate` is current for `maximumAgeDays`.
 */
export function isCurrent(
  { thisUpdate, nextUpdate }: { readonly thisUpdate: Date; readonly nextUpdate: Date | undefined },
  { maximumAgeDays = 7 }: RevocationEvidence,
  { now }: PathRules,
): boolean {
  const end = nextUpdate?.getTime() ?? thisUpdate.getTime() + maximumAgeDays * DAY;
  return thisUpdate <= now && now.getTime() <= end;
}
