/** Evidence about revocations, and whether it is current. */

import type { Certificate } from "../certificate/certificate.ts";
import type { RevocationReason } from "../certificate/revocation_reason.ts";
import type { PathRules } from "../path/builder.ts";
import type { RevocationList } from "./list.ts";
import type { OcspResponse } from "./ocsp.ts";

/** Evidence about revocations. */
export interface RevocationEvidence {
  /** Lists of the CAs in the path, or indirect lists for them; full lists, and delta lists. */
  readonly crls?: readonly RevocationList[];
  /** OCSP responses, as a server staples them. */
  readonly ocspResponses?: readonly OcspResponse[];
  /**
   * Certificates of signers of lists that are not in the path: a CA's new key, or the issuer of an indirect list. They are not
   * trusted: a path must lead from them to the same root.
   */
  readonly crlIssuers?: readonly Certificate[];
  /**
   * How long evidence without a `nextUpdate` shows a certificate to be good, in days from its `thisUpdate`; 7 by default.
   */
  readonly maximumAgeDays?: number;
}

/** Signed evidence that a certificate is revoked. */
export interface Revoked {
  readonly since: Date;
  readonly reason: RevocationReason | undefined;
  /** The time of the evidence. */
  readonly thisUpdate: Date;
}

const DAY = 86_400_000;

/**
 * Returns whether evidence is current, so that it can show a certificate to be good. Evidence without a `nextUpdate` is current
 * for `maximumAgeDays`. (A signed revocation counts however old it is.)
 */
export function isCurrent(
  { thisUpdate, nextUpdate }: { readonly thisUpdate: Date; readonly nextUpdate: Date | undefined },
  { maximumAgeDays = 7 }: RevocationEvidence,
  { now }: PathRules,
): boolean {
  const end = nextUpdate?.getTime() ?? thisUpdate.getTime() + maximumAgeDays * DAY;
  return thisUpdate <= now && now.getTime() <= end;
}
